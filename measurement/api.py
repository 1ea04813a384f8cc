"""Figures for programs: the same as on the page."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from measurement.figures import Counts, figures
from measurement.forms import SpanForm
from measurement.windows import Window, zone_of
from roles import clock
from roles.api.views import ApiViewSet
from roles.tenancy import active_organization


class QueryCountSerializer(serializers.Serializer[Any]):
    """Mentions of one tracking query."""

    query = serializers.IntegerField()
    name = serializers.CharField()
    captured = serializers.IntegerField()


class CountsSerializer(serializers.Serializer[Any]):
    """The figures of some days; durations in seconds, shares from 0 to 1, null where there is nothing to divide by."""

    first_day = serializers.DateField(source="window.first")
    last_day = serializers.DateField(source="window.last")
    captured = serializers.IntegerField()
    captured_by_network = serializers.DictField(source="by_network", child=serializers.IntegerField())
    assigned = serializers.IntegerField()
    answered = serializers.IntegerField()
    share_answered = serializers.FloatField(allow_null=True)
    in_time = serializers.IntegerField()
    targets_missed = serializers.IntegerField()
    share_in_time = serializers.FloatField(allow_null=True)
    resolved = serializers.IntegerField()
    first_response_median_seconds = serializers.FloatField(source="median", allow_null=True)
    first_response_p90_seconds = serializers.FloatField(source="p90", allow_null=True)
    business_response_median_seconds = serializers.FloatField(source="business_median", allow_null=True)
    business_response_p90_seconds = serializers.FloatField(source="business_p90", allow_null=True)


class PeriodSerializer(CountsSerializer):
    """The figures of a window, by tracking query too."""

    captured_by_query = serializers.SerializerMethodField()

    @extend_schema(responses=QueryCountSerializer(many=True))
    def get_captured_by_query(self, counts: Counts) -> list[dict[str, Any]]:
        names: dict[int, str] = self.context["query_names"]
        return [
            {"query": pk, "name": names[pk], "captured": captured}
            for pk, captured in counts.by_query.most_common()
            if captured and pk in names
        ]


class FiguresSerializer(serializers.Serializer[Any]):
    """All figures of a window beside those of the window of the same length before it."""

    time_zone = serializers.CharField(source="window.zone.key")
    of = serializers.ChoiceField(source="side", choices=["outside", "practice"])
    computed_at = serializers.DateTimeField(allow_null=True)
    pending_hours = serializers.IntegerField()
    now = PeriodSerializer()
    before = PeriodSerializer()
    steps = CountsSerializer(many=True)
    backlog = serializers.IntegerField()
    overdue = serializers.IntegerField()


class FiguresViewSet(ApiViewSet):
    """All figures of a window in one object: `from` and `to` are days (both included), without them the last 30 days.

    `of` is `outside` or `practice`; without it the outside, if anything was heard there. `steps` are days, or weeks in
    a window of more than 45 days.
    """

    capabilities: ClassVar[dict[str, str]] = {"list": "measurement.read"}
    serializer_class = FiguresSerializer
    pagination_class = None

    @extend_schema(
        operation_id="figures_retrieve",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE),
            OpenApiParameter("to", OpenApiTypes.DATE),
            OpenApiParameter("of", str, enum=["outside", "practice"]),
        ],
        responses=FiguresSerializer(many=False),
    )
    def list(self, request: Request) -> Response:
        """Return the figures."""
        at = clock.now()
        form = SpanForm(request.query_params)
        if not form.is_valid():
            errors = {
                name if name != "__all__" else "non_field_errors": [str(text) for text in said]
                for name, said in form.errors.items()
            }
            raise serializers.ValidationError(errors)
        window = form.window() or Window.up_to(at, days=30, zone=zone_of(active_organization().time_zone))
        found = figures(window, at=at, side=form.cleaned_data["of"] or None)
        return Response(FiguresSerializer(found, context={"query_names": found.query_names}).data)


def register(router: SimpleRouter) -> None:
    """Put the figures under /api/v1/."""
    router.register("figures", FiguresViewSet, basename="figures")
