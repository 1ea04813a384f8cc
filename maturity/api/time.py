"""Time that was spent, for programs: one's own, that of the people whom one coaches, and totals."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.calendar_days import monday_of
from maturity.actions import time as actions
from maturity.models import TimeEntry
from maturity.spent import actual, day_of, week_of
from maturity.teams import may_see_total
from roles import clock
from roles.activities import Activity
from roles.api.views import ApiViewSet
from roles.models import Department, Member
from roles.permissions import require


class SpentSerializer(serializers.Serializer[Any]):
    """Minutes of one activity on one day: what counts, what was measured, and what was entered."""

    day = serializers.DateField()
    activity = serializers.ChoiceField(choices=Activity.choices)
    minutes = serializers.FloatField()
    measured_minutes = serializers.FloatField()
    is_corrected = serializers.BooleanField()


class SaidSerializer(serializers.Serializer[Any]):
    """How long somebody was at an activity on a day."""

    activity = serializers.ChoiceField(choices=Activity.choices)
    minutes = serializers.FloatField(min_value=0, max_value=1440)
    day = serializers.DateField()


class TotalsSerializer(serializers.Serializer[Any]):
    """Hours a week by activity, on average of the last whole weeks; null where no time is measured yet."""

    hours = serializers.DictField(child=serializers.FloatField())
    first = serializers.DateField()
    last = serializers.DateField()
    weeks = serializers.IntegerField()


class SpentTimeViewSet(ApiViewSet):
    """Time that was spent."""

    serializer_class = SpentSerializer
    pagination_class = None
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.enter_time",
        "create": "maturity.enter_time",
        "create_once": "maturity.enter_time",
        "correct": "maturity.enter_time",
        "totals": "maturity.read_budget",
    }

    @extend_schema(
        parameters=[
            OpenApiParameter("week", date, description="A day of the week; without it this one."),
            OpenApiParameter("member", int, description="Of whom, for their coaches; without it one's own."),
        ],
        responses=SpentSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """The seven days of a week."""
        today = day_of(clock.now())
        day = serializers.DateField().run_validation(request.query_params.get("week", today))
        if abs(day - today) > 2 * actions.KEPT:
            raise serializers.ValidationError({"week": ["A week of the last years."]})
        whose = self.member
        if key := request.query_params.get("member"):
            whose = get_object_or_404(Member.objects.all(), pk=serializers.IntegerField().run_validation(key))
            if whose != self.member:
                require(self.member, "maturity.read_time", whose)
        return Response(SpentSerializer(_rows(whose, monday_of(day)), many=True).data)

    @extend_schema(request=SaidSerializer, responses={201: SpentSerializer})
    def create_row(self, request: Request) -> Response:
        """Enter time that no page could measure."""
        said = self._said(request)
        actions.add_time(self.member, **said, by=self.member, at=clock.now())
        return Response(self._cell(said), status=201)

    @extend_schema(request=SaidSerializer, responses=SpentSerializer)
    @action(detail=False, methods=["post"])
    def correct(self, request: Request) -> Response:
        """Say how long one really was at it."""
        said = self._said(request)
        actions.correct_time(self.member, **said, by=self.member, at=clock.now())
        return Response(self._cell(said))

    @extend_schema(
        parameters=[OpenApiParameter("department", int, description="Of its own people; without it of everybody.")],
        responses=TotalsSerializer,
    )
    @action(detail=False)
    def totals(self, request: Request) -> Response:
        """Hours a week of a team, where they are nobody's own."""
        department = None
        if key := request.query_params.get("department"):
            department = get_object_or_404(Department.objects.all(), pk=serializers.IntegerField().run_validation(key))
        if not may_see_total(self.member, department):
            raise PermissionDenied("So few people work here that a total would be somebody's own time.")
        found = actual(day_of(clock.now()), department)
        return Response(TotalsSerializer(found).data if found else None)

    def _said(self, request: Request) -> dict[str, Any]:
        said = SaidSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return dict(said.validated_data)

    def _cell(self, said: dict[str, Any]) -> Any:
        rows = _rows(self.member, monday_of(said["day"]))
        mine = next(row for row in rows if (row["day"], row["activity"]) == (said["day"], said["activity"]))
        return SpentSerializer(mine).data


class TimeEntrySerializer(serializers.ModelSerializer[TimeEntry]):
    """What one said of one's own time: added to what was measured, or correcting it."""

    class Meta:
        model = TimeEntry
        fields = ("id", "day", "activity", "kind", "seconds", "entered_at")
        read_only_fields = fields


class TimeEntryViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """One's own entries and corrections, the newest first; of nobody else's."""

    serializer_class = TimeEntrySerializer
    http_method_names = ["get", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.enter_time",
        "retrieve": "maturity.enter_time",
        "destroy": "maturity.enter_time",
    }

    def get_queryset(self) -> QuerySet[TimeEntry]:
        if getattr(self, "swagger_fake_view", False):  # made for the schema: nobody asks
            return TimeEntry.objects.none()
        return TimeEntry.objects.filter(member=self.member)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Take it back."""
        actions.take_back_time(self.get_object(), by=self.member, at=clock.now())
        return Response(status=204)


def _rows(whose: Member, monday: date) -> list[dict[str, Any]]:
    return [
        {
            "day": monday + timedelta(days=number),
            "activity": activity.value,
            "minutes": round(cell.seconds / 60, 1),
            "measured_minutes": round(cell.measured / 60, 1),
            "is_corrected": cell.is_corrected,
        }
        for number, line in enumerate(week_of(whose, monday).lines)
        for activity, cell in zip(Activity, line.cells, strict=True)
    ]
