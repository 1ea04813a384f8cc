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
from listening.matching import QueryError, parse
from listening.models import TrackingQuery
from listening.refusals import StillUsed
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
