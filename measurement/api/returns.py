"""KPIs, assumptions, the return, and whose voices are compared, over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.models import TrackingQuery
from measurement.actions import returns as actions
from measurement.actions.voices import compare_voices
from measurement.api.figures import refuse_nonsense
from measurement.api.usual import UsualSerializer
from measurement.investing import return_of
from measurement.kpis import standings
from measurement.metrics import METRICS
from measurement.models import Assumption, Kind, Kpi, Voice
from measurement.payback_files import MOST_LINES
from measurement.selection_forms import SelectionForm
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department, Member
from roles.tenancy import active_organization


class KpiSerializer(serializers.ModelSerializer[Kpi]):
    """A metric that matters."""

    class Meta:
        model = Kpi
        fields = (
            "id", "name", "kind", "metric", "target", "department", "owner", "added_at", "added_by", "dropped_at",
        )  # fmt: skip


class SaidKpiSerializer(serializers.Serializer[Any]):
    """A KPI as it is to be; the target in the unit of the metric: a share from 0 to 1, seconds, or a number."""

    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=Kind.choices)
    metric = serializers.ChoiceField(choices=[(key, key) for key in METRICS])
    target = serializers.FloatField()
    owner = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all())


class NewKpiSerializer(SaidKpiSerializer):
    """A new KPI, of the whole or of a department."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)


class KpiStandingSerializer(serializers.Serializer[Any]):
    """Where a KPI stands."""

    kpi = serializers.IntegerField(source="kpi.pk")
    figure = serializers.FloatField(allow_null=True)
    is_reached = serializers.BooleanField(allow_null=True, help_text="Null: there is nothing to judge by.")
    usual = UsualSerializer(allow_null=True)


class KpiViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What we measure ourselves by."""

    serializer_class = KpiSerializer
    http_method_names = ["get", "post", "put", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "measurement.read",
        "retrieve": "measurement.read",
        "standing": "measurement.read",
        "create": "measurement.set_kpis",
        "create_once": "measurement.set_kpis",
        "update": "measurement.set_kpis",
        "drop": "measurement.set_kpis",
        "take_up": "measurement.set_kpis",
    }

    def get_queryset(self) -> QuerySet[Kpi]:
        return Kpi.objects.order_by("pk")

    @extend_schema(request=NewKpiSerializer, responses={201: KpiSerializer})
    def create_row(self, request: Request) -> Response:
        """Say that a metric matters."""
        fields = _read(NewKpiSerializer, request)
        where = fields.pop("department", None) or active_organization()
        return Response(
            KpiSerializer(actions.add_kpi(where, **fields, by=self.member, at=clock.now())).data, status=201
        )

    @extend_schema(request=SaidKpiSerializer, responses=KpiSerializer)
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Change one."""
        row = actions.change_kpi(self.get_object(), **_read(SaidKpiSerializer, request), by=self.member, at=clock.now())
        return Response(KpiSerializer(row).data)

    @extend_schema(request=None, responses=KpiSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str | None = None) -> Response:
        """Measure ourselves by it no more."""
        return Response(KpiSerializer(actions.drop_kpi(self.get_object(), by=self.member, at=clock.now())).data)

    @extend_schema(request=None, responses=KpiSerializer)
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> Response:
        """Measure ourselves by it again."""
        return Response(KpiSerializer(actions.take_up_kpi(self.get_object(), by=self.member, at=clock.now())).data)

    @extend_schema(responses=KpiStandingSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def standing(self, request: Request) -> Response:
        """Return where each stands, of the days that are asked for."""
        at = clock.now()
        form = SelectionForm.of_address(request.query_params, at=at)
        refuse_nonsense(form)
        groups = standings(form.selection(at), at=at, viewer=self.member)
        return Response(KpiStandingSerializer([one for _kind, rows in groups for one in rows], many=True).data)


class AssumptionSerializer(serializers.ModelSerializer[Assumption]):
    """A number that a return rests on."""

    class Meta:
        model = Assumption
        fields = (
            "id", "about", "amount", "currency", "metric", "kind", "first_day", "last_day", "department", "source",
            "stated_at", "stated_by", "withdrawn_at",
        )  # fmt: skip
        read_only_fields = ("stated_at", "stated_by", "withdrawn_at")


class StatedAssumptionSerializer(serializers.Serializer[Any]):
    """A number as it is to be stated."""

    about = serializers.ChoiceField(choices=Assumption.About.choices)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0)
    currency = serializers.CharField(max_length=3)
    metric = serializers.ChoiceField(choices=actions.WORTH, required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False, allow_blank=True)
    first_day = serializers.DateField()
    last_day = serializers.DateField(required=False, allow_null=True)
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)


class PaybackLineSerializer(serializers.Serializer[Any]):
    """What came in, or was saved, in some days."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0)
    currency = serializers.CharField(max_length=3)
    kind = serializers.ChoiceField(choices=Kind.choices)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.none(), default=None, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Its fields; a department is one of this organization."""
        found: dict[str, Any] = super().get_fields()
        found["department"].queryset = Department.objects.all()
        return found


class PaybackSerializer(serializers.Serializer[Any]):
    """Lines of payback: all are taken over or none, and what stands already not again."""

    lines = serializers.ListField(child=PaybackLineSerializer(), allow_empty=False, max_length=MOST_LINES)


class ImportedPaybackSerializer(serializers.Serializer[Any]):
    """How many lines were taken over."""

    stated = serializers.IntegerField()


class AssumptionViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What a return rests on."""

    serializer_class = AssumptionSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "measurement.read",
        "retrieve": "measurement.read",
        "create": "measurement.state_assumptions",
        "create_once": "measurement.state_assumptions",
        "import_payback": "measurement.state_assumptions",
        "withdraw": "measurement.state_assumptions",
        "restore": "measurement.state_assumptions",
    }

    def get_queryset(self) -> QuerySet[Assumption]:
        return Assumption.objects.order_by("pk")

    @extend_schema(request=StatedAssumptionSerializer, responses={201: AssumptionSerializer})
    def create_row(self, request: Request) -> Response:
        """State one."""
        fields = _read(StatedAssumptionSerializer, request)
        where = fields.pop("department", None) or active_organization()
        row = actions.state_assumption(where, **fields, by=self.member, at=clock.now())
        return Response(AssumptionSerializer(row).data, status=201)

    @extend_schema(request=PaybackSerializer, responses=ImportedPaybackSerializer)
    @action(detail=False, methods=["post"], url_path="import-payback")
    def import_payback(self, request: Request) -> Response:
        """State what came in, line by line: all or none, and what stands already not again."""
        fields = _read(PaybackSerializer, request)
        stated = actions.import_payback(active_organization(), **fields, by=self.member, at=clock.now())
        return Response(ImportedPaybackSerializer({"stated": stated}).data)

    @extend_schema(request=None, responses=AssumptionSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        """Let no return rest on it any more."""
        row = actions.withdraw_assumption(self.get_object(), by=self.member, at=clock.now())
        return Response(AssumptionSerializer(row).data)

    @extend_schema(request=None, responses=AssumptionSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Let a return rest on it again."""
        row = actions.restore_assumption(self.get_object(), by=self.member, at=clock.now())
        return Response(AssumptionSerializer(row).data)


class LineSerializer(serializers.Serializer[Any]):
    """One assumption, how often it applied, and what that makes."""

    assumption = serializers.IntegerField(source="assumption.pk")
    times = serializers.FloatField()
    amount = serializers.FloatField()


class ReturnSerializer(serializers.Serializer[Any]):
    """Payback beside investment; null where one of them is not stated, or may not be seen."""

    value = serializers.FloatField(allow_null=True)
    payback = serializers.FloatField(allow_null=True)
    practised = serializers.IntegerField(help_text="Answers on the practice field: they pay nothing back.")
    investment = serializers.FloatField(source="put_in.amount", allow_null=True)
    hours = serializers.FloatField(source="put_in.hours", allow_null=True)
    hours_without_price = serializers.FloatField(source="put_in.unpriced")
    currency = serializers.CharField(allow_blank=True)
    costs = LineSerializer(source="put_in.lines", many=True)
    lines = LineSerializer(many=True)


class ReturnViewSet(ApiViewSet):
    """(payback - investment) ÷ investment, with everything that it rests on."""

    capabilities: ClassVar[dict[str, str]] = {"list": "measurement.read"}
    serializer_class = ReturnSerializer
    pagination_class = None

    @extend_schema(
        operation_id="return_retrieve",
        parameters=[OpenApiParameter("days", int), OpenApiParameter("department", int)],
        responses=ReturnSerializer(many=False),
    )
    def list(self, request: Request) -> Response:
        """Return it, of the days that are asked for."""
        at = clock.now()
        form = SelectionForm.of_address(request.query_params, at=at)
        refuse_nonsense(form)
        return Response(ReturnSerializer(return_of(form.selection(at), at=at, viewer=self.member)).data)


class VoiceSerializer(serializers.ModelSerializer[Voice]):
    """A query that is compared, and whether it stands for us."""

    class Meta:
        model = Voice
        fields = ("query", "is_ours")


class ChosenVoicesSerializer(serializers.Serializer[Any]):
    """Which queries stand for us, and which for competitors."""

    ours = serializers.PrimaryKeyRelatedField(queryset=TrackingQuery.objects.all(), many=True)
    theirs = serializers.PrimaryKeyRelatedField(queryset=TrackingQuery.objects.all(), many=True)


class VoiceViewSet(ListModelMixin, ApiViewSet):
    """Whose voices are compared."""

    serializer_class = VoiceSerializer
    pagination_class = None
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "measurement.read",
        "choose": "measurement.compare_voices",
    }

    def get_queryset(self) -> QuerySet[Voice]:
        return Voice.objects.order_by("pk")

    @extend_schema(request=ChosenVoicesSerializer, responses=VoiceSerializer(many=True))
    @action(detail=False, methods=["post"])
    def choose(self, request: Request) -> Response:
        """Choose them; what is not named is compared no more."""
        said = ChosenVoicesSerializer(data=request.data)
        for name in ("ours", "theirs"):
            said.fields[name].child_relation.queryset = TrackingQuery.objects.all()  # type: ignore[attr-defined]
        said.is_valid(raise_exception=True)
        compare_voices(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(VoiceSerializer(self.get_queryset(), many=True).data)


def _read(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """What was sent, where the rows that it names are those of this organization."""
    said = serializer(data=request.data)
    for name, model in (("department", Department), ("owner", Member)):
        if name in said.fields:
            said.fields[name].queryset = model.objects.all()  # type: ignore[attr-defined]
    said.is_valid(raise_exception=True)
    return dict(said.validated_data)
