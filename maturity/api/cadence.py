"""The cadence for programs: what comes, and how it was kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from maturity.actions import cadence as actions
from maturity.keeping import records, told
from maturity.spent import day_of
from roles import clock
from roles.activities import Activity
from roles.api.views import ApiViewSet
from roles.links import outside_address
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


class ReminderSerializer(serializers.Serializer[Any]):
    """How many minutes before each block one is reminded; null: not at all."""

    minutes = serializers.ChoiceField(choices=actions.REMINDERS, allow_null=True)


class FeedSerializer(serializers.Serializer[Any]):
    """The address for a calendar program; it is told this once, and ends the one before."""

    address = serializers.URLField()


class CadenceViewSet(ApiViewSet):
    """One's own cadence, or that of somebody whom one coaches."""

    serializer_class = CadenceSerializer
    pagination_class = None
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.keep_cadence",
        "reminder": "maturity.keep_cadence",
        "make_feed": "maturity.keep_cadence",
        "revoke_feed": "maturity.keep_cadence",
    }

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

    @extend_schema(request=ReminderSerializer, responses=ReminderSerializer)
    @action(detail=False, methods=["post"])
    def reminder(self, request: Request) -> Response:
        """Choose when one is reminded of one's own blocks."""
        said = ReminderSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.set_reminder(self.member, **said.validated_data, by=self.member, at=clock.now())
        return Response(said.data)

    @extend_schema(request=None, responses={201: FeedSerializer})
    @action(detail=False, methods=["post"], url_path="feed")
    def make_feed(self, request: Request) -> Response:
        """Make an address at which a calendar program reads one's own cadence."""
        key = actions.make_feed(self.member, by=self.member, at=clock.now())
        answer = Response({"address": outside_address("maturity:cadence_feed", key)}, status=201)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @extend_schema(request=None, responses={204: None})
    @action(detail=False, methods=["post"], url_path="feed/revoke")
    def revoke_feed(self, request: Request) -> Response:
        """End the address at once."""
        actions.revoke_feed(self.member, by=self.member, at=clock.now())
        return Response(status=204)
