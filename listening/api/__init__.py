"""Listening over the API: sources, posts, mentions, triage, saved filters, tracking queries."""

from __future__ import annotations

from django.utils.module_loading import import_string
from rest_framework.routers import BaseRouter

# By address: the viewset, and what its routes are called.
VIEWSETS = {
    "sources": ("sources.SourceViewSet", "source"),
    "connections": ("connections.ConnectionViewSet", "connection"),
    "networks": ("connections.NetworkViewSet", "network"),
    "posts": ("posts.PostViewSet", "post"),
    "mentions": ("mentions.MentionViewSet", "mention"),
    "corrections": ("judgements.CorrectionViewSet", "correction"),
    "learned-models": ("learned_models.LearnedModelViewSet", "learned-model"),
    "topics": ("topics.TopicViewSet", "topic"),
    "bulk-decisions": ("bulk.BulkDecisionViewSet", "bulk-decision"),
    "saved-filters": ("saved_filters.SavedFilterViewSet", "saved-filter"),
    "columns": ("columns.ColumnViewSet", "column"),
    "tracking-queries": ("queries.TrackingQueryViewSet", "tracking-query"),
    "retention-rules": ("retention.RetentionRuleViewSet", "retention-rule"),
    "insights": ("insights.InsightViewSet", "insight"),
    "briefs": ("insights.BriefViewSet", "brief"),
    "brief-plans": ("insights.BriefPlanViewSet", "brief-plan"),
    "venue-maps": ("venues.VenueMapViewSet", "venue-map"),
    "stories": ("stories.StoryViewSet", "story"),
    "watched-series": ("watched.WatchedSeriesViewSet", "watched-series"),
    "warnings": ("warnings.WarningViewSet", "warning"),
    "inbound-webhooks": ("webhooks.InboundWebhookViewSet", "inbound-webhook"),
    "outbound-webhooks": ("webhooks.OutboundWebhookViewSet", "outbound-webhook"),
    "outbound-events": ("webhooks.OutboundEventViewSet", "outbound-event"),
    "notice-addresses": ("notices.NoticeAddressViewSet", "notice-address"),
    "known-events": ("warnings.KnownEventViewSet", "known-event"),
}


def register(router: BaseRouter) -> None:
    """Add what listening has to the API."""
    for address, (viewset, name) in VIEWSETS.items():
        router.register(address, import_string(f"listening.api.{viewset}"), basename=name)
