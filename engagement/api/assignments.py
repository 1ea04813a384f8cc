"""Assignments over the API: read them, and do to them what the queue's buttons do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import assignments as actions
from engagement.actions import notes
from engagement.api.conflicts import EngagementViewSet
from engagement.api.shapes import AssignmentSerializer, NoteSerializer
from engagement.models import Assignment, Reply
from listening.api.searching import SEARCH_HELP, Searched
from roles import clock
from roles.keys import key_in
from roles.models import Department, Member


class VersionSerializer(serializers.Serializer[Any]):
    """The version that was read; without it the verb is done whatever happened since."""

    version = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2**31 - 1)


class RecipientSerializer(VersionSerializer):
    """To whom: a member or a department."""

    member = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), required=False, allow_null=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        to = [found for name in ("member", "department") if (found := attrs.pop(name, None)) is not None]
        if len(to) != 1:
            raise serializers.ValidationError("Name one member or one department.")
        return {**attrs, "to": to[0]}


class UntilSerializer(VersionSerializer):
    """Until when it sleeps."""

    until = serializers.DateTimeField()


class OutcomeSerializer(VersionSerializer):
    """How it ended."""

    outcome = serializers.ChoiceField(choices=Assignment.Outcome.choices)


class NewNoteSerializer(serializers.Serializer[Any]):
    """An internal note; it never leaves the house."""

    text = serializers.CharField(max_length=notes.NOTE_LIMIT)


def _verb(request_shape: type[serializers.Serializer[Any]], **more: Any) -> Callable[[Any], Any]:
    def decorate(method: Any) -> Any:
        return extend_schema(request=request_shape, responses=AssignmentSerializer)(
            action(detail=True, methods=["post"], **more)(method)
        )

    return decorate


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=Assignment.State.values),
            OpenApiParameter("member", str, description="A member's id, “me”, or “none” for left-overs."),
            OpenApiParameter("department", int),
            OpenApiParameter("search", str, description=SEARCH_HELP),
        ]
    )
)
class AssignmentViewSet(ListModelMixin, RetrieveModelMixin, Searched, EngagementViewSet):
    """Mentions given to members; those of the departments in which the token's member holds a position."""

    serializer_class = AssignmentSerializer
    post_path = "mention__post"
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.read",
        "retrieve": "engagement.read",
        "claim": "engagement.claim",
        "release": "engagement.release",
        "hand_off": "engagement.hand_off",
        "hand_back": "engagement.hand_off",
        "assign": "engagement.assign",
        "snooze": "engagement.snooze",
        "wake": "engagement.wake",
        "note": "engagement.note",
        "notes": "engagement.read",
        "resolve": "engagement.resolve",
        "reopen": "engagement.reopen",
    }

    def get_queryset(self) -> QuerySet[Assignment]:
        replies = Reply.objects.select_related("by__user", "channel").order_by("pk")
        rows = Assignment.objects.with_mentions().select_related("department__organization")
        rows = rows.prefetch_related(Prefetch("replies", replies))
        if getattr(self, "swagger_fake_view", False):
            return rows
        # One's own hand-off to another department can be taken back.
        rows = rows if self.action == "hand_back" else rows.visible_to(self.member)
        return self._filtered(rows) if self.action == "list" else rows

    def _filtered(self, rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
        asked = self.request.query_params
        if state := asked.get("state"):
            if state not in Assignment.State.values:
                raise ValidationError({"state": [f"One of: {', '.join(Assignment.State.values)}."]})
            rows = rows.filter(state=state)
        if member := asked.get("member"):
            key = self.member.pk if member == "me" else key_in(member)
            if key is None and member != "none":
                raise ValidationError({"member": ["A member's id, “me” or “none”."]})
            rows = rows.filter(member=None if key is None else key)
        if department := asked.get("department"):
            if (place := key_in(department)) is None:
                raise ValidationError({"department": ["A department's id."]})
            rows = rows.filter(department_id=place)
        return rows

    def _do(self, verb: Callable[..., Assignment], shape: type[serializers.Serializer[Any]]) -> Response:
        row = self.get_object()
        said = shape(data=self.request.data)
        said.is_valid(raise_exception=True)
        verb(row, **said.validated_data, by=self.member, at=clock.now())
        # Read again as a whole; what was handed off may be out of the member's sight now.
        self.action = "hand_back"
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)

    @_verb(VersionSerializer)
    def claim(self, request: Request, pk: str | None = None) -> Response:
        """Take an assignment on oneself; 409 names the colleague who was first."""
        return self._do(actions.claim, VersionSerializer)

    @_verb(VersionSerializer)
    def release(self, request: Request, pk: str | None = None) -> Response:
        """Give a claimed assignment back."""
        return self._do(actions.release, VersionSerializer)

    @_verb(RecipientSerializer, url_path="hand-off")
    def hand_off(self, request: Request, pk: str | None = None) -> Response:
        """Give an assignment to a colleague or another department."""
        return self._do(actions.hand_off, RecipientSerializer)

    @_verb(VersionSerializer, url_path="hand-back")
    def hand_back(self, request: Request, pk: str | None = None) -> Response:
        """Take one's own hand-off back, as long as nothing has happened since."""
        return self._do(actions.hand_back, VersionSerializer)

    @_verb(RecipientSerializer)
    def assign(self, request: Request, pk: str | None = None) -> Response:
        """Say by hand who gets it."""
        return self._do(actions.assign, RecipientSerializer)

    @_verb(UntilSerializer)
    def snooze(self, request: Request, pk: str | None = None) -> Response:
        """Put an assignment away until a moment to come."""
        return self._do(actions.snooze, UntilSerializer)

    @_verb(VersionSerializer)
    def wake(self, request: Request, pk: str | None = None) -> Response:
        """Bring a snoozed assignment back."""
        return self._do(actions.wake, VersionSerializer)

    @_verb(OutcomeSerializer)
    def resolve(self, request: Request, pk: str | None = None) -> Response:
        """End an assignment, saying how."""
        return self._do(actions.resolve, OutcomeSerializer)

    @_verb(VersionSerializer)
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        """Take a resolved assignment up again."""
        return self._do(actions.reopen, VersionSerializer)

    @_verb(NewNoteSerializer)
    def note(self, request: Request, pk: str | None = None) -> Response:
        """Keep an internal note."""
        return self.once(request, lambda: self._do(notes.note, NewNoteSerializer))

    @extend_schema(responses=NoteSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def notes(self, request: Request, pk: str | None = None) -> Response:
        """The internal notes, the oldest first."""
        rows = self.get_object().notes.select_related("by__user")
        return Response(NoteSerializer(rows, many=True).data)
