"""The cadence for programs: what comes, and how it was kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from maturity.keeping import records, told
from maturity.spent import day_of
from roles import clock
from roles.activities import Activity
from roles.api.views import ApiViewSet
from roles.models import Member
from roles.permissions import require


class ComingSerializer(serializers.Serializer[Any]):
    """One block on one day."""

    day = serializers.DateField(source="occurrence.day")
    begins_at = serializers.DateTimeField(source="occurrence.begins_at")
    ends_at = serializers.DateTimeField(source="occurrence.ends_at")
    activity = serializers.ChoiceField(source="occurrence.block.activity", choices=Activity.choices)
    state = serializers.ChoiceField(choices=["kept", "missed", "holiday", "away", "to_come"])


class KeptWeekSerializer(serializers.Serializer[Any]):
    """One week: how many blocks there were to keep, and how many were kept."""

    monday = serializers.DateField()
    due = serializers.IntegerField()
    kept = serializers.IntegerField()


class CadenceSerializer(serializers.Serializer[Any]):
    """The next two weeks, and the last eight."""

    coming = ComingSerializer(many=True)
    weeks = KeptWeekSerializer(many=True)


class CadenceViewSet(ApiViewSet):
    """One's own cadence, or that of somebody whom one coaches."""

    serializer_class = CadenceSerializer
    pagination_class = None
    capabilities: ClassVar[dict[str, str]] = {"list": "maturity.keep_cadence"}

    @extend_schema(
        operation_id="cadence_retrieve",
        parameters=[OpenApiParameter("member", int, description="Of whom, for their coaches; without it one's own.")],
        responses=CadenceSerializer(many=False),
    )
    def list(self, request: Request) -> Response:
        """What comes, and how it was kept."""
        whose, at = self.member, clock.now()
        if key := request.query_params.get("member"):
            whose = get_object_or_404(Member.objects.all(), pk=serializers.IntegerField().run_validation(key))
            if whose != self.member:
                require(self.member, "maturity.read_time", whose)
        today = day_of(at)
        coming = told([whose], today, today + timedelta(days=13), at=at)[whose.pk]
        return Response(CadenceSerializer({"coming": coming, "weeks": records([whose], at=at)[0].weeks}).data)
