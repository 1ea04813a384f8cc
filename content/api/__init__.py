"""Content over the API."""

from __future__ import annotations

from rest_framework.routers import BaseRouter


def register(router: BaseRouter) -> None:
    """Add what content has to the API."""
    from content.api.ideas import IdeaViewSet

    router.register("ideas", IdeaViewSet, basename="idea")
    # Media.
    from content.api.media import MediaViewSet, VariantMediaViewSet

    router.register("media", MediaViewSet, basename="media")
    router.register("variant-media", VariantMediaViewSet, basename="variant-media")
