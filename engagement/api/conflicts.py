"""A refusal of an action is a conflict to a program: 409, with the sentence that a person would read."""

from __future__ import annotations

from rest_framework.response import Response

from engagement.refusals import Refusal
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet


class EngagementViewSet(ApiViewSet):
    """A viewset of engagement."""

    def handle_exception(self, exc: Exception) -> Response:
        """Answer refusals with 409."""
        return super().handle_exception(Conflict(str(exc)) if isinstance(exc, Refusal) else exc)
