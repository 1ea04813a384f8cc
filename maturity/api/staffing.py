"""The staffing calculator for programs: the same as on the page."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from maturity.staffing_answer import answer
from maturity.staffing_forms import StaffingForm
from roles import clock
from roles.api.views import ApiViewSet


class HourSerializer(serializers.Serializer[Any]):
    """One hour of the week; 0 is Monday from midnight to one."""

    number = serializers.IntegerField()
    arriving = serializers.FloatField()
    to_do = serializers.FloatField(help_text="With what came while it was closed.")
    needed = serializers.IntegerField()
    there = serializers.FloatField()
    state = serializers.ChoiceField(choices=["none", "enough", "tight", "short"])


class StaffingSerializer(serializers.Serializer[Any]):
    """What was measured and assumed, and the 168 hours of the week."""

    of = serializers.ChoiceField(source="side", choices=["outside", "practice"])
    weeks_measured = serializers.IntegerField(source="arrivals.weeks")
    handling_measured_minutes = serializers.FloatField(source="handling.minutes", allow_null=True)
    handling_sample = serializers.IntegerField(source="handling.sample")
    hands_on_minutes = serializers.FloatField(
        source="hands_on.minutes", allow_null=True, default=None, help_text="Time spent on responding for each piece."
    )
    handling_minutes = serializers.FloatField(source="week.assumptions.handling_minutes")
    target_minutes = serializers.FloatField(source="week.assumptions.target_minutes")
    share = serializers.FloatField(source="week.assumptions.share")
    shrinkage = serializers.FloatField(source="week.assumptions.shrinkage")
    factor = serializers.FloatField(source="week.assumptions.factor")
    person_hours_needed = serializers.FloatField(source="week.needed")
    person_hours_committed = serializers.FloatField(source="week.there")
    people_without_hours = serializers.IntegerField(source="committed.without_hours")
    hours = HourSerializer(source="week.hours", many=True)


class StaffingViewSet(ApiViewSet):
    """How many responders each hour of the week needs, beside who is there."""

    serializer_class = StaffingSerializer
    pagination_class = None
    capabilities: ClassVar[dict[str, str]] = {"list": "maturity.plan_staffing"}

    @extend_schema(
        operation_id="staffing_retrieve",
        parameters=[
            OpenApiParameter("department", int),
            OpenApiParameter("handling_minutes", float, description="Without it, as measured."),
            OpenApiParameter("target_minutes", int, description="Without it, as promised."),
            OpenApiParameter("share", int, description="Per cent that is begun within the target."),
            OpenApiParameter("shrinkage", int, description="Per cent of the committed time that is lost."),
            OpenApiParameter("factor", int, description="Volume, in per cent of what is measured."),
        ],
        responses=StaffingSerializer(many=False),
    )
    def list(self, request: Request) -> Response:
        """Plan the week."""
        form = StaffingForm(request.query_params)
        if not form.is_valid():
            raise ValidationError({name: [str(text) for text in said] for name, said in form.errors.items()})
        said = dict(form.cleaned_data)
        return Response(StaffingSerializer(answer(clock.now(), said.pop("department"), **said)).data)
