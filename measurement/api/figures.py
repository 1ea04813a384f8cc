"""Figures for programs: the same as on the page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.forms import Form
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from measurement.api.usual import UsualSerializer
from measurement.counts import Counts
from measurement.exploring import BY, choices, in_weeks, parts
from measurement.figures import Figures, figures
from measurement.forms import SpanForm
from measurement.headlines import USUAL
from measurement.measuring import measure
from measurement.selection_forms import SelectionForm
from measurement.usual import usual
from measurement.windows import Window
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
    unanswered = serializers.IntegerField()
    reopened = serializers.IntegerField()
    negative = serializers.IntegerField()
    neutral = serializers.IntegerField()
    positive = serializers.IntegerField()
    net_sentiment = serializers.FloatField(allow_null=True)
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
    usual = serializers.SerializerMethodField()

    @extend_schema(responses=UsualSerializer(many=True))
    def get_usual(self, _found: Figures) -> Any:
        return UsualSerializer(self.context["usual"], many=True).data


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
        refuse_nonsense(form)
        window = form.window() or Window.up_to(at, days=30, zone=active_organization().zone)
        found = figures(window, at=at, side=form.cleaned_data["of"] or None)
        past = usual(found.selection, USUAL, at=at, viewer=self.member)
        context = {"query_names": found.query_names, "usual": list(past.found.values())}
        return Response(FiguresSerializer(found, context=context).data)


class MetricSerializer(serializers.Serializer[Any]):
    """A metric: what it is, how it is made, and its figure beside another; null where there is nothing to tell."""

    key = serializers.CharField()
    label = serializers.CharField(source="metric.label")  # type: ignore[assignment]
    kind = serializers.CharField(source="metric.kind")
    group = serializers.CharField(source="metric.group")
    unit = serializers.CharField(source="metric.unit")
    formula = serializers.CharField(source="metric.formula")
    counts = serializers.CharField(source="metric.counts")
    denominator = serializers.CharField(source="metric.denominator", allow_blank=True)
    clock = serializers.CharField(source="metric.clock")
    exclusions = serializers.CharField(source="metric.exclusions", allow_blank=True)
    precision = serializers.CharField(source="metric.precision", allow_blank=True)
    source = serializers.CharField(source="metric.source")  # type: ignore[assignment]
    now = serializers.FloatField(allow_null=True)
    before = serializers.FloatField(allow_null=True)
    as_of = serializers.DateTimeField(
        allow_null=True, help_text="When the oldest part of it was looked at, where networks are asked for it."
    )


class PartSerializer(serializers.Serializer[Any]):
    """A part of a split, with its figure and the one beside it.

    `key` tells it apart: a day, a row's key, an hour of the week from 0 (Monday, midnight) to 167, a step's number.
    """

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    now = serializers.FloatField(allow_null=True)
    before = serializers.FloatField(allow_null=True)


_ASKED = [
    OpenApiParameter("from", OpenApiTypes.DATE),
    OpenApiParameter("to", OpenApiTypes.DATE),
    OpenApiParameter("days", int),
    OpenApiParameter("of", str, enum=["outside", "practice"]),
    OpenApiParameter("department", int),
    OpenApiParameter("network", str),
    OpenApiParameter("query", int),
    OpenApiParameter("topic", int),
    OpenApiParameter("campaign", int),
    OpenApiParameter("beside", str, description="`before` (as many days), `year`, or `department-7`."),
    OpenApiParameter("since", OpenApiTypes.DATE, description="Beside as many days from this one."),
]


class MetricsViewSet(ApiViewSet):
    """Every metric with its definition and its figure, as on the page of all figures.

    Shares go from 0 to 1, times are in seconds, a level from 0 (passive) to 3. What is null is not 0.
    """

    capabilities: ClassVar[dict[str, str]] = {"list": "measurement.read", "split": "measurement.read"}
    serializer_class = MetricSerializer
    pagination_class = None

    @extend_schema(operation_id="metrics_list", parameters=_ASKED, responses=MetricSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return all metrics of a selection, beside another."""
        at = clock.now()
        form = SelectionForm.of_address(request.query_params, at=at)
        refuse_nonsense(form)
        selection = form.selection(at)
        found = measure(selection, at=at, beside=form.other(selection), viewer=self.member)
        return Response(MetricSerializer(found.values(), many=True).data)

    @extend_schema(
        operation_id="metrics_split",
        parameters=[*_ASKED, OpenApiParameter("metric", str), OpenApiParameter("by", str, enum=[*BY])],
        responses=PartSerializer(many=True),
    )
    @action(detail=False, methods=["get"])
    def split(self, request: Request) -> Response:
        """Return one metric over time, by what it can be told apart, or how it is spread.

        By hour of the week the newest whole weeks of the days are told, so that each weekday is in them as often.
        """
        at = clock.now()
        form = SelectionForm.of_address(request.query_params, at=at)
        refuse_nonsense(form)
        by, key = request.query_params.get("by", "department"), request.query_params.get("metric", "")
        if key not in choices(by):
            raise serializers.ValidationError({"metric": [_("This metric cannot be broken down that way.")]})
        selection = in_weeks(form.selection(at), by)
        other = form.other(selection) or selection.on(selection.window.before())
        return Response(PartSerializer(parts(key, by, selection, other, at=at, viewer=self.member), many=True).data)


def refuse_nonsense(form: Form) -> None:
    """Refuse filters that make no sense, each with its reason."""
    if form.is_valid():
        return
    errors = {
        name if name != "__all__" else "non_field_errors": [str(text) for text in said]
        for name, said in form.errors.items()
    }
    raise serializers.ValidationError(errors)
