"""Maturity over the API."""

from __future__ import annotations

from rest_framework.routers import BaseRouter

from maturity.api.guidelines import GuidelineViewSet


def register(router: BaseRouter) -> None:
    """Add what maturity has to the API."""
    router.register("guidelines", GuidelineViewSet, basename="guideline")
