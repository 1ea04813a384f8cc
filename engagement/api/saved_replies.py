"""Saved replies over the API: read, fill for an assignment, write, propose, take up and retire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import saved_replies as actions
from engagement.api.conflicts import EngagementViewSet
from engagement.models import Assignment, SavedReply, SavedReplyVersion
from engagement.outcome_figures import outcomes_of
from engagement.saying import suggestions
from listening.models import Topic
from roles import clock
from roles.keys import key_in
from roles.models import Department
from roles.tenancy import active_organization

MOST_SUGGESTED = 20


class SavedReplySerializer(serializers.ModelSerializer[SavedReply]):
    """A text with gaps that is said often."""

    class Meta:
        model = SavedReply
        fields = ("id", "title", "text", "state", "topic", "language", "network", "department", "version", "created_at",
                  "changed_at")  # fmt: skip
        read_only_fields = fields


class NewSavedReplySerializer(serializers.Serializer[Any]):
    """A saved reply to write, or what of it to change."""

    title = serializers.CharField(max_length=120)
    text = serializers.CharField(max_length=4000, help_text="Gaps such as {author} or {author|there} are filled.")
    topic = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), required=False, allow_null=True)
    language = serializers.CharField(max_length=12, required=False, allow_blank=True)
    network = serializers.CharField(max_length=40, required=False, allow_blank=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)


class ChangeSerializer(NewSavedReplySerializer):
    """What to change, and which version was read."""

    seen_version = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)


class VersionSerializer(serializers.ModelSerializer[SavedReplyVersion]):
    """What it said at one time."""

    class Meta:
        model = SavedReplyVersion
        fields = ("number", "title", "text", "written_at")


class OutcomeSerializer(serializers.Serializer[Any]):
    """What came of the replies of the last 90 days that came from it."""

    used = serializers.IntegerField()
    edited = serializers.IntegerField()
    accepted = serializers.IntegerField()
    resolved = serializers.IntegerField()
    reopened = serializers.IntegerField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class SuggestionSerializer(serializers.Serializer[Any]):
    """A saved reply filled for one assignment."""

    id = serializers.IntegerField(source="saved.pk")
    title = serializers.CharField(source="saved.title")
    text = serializers.CharField(source="filled.text", help_text="With the gaps filled.")
    missing = serializers.ListField(child=serializers.CharField(), source="filled.missing")
    score = serializers.FloatField(help_text="How much it has in common with the mention; the higher, the more likely.")
    by_rule = serializers.BooleanField()


@extend_schema_view(
    list=extend_schema(
        parameters=[OpenApiParameter("state", str, enum=SavedReply.State.values), OpenApiParameter("search", str)]
    )
)
class SavedReplyViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What is said often."""

    serializer_class = SavedReplySerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.use_saved_replies",
        "retrieve": "engagement.use_saved_replies",
        "outcome": "engagement.use_saved_replies",
        "versions": "engagement.use_saved_replies",
        "suggest": "engagement.use_saved_replies",
        "create": "engagement.manage_saved_replies",
        "propose": "engagement.propose_saved_reply",
        "partial_update": "engagement.manage_saved_replies",
        "take_up": "engagement.manage_saved_replies",
        "retire": "engagement.manage_saved_replies",
    }

    def get_queryset(self) -> QuerySet[SavedReply]:
        rows = SavedReply.objects.all()
        if self.action != "list":
            return rows.select_related("topic", "department")
        asked = self.request.query_params
        if state := self.asked_for("state", SavedReply.State.values):
            rows = rows.filter(state=state)
        return rows.searched(asked.get("search", ""))

    @extend_schema(request=NewSavedReplySerializer, responses={201: SavedReplySerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a saved reply that is offered at once."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        return self._make(actions.add_saved_reply)

    @extend_schema(request=NewSavedReplySerializer, responses={201: SavedReplySerializer})
    @action(detail=False, methods=["post"])
    def propose(self, request: Request) -> Response:
        """Propose a saved reply; it is offered as soon as a coach takes it up."""
        return self.once(request, lambda: self._make(actions.propose_saved_reply))

    def _make(self, act: Callable[..., SavedReply]) -> Response:
        said = NewSavedReplySerializer(data=self.request.data)
        said.is_valid(raise_exception=True)
        row = act(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(SavedReplySerializer(row).data, status=201)

    @extend_schema(request=ChangeSerializer(partial=True), responses=SavedReplySerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change a saved reply; what it said before is kept as a version."""
        row: SavedReply = self.get_object()
        said = ChangeSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        fields = {"title": row.title, "text": row.text, **said.validated_data}
        version = fields.pop("seen_version", None)
        row = actions.change_saved_reply(row, **fields, version=version, by=self.member, at=clock.now())
        return Response(SavedReplySerializer(row).data)

    @extend_schema(request=None, responses=SavedReplySerializer)
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> Response:
        """Offer a proposed or retired one to everybody."""
        row = actions.take_up_saved_reply(self.get_object(), by=self.member, at=clock.now())
        return Response(SavedReplySerializer(row).data)

    @extend_schema(request=None, responses=SavedReplySerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str | None = None) -> Response:
        """Offer it no more."""
        row = actions.retire_saved_reply(self.get_object(), by=self.member, at=clock.now())
        return Response(SavedReplySerializer(row).data)

    @extend_schema(responses=OutcomeSerializer)
    @action(detail=True, methods=["get"])
    def outcome(self, request: Request, pk: str | None = None) -> Response:
        """How often it was used, changed first, sent, and what came of it."""
        row = self.get_object()
        return Response(OutcomeSerializer(outcomes_of([row.pk], at=clock.now())[row.pk]).data)

    @extend_schema(responses=VersionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, pk: str | None = None) -> Response:
        """What it said before, the newest first."""
        return Response(VersionSerializer(self.get_object().versions.all()[:100], many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("assignment", int, required=True)],
        responses=SuggestionSerializer(many=True), filters=False,
    )  # fmt: skip
    @action(detail=False, methods=["get"], pagination_class=None)
    def suggest(self, request: Request) -> Response:
        """Those that fit an assignment, filled, the most likely first."""
        rows = Assignment.objects.with_mentions().select_related("mention__topic").visible_to(self.member)
        row = get_object_or_404(rows, pk=key_in(request.query_params.get("assignment", "")) or 0)
        return Response(SuggestionSerializer(suggestions(row, self.member, most=MOST_SUGGESTED), many=True).data)
