"""The time budget for programs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import DestroyModelMixin, ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from maturity.actions import budget as actions
from maturity.budgeting import warnings
from maturity.models import Activity, BudgetedTime, Effort, Line
from maturity.planned import Beside, beside
from maturity.spent import Actual, day_of
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department, Member


class BudgetedTimeSerializer(serializers.ModelSerializer[BudgetedTime]):
    """Hours a week for one activity; department null: the whole organization, member null: whoever does it."""

    hours = serializers.FloatField()

    class Meta:
        model = BudgetedTime
        fields = ("id", "department", "member", "line", "activity", "hours")
        read_only_fields = fields


class NewBudgetSerializer(serializers.Serializer[Any]):
    """The hours of a line; they replace what was planned there before."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    member = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), required=False, allow_null=True)
    line = serializers.ChoiceField(choices=Line.choices)
    hours = serializers.DictField(
        child=serializers.DecimalField(max_digits=5, decimal_places=1, min_value=Decimal(0)),
        help_text=f"By activity: {', '.join(Activity.values)}.",
    )


class SpentHoursSerializer(serializers.Serializer[Actual]):
    """Hours a week by activity, on average of the last whole weeks."""

    hours = serializers.DictField(child=serializers.FloatField())
    total = serializers.FloatField()
    first = serializers.DateField()
    last = serializers.DateField()
    weeks = serializers.IntegerField()


class BesideSerializer(serializers.Serializer[Beside]):
    """Hours a week by activity: as planned, and as spent."""

    level = serializers.CharField(source="plan.level")
    planned = serializers.DictField(child=serializers.FloatField())
    planned_total = serializers.FloatField(source="plan.total")
    people = serializers.IntegerField(source="plan.people", help_text="For how many people by name.")
    spent = SpentHoursSerializer(allow_null=True)
    why_not = serializers.CharField(help_text="Why nothing spent is told; empty where something is.")
    warnings = serializers.SerializerMethodField(help_text="What the model of levels finds wrong with the plan.")

    def get_warnings(self, found: Beside) -> list[str]:
        return warnings(found.plan)


class TimeBudgetViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Hours a week by activity, line, department and person."""

    serializer_class = BudgetedTimeSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read_budget",
        "retrieve": "maturity.read_budget",
        "create": "maturity.set_budget",
        "create_once": "maturity.set_budget",
        "against": "maturity.read_budget",
    }

    def get_queryset(self) -> QuerySet[BudgetedTime]:
        return BudgetedTime.objects.all()

    @extend_schema(
        parameters=[OpenApiParameter("department", int, description="With all below it; without it everything.")],
        responses=BesideSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def against(self, request: Request) -> Response:
        """Hours a week as planned, beside those that were spent, and what is wrong with the plan."""
        department = None
        if key := request.query_params.get("department"):
            rows = Department.objects.select_related("organization")
            department = get_object_or_404(rows, pk=serializers.IntegerField().run_validation(key))
        planned = list(BudgetedTime.objects.of(department))
        found = beside(department, planned, self.member, today=day_of(clock.now()))
        return Response(BesideSerializer(found).data)

    @extend_schema(request=NewBudgetSerializer, responses={201: BudgetedTimeSerializer(many=True)})
    def create_row(self, request: Request) -> Response:
        """Set the hours of a line."""
        said = NewBudgetSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        department = fields.pop("department", None)
        actions.set_budget(department or self.member.organization, **fields, by=self.member, at=clock.now())
        rows = BudgetedTime.objects.filter(
            department=department, member=fields.get("member"), line=fields["line"]
        ).order_by("pk")
        return Response(BudgetedTimeSerializer(rows, many=True).data, status=201)


class EffortSerializer(serializers.ModelSerializer[Effort]):
    """Something that is done today, and what becomes of it."""

    hours = serializers.FloatField()

    class Meta:
        model = Effort
        fields = ("id", "department", "title", "hours", "fate", "note", "noted_at", "noted_by")
        read_only_fields = fields


class NewEffortSerializer(serializers.Serializer[Any]):
    """Something to note; without a department it is the whole organization's."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    title = serializers.CharField(max_length=120)
    hours = serializers.DecimalField(max_digits=5, decimal_places=1, min_value=Decimal(0))
    fate = serializers.ChoiceField(choices=Effort.Fate.choices)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class EffortViewSet(ListModelMixin, RetrieveModelMixin, DestroyModelMixin, ApiViewSet):
    """The efforts of today, and what the new replaces of them."""

    serializer_class = EffortSerializer
    http_method_names = ["get", "post", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read_budget",
        "retrieve": "maturity.read_budget",
        "create": "maturity.set_budget",
        "create_once": "maturity.set_budget",
        "destroy": "maturity.set_budget",
    }

    def get_queryset(self) -> QuerySet[Effort]:
        return Effort.objects.select_related("department")

    @extend_schema(request=NewEffortSerializer, responses={201: EffortSerializer})
    def create_row(self, request: Request) -> Response:
        """Note an effort."""
        said = NewEffortSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        where = fields.pop("department", None) or self.member.organization
        row = actions.note_effort(where, **fields, by=self.member, at=clock.now())
        return Response(EffortSerializer(row).data, status=201)

    def perform_destroy(self, instance: Effort) -> None:
        """Take it off the list."""
        actions.drop_effort(instance, by=self.member, at=clock.now())
