"""Mentions over the API: read the stream, and triage it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import mentions as actions
from listening.api.filters import Filter
from listening.api.posts import PostSerializer
from listening.api.sources import ReasonSerializer
from listening.models import Mention, MentionMatch
from roles import clock
from roles.api.views import ApiViewSet
from roles.keys import LARGEST
from roles.models import Department


class MatchSerializer(serializers.ModelSerializer[MentionMatch]):
    """A query that matched, and where: each span is [“title” or “text”, start, end] in characters."""

    spans = serializers.ListField(child=serializers.ListField(child=serializers.JSONField()), read_only=True)

    class Meta:
        model = MentionMatch
        fields = ("query", "spans")
        read_only_fields = fields


class MentionSerializer(serializers.ModelSerializer[Mention]):
    """A post that concerns the organization."""

    post = PostSerializer(read_only=True)
    queries = serializers.ListField(
        child=serializers.IntegerField(), source="query_ids", read_only=True, help_text="Queries that ever matched it."
    )
    matches = MatchSerializer(many=True, read_only=True)

    class Meta:
        model = Mention
        fields = (
            "id", "post", "network", "source", "channel", "department", "queries", "matches", "state", "captured_at",
            "triaged_at", "triaged_by", "triage_reason",
        )  # fmt: skip
        read_only_fields = fields


class RouteSerializer(serializers.Serializer[Any]):
    """To which department."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all())


class MentionFilter(Filter):
    """Which mentions to list."""

    query = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    network = serializers.CharField(required=False)
    state = serializers.ChoiceField(choices=Mention.State.choices, required=False)
    source = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)  # type: ignore[assignment]
    since = serializers.DateTimeField(required=False, help_text="Captured at this moment or later.")


_NAMES = {"query": "matches__query_id", "since": "captured_at__gte"}


@extend_schema_view(list=extend_schema(parameters=[MentionFilter]))
class MentionViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What concerns us."""

    serializer_class = MentionSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read",
        "retrieve": "listening.read",
        "dismiss": "listening.triage",
        "restore": "listening.triage",
        "route": "listening.triage",
    }

    def get_queryset(self) -> QuerySet[Mention]:
        rows = Mention.objects.select_related("post__author").prefetch_related("matches")
        if self.action != "list":
            return rows
        wanted = MentionFilter.of(self.request)
        return rows.filter(**{_NAMES.get(name, name): value for name, value in wanted.items()})

    @extend_schema(request=ReasonSerializer, responses=MentionSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str | None = None) -> Response:
        """Say that it is not relevant."""
        mention = self.get_object()
        said = ReasonSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.dismiss(mention, **said.validated_data, by=self.member, at=clock.now())
        return self._as_it_is()

    @extend_schema(request=None, responses=MentionSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Put it back into the stream."""
        actions.restore(self.get_object(), by=self.member, at=clock.now())
        return self._as_it_is()

    @extend_schema(request=RouteSerializer, responses=MentionSerializer)
    @action(detail=True, methods=["post"])
    def route(self, request: Request, pk: str | None = None) -> Response:
        """Give it to a department."""
        mention = self.get_object()
        said = RouteSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.route_to(mention, **said.validated_data, by=self.member, at=clock.now())
        return self._as_it_is()

    def _as_it_is(self) -> Response:
        return Response(MentionSerializer(self.get_object()).data)
