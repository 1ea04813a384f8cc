"""Series over the API, and one piece to many."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import series as actions
from content.models import Series
from engagement.api.conflicts import EngagementViewSet
from roles import clock
from roles.models import Department
from roles.tenancy import active_organization


class SeriesSerializer(serializers.ModelSerializer[Series]):
    """Pieces that follow each other under one name."""

    class Meta:
        model = Series
        fields = ("id", "name", "promise", "department", "state", "created_at", "created_by")
        read_only_fields = fields


class ChangedSeriesSerializer(serializers.Serializer[Any]):
    """What it is called, and what its readers may expect."""

    name = serializers.CharField(max_length=120)
    promise = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class NewSeriesSerializer(ChangedSeriesSerializer):
    """A series, in a department or in the whole organization."""

    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.all(), required=False, allow_null=True, default=None
    )


class ContinuedSeriesSerializer(serializers.Serializer[Any]):
    """How the next piece is called; its number, where one is missing."""

    title = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    number = serializers.IntegerField(min_value=1, required=False)


class BegunSerializer(serializers.Serializer[Any]):
    """The piece that was begun."""

    piece = serializers.IntegerField()


class SeriesViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What goes on under one name."""

    serializer_class = SeriesSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "create": "content.manage_campaigns",
        "create_once": "content.manage_campaigns",
        "partial_update": "content.manage_campaigns",
        "end": "content.manage_campaigns",
        "take_up": "content.manage_campaigns",
        "continue_series": "content.write",
    }

    def get_queryset(self) -> QuerySet[Series]:
        return Series.objects.select_related("department")

    @extend_schema(request=NewSeriesSerializer, responses={201: SeriesSerializer})
    def create_row(self, request: Request) -> Response:
        """Begin one."""
        said = NewSeriesSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        where = fields.pop("department") or active_organization()
        row = actions.begin_series(where, **fields, by=self.member, at=clock.now())
        return Response(SeriesSerializer(row).data, status=201)

    @extend_schema(request=ChangedSeriesSerializer, responses=SeriesSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Say what it is called and what its readers may expect."""
        row, now = self.get_object(), ("name", "promise")
        said = ChangedSeriesSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        fields = {name: getattr(row, name) for name in now} | said.validated_data
        changed = actions.change_series(row, **fields, by=self.member, at=clock.now())
        return Response(SeriesSerializer(changed).data)

    @extend_schema(request=None, responses=SeriesSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        """End it."""
        return Response(SeriesSerializer(actions.end_series(self.get_object(), by=self.member, at=clock.now())).data)

    @extend_schema(request=None, responses=SeriesSerializer)
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> Response:
        """Go on with it."""
        row = actions.take_up_series(self.get_object(), by=self.member, at=clock.now())
        return Response(SeriesSerializer(row).data)

    @extend_schema(request=ContinuedSeriesSerializer, responses=BegunSerializer)
    @action(detail=True, methods=["post"], url_path="continue")
    def continue_series(self, request: Request, pk: str | None = None) -> Response:
        """Begin its next piece."""
        said = ContinuedSeriesSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        piece = actions.continue_series(self.get_object(), **said.validated_data, by=self.member, at=clock.now())
        return Response({"piece": piece.pk})
