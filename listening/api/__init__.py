"""Listening over the API: sources, posts, mentions, triage, saved filters, tracking queries."""

from __future__ import annotations

from rest_framework.routers import BaseRouter


def register(router: BaseRouter) -> None:
    """Add what listening has to the API."""
    from listening.api.bulk import BulkDecisionViewSet
    from listening.api.columns import ColumnViewSet
    from listening.api.connections import ConnectionViewSet, NetworkViewSet
    from listening.api.insights import BriefPlanViewSet, BriefViewSet, InsightViewSet
    from listening.api.judgements import CorrectionViewSet
    from listening.api.learned_models import LearnedModelViewSet
    from listening.api.mentions import MentionViewSet
    from listening.api.posts import PostViewSet
    from listening.api.queries import TrackingQueryViewSet
    from listening.api.retention import RetentionRuleViewSet
    from listening.api.saved_filters import SavedFilterViewSet
    from listening.api.sources import SourceViewSet
    from listening.api.stories import StoryViewSet
    from listening.api.topics import TopicViewSet
    from listening.api.venues import VenueMapViewSet
    from listening.api.warnings import KnownEventViewSet, WarningViewSet
    from listening.api.watched import WatchedSeriesViewSet

    router.register("sources", SourceViewSet, basename="source")
    router.register("connections", ConnectionViewSet, basename="connection")
    router.register("networks", NetworkViewSet, basename="network")
    router.register("posts", PostViewSet, basename="post")
    router.register("mentions", MentionViewSet, basename="mention")
    router.register("corrections", CorrectionViewSet, basename="correction")
    router.register("learned-models", LearnedModelViewSet, basename="learned-model")
    router.register("topics", TopicViewSet, basename="topic")
    router.register("bulk-decisions", BulkDecisionViewSet, basename="bulk-decision")
    router.register("saved-filters", SavedFilterViewSet, basename="saved-filter")
    router.register("columns", ColumnViewSet, basename="column")
    router.register("tracking-queries", TrackingQueryViewSet, basename="tracking-query")
    router.register("retention-rules", RetentionRuleViewSet, basename="retention-rule")
    router.register("insights", InsightViewSet, basename="insight")
    router.register("briefs", BriefViewSet, basename="brief")
    router.register("brief-plans", BriefPlanViewSet, basename="brief-plan")
    router.register("venue-maps", VenueMapViewSet, basename="venue-map")
    router.register("stories", StoryViewSet, basename="story")
    router.register("watched-series", WatchedSeriesViewSet, basename="watched-series")
    router.register("warnings", WarningViewSet, basename="warning")
    router.register("known-events", KnownEventViewSet, basename="known-event")
