"""A refusal of an action is a conflict to a program: 409, with the sentence that a person would read."""

from __future__ import annotations

from rest_framework.response import Response

from engagement.refusals import Refusal
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet


class EngagementViewSet(ApiViewSet):
    """A viewset of engagement, or of what lies above it."""

    def handle_exception(self, exc: Exception) -> Response:
        """Answer refusals with 409, and with what others say meanwhile where that is why."""
        if not isinstance(exc, Refusal):
            return super().handle_exception(exc)
        problem = Conflict(str(exc))
        problem.members = getattr(exc, "members", {})  # type: ignore[attr-defined]
        return super().handle_exception(problem)
