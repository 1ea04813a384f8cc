"""Tracking queries over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import queries as actions
from listening.api.posts import PostSerializer
from listening.matching import Query, QueryError, parse
from listening.models import LookBack, TrackingQuery
from listening.refusals import StillUsed
from listening.searching.preview import Preview, preview
from listening.searching.search import TooWide
from roles import clock
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet
from roles.models import Department


class TrackingQuerySerializer(serializers.ModelSerializer[TrackingQuery]):
    """What is listened for, as it was written and in words."""

    reading = serializers.SerializerMethodField(help_text="The expression in words.")

    class Meta:
        model = TrackingQuery
        fields = ("id", "name", "expression", "reading", "department", "is_active", "created_at", "changed_at")
        read_only_fields = fields

    def get_reading(self, query: TrackingQuery) -> str:
        try:
            return parse(query.expression).reading()
        except QueryError as problem:
            return str(problem)


class NewTrackingQuerySerializer(serializers.Serializer[Any]):
    """What to listen for; a wrong expression is refused with `position` and `length` of the place that is wrong."""

    name = serializers.CharField(max_length=120)
    expression = serializers.CharField(max_length=4000, trim_whitespace=False)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    although_wide = serializers.BooleanField(
        required=False, default=False, help_text="Save it although it is so wide that people may drown in its finds."
    )


class ExpressionSerializer(serializers.Serializer[Any]):
    """A query to try; `query` is the one that it would replace, if any."""

    expression = serializers.CharField(max_length=4000, trim_whitespace=False)
    query = serializers.PrimaryKeyRelatedField(queryset=TrackingQuery.objects.all(), required=False, allow_null=True)


class DaySerializer(serializers.Serializer[Any]):
    """How many posts on one day."""

    day = serializers.DateField()
    posts = serializers.IntegerField()


class OverlapSerializer(serializers.Serializer[Any]):
    """Another query that finds some of the same posts."""

    query = serializers.IntegerField()
    posts = serializers.IntegerField()


class SampleSerializer(serializers.Serializer[Any]):
    """One of the newest finds, and where it matched: each span is [“title” or “text”, start, end] in characters."""

    post = PostSerializer()
    spans = serializers.ListField(child=serializers.ListField(child=serializers.JSONField()))


class PreviewSerializer(serializers.Serializer[Any]):
    """What a query would have found in the last 30 days; if `is_sample`, `found` is an estimate within `margin`."""

    reading = serializers.CharField()
    hints = serializers.ListField(child=serializers.CharField())
    since = serializers.DateTimeField()
    came_in = serializers.IntegerField(help_text="All posts that were captured since.")
    found = serializers.IntegerField()
    is_sample = serializers.BooleanField()
    margin = serializers.IntegerField()
    share = serializers.FloatField()
    a_day = serializers.FloatField()
    is_wide = serializers.BooleanField()
    only = serializers.IntegerField(help_text="Posts that no other active query finds.")
    relevant = serializers.FloatField(allow_null=True, help_text="The share of relevant ones in what was decided.")
    states = serializers.DictField(child=serializers.IntegerField())
    days = DaySerializer(many=True)
    overlaps = OverlapSerializer(many=True)
    samples = SampleSerializer(many=True)


class LookBackSerializer(serializers.ModelSerializer[LookBack]):
    """The wish to ask a query of what was captured before, and how far it has come."""

    class Meta:
        model = LookBack
        fields = ("query", "expression", "since", "state", "found", "asked_at", "finished_at")
        read_only_fields = fields


class TrackingQueryViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What we listen for."""

    serializer_class = TrackingQuerySerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read_sources",
        "retrieve": "listening.read_sources",
        "create": "listening.manage_queries",
        "partial_update": "listening.manage_queries",
        "destroy": "listening.manage_queries",
        "pause": "listening.manage_queries",
        "resume": "listening.manage_queries",
        "preview": "listening.manage_queries",
        "look_back": "listening.manage_queries",
    }

    def get_queryset(self) -> QuerySet[TrackingQuery]:
        rows = TrackingQuery.objects.all()
        return rows if self.action == "list" else rows.select_related("department")

    @extend_schema(request=NewTrackingQuerySerializer, responses={201: TrackingQuerySerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Listen for something from now on."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewTrackingQuerySerializer(data=request.data)
        said.is_valid(raise_exception=True)
        query = actions.add_query(**said.validated_data, by=self.member, at=clock.now())
        return Response(TrackingQuerySerializer(query).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NewTrackingQuerySerializer(partial=True), responses=TrackingQuerySerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change a query; it applies from now on."""
        query: TrackingQuery = self.get_object()
        said = NewTrackingQuerySerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        now_so = {name: getattr(query, name) for name in ("name", "expression", "department")}
        changed = actions.change_query(query, **now_so | said.validated_data, by=self.member, at=clock.now())
        return Response(TrackingQuerySerializer(changed).data)

    @extend_schema(request=ExpressionSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Say what a query would have found in the last 30 days; saves nothing."""
        said = ExpressionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            query = parse(said.validated_data["expression"])
            found = preview(query, at=clock.now(), besides=said.validated_data.get("query"))
        except QueryError as problem:
            raise actions.UnreadableQuery(problem) from problem
        except TooWide as problem:
            raise Conflict(str(problem)) from problem
        return Response(PreviewSerializer(_described(query, found)).data)

    @extend_schema(request=None, responses={202: LookBackSerializer})
    @action(detail=True, methods=["post"], url_path="look-back")
    def look_back(self, request: Request, pk: str | None = None) -> Response:
        """Let a query find what was captured in the last 30 days too; workers do it, and `found` grows meanwhile."""
        look = actions.look_back(self.get_object(), by=self.member, at=clock.now())
        return Response(LookBackSerializer(look).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Listen for this no more; what it found stays."""
        try:
            actions.remove_query(self.get_object(), by=self.member, at=clock.now())
        except StillUsed as reason:
            raise Conflict(str(reason)) from reason
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=TrackingQuerySerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str | None = None) -> Response:
        """Stop listening for this."""
        paused = actions.pause_query(self.get_object(), by=self.member, at=clock.now())
        return Response(TrackingQuerySerializer(paused).data)

    @extend_schema(request=None, responses=TrackingQuerySerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str | None = None) -> Response:
        """Listen for this again."""
        resumed = actions.resume_query(self.get_object(), by=self.member, at=clock.now())
        return Response(TrackingQuerySerializer(resumed).data)


def _described(query: Query, found: Preview) -> dict[str, Any]:
    plain = ("since", "came_in", "found", "is_sample", "margin", "share", "a_day", "only", "relevant", "states")
    return {name: getattr(found, name) for name in plain} | {
        "reading": query.reading(),
        "hints": [str(hint) for hint in query.hints],
        "is_wide": found.width.is_wide,
        "days": [{"day": day, "posts": posts} for day, posts in found.days],
        "overlaps": [{"query": overlap.query.pk, "posts": overlap.posts} for overlap in found.overlaps],
        "samples": [{"post": post, "spans": [list(span) for span in spans]} for post, spans in found.samples],
    }
