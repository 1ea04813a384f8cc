"""Watched series over the API: what is counted, how rare a warning is, and putting that back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import warnings as actions
from listening.models import WatchedSeries
from roles import clock
from roles.api.views import ApiViewSet


class WatchedSeriesSerializer(serializers.ModelSerializer[WatchedSeries]):
    """Counts of a query, a topic, or everything that is heard."""

    subject = serializers.CharField(read_only=True)
    once_in_days = serializers.SerializerMethodField(help_text="A warning means: so much comes once in so many days.")
    counts = serializers.SerializerMethodField(
        help_text="The newest, each as [seconds since 1970, count, low, expected, high]."
    )

    class Meta:
        model = WatchedSeries
        fields = ("id", "measure", "query", "topic", "subject", "is_hourly", "begins_at", "once_in_days", "counts")
        read_only_fields = fields

    def get_once_in_days(self, row: WatchedSeries) -> float:
        return round(row.once_in.total_seconds() / 86400, 2)

    def get_counts(self, row: WatchedSeries) -> list[list[float]]:
        found: list[list[float]] = row.recent
        return found


class WatchedSeriesViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What the early warning watches."""

    serializer_class = WatchedSeriesSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read_warnings",
        "retrieve": "listening.read_warnings",
        "tune": "listening.tune_warnings",
    }

    def get_queryset(self) -> QuerySet[WatchedSeries]:
        return WatchedSeries.objects.select_related("query", "topic").defer("detector", "episode")

    @extend_schema(request=None, responses=WatchedSeriesSerializer)
    @action(detail=True, methods=["post"])
    def tune(self, request: Request, pk: str | None = None) -> Response:
        """Let a series warn as it did in the beginning."""
        row: Any = actions.tune(self.get_object(), by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)
