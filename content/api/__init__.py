"""Content over the API."""

from __future__ import annotations

from rest_framework.routers import BaseRouter


def register(router: BaseRouter) -> None:
    """Add what content has to the API."""
    # Reviews.
    from content.api.review_policies import ReviewPolicyViewSet
    from content.api.reviews import ReviewViewSet

    router.register("reviews", ReviewViewSet, basename="review")
    router.register("review-policies", ReviewPolicyViewSet, basename="review-policy")
    # The others.
    from content.api.campaigns import CampaignViewSet
    from content.api.commitments import CommitmentViewSet
    from content.api.ideas import IdeaViewSet
    from content.api.repurposing import RestedPieceViewSet
    from content.api.series import SeriesViewSet
    from content.api.slots import SlotViewSet
    from content.api.writers import WriterViewSet

    router.register("ideas", IdeaViewSet, basename="idea")
    router.register("series", SeriesViewSet, basename="series")
    router.register("writers", WriterViewSet, basename="writer")
    router.register("rested-pieces", RestedPieceViewSet, basename="rested-piece")
    # Media.
    from content.api.media import MediaViewSet, VariantMediaViewSet

    router.register("media", MediaViewSet, basename="media")
    router.register("variant-media", VariantMediaViewSet, basename="variant-media")
    # Pieces and their variants.
    from content.api.comments import CommentViewSet
    from content.api.piece_versions import PieceVersionViewSet
    from content.api.pieces import PieceViewSet
    from content.api.variants import VariantViewSet

    router.register("comments", CommentViewSet, basename="comment")
    router.register("piece-versions", PieceVersionViewSet, basename="piece-version")
    router.register("pieces", PieceViewSet, basename="piece")
    router.register("variants", VariantViewSet, basename="variant")
    # Tracked links.
    from content.api.links import TrackedLinkViewSet

    router.register("tracked-links", TrackedLinkViewSet, basename="tracked-link")
    # Publications and channels.
    from content.api.channels import ChannelViewSet
    from content.api.publications import PublicationViewSet

    router.register("channels", ChannelViewSet, basename="channel")
    router.register("publications", PublicationViewSet, basename="publication")
    router.register("campaigns", CampaignViewSet, basename="campaign")
    router.register("slots", SlotViewSet, basename="slot")
    router.register("cadence-commitments", CommitmentViewSet, basename="cadence-commitment")
