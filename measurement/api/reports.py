"""Reports over the API: composed, told, and opened to others."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from measurement.actions import report_addresses as addresses
from measurement.actions import report_mails as mailing
from measurement.actions import reports as actions
from measurement.blocks import BLOCKS
from measurement.forms import SIDES
from measurement.models import Report, ReportAddress
from measurement.models.reports import LAST_DAY
from measurement.periods import PERIODS
from measurement.reporting import as_data, tell
from roles import clock
from roles.api.views import ApiViewSet
from roles.links import outside_address
from roles.models import Member
from roles.tenancy import active_organization


class OnlySerializer(serializers.Serializer[Any]):
    """Of which part of everything is told; what is not named is not narrowed."""

    department = serializers.IntegerField(required=False)
    network = serializers.CharField(required=False, max_length=40)
    query = serializers.IntegerField(required=False)
    topic = serializers.IntegerField(required=False)
    campaign = serializers.IntegerField(required=False)


class ChosenBlockSerializer(serializers.Serializer[Any]):
    """A block of a report: its kind, its metric, its part and its text, where it has any."""

    kind = serializers.ChoiceField(choices=[(key, key) for key in BLOCKS])
    metric = serializers.CharField(required=False, allow_blank=True, max_length=60)
    only = OnlySerializer(required=False)
    text = serializers.CharField(required=False, allow_blank=True, max_length=actions.LONGEST_TEXT)


class ReportSerializer(serializers.ModelSerializer[Report]):
    """Chosen blocks about a period, kept under a name."""

    only = OnlySerializer()
    blocks = ChosenBlockSerializer(many=True)
    problem = serializers.CharField(source="problem_said", read_only=True)

    class Meta:
        model = Report
        fields = (
            "id", "name", "period", "side", "only", "blocks", "owner", "weekdays", "month_day", "at_time", "next_at",
            "sent_at", "sent_to", "failures", "problem", "due_since", "composed_at", "composed_by", "dropped_at",
        )  # fmt: skip


class SaidReportSerializer(serializers.Serializer[Any]):
    """A report as it is to be; without days of the week or of the month it is not mailed."""

    name = serializers.CharField(max_length=120)
    period = serializers.ChoiceField(choices=[(key, key) for key in PERIODS])
    side = serializers.ChoiceField(
        choices=[key for key, _label in SIDES], default="", allow_blank=True, help_text="Empty: as usual."
    )
    only = OnlySerializer(default=dict)
    blocks = ChosenBlockSerializer(many=True)
    owner = serializers.PrimaryKeyRelatedField(queryset=Member.objects.none(), required=False, allow_null=True)
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6), default=list, help_text="0 is Monday."
    )
    month_day = serializers.IntegerField(min_value=1, max_value=LAST_DAY, default=None, allow_null=True)
    at_time = serializers.TimeField(default=None, allow_null=True)
    readers = serializers.PrimaryKeyRelatedField(queryset=Member.objects.none(), many=True, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        may_read = Member.objects.who_may("measurement.read")
        self.fields["owner"].queryset = may_read  # type: ignore[attr-defined]
        self.fields["readers"].child_relation.queryset = may_read  # type: ignore[attr-defined]


class CellSerializer(serializers.Serializer[Any]):
    """What is said, and the number behind it: shares from 0 to 1, times in seconds; empty where there is none."""

    said = serializers.CharField()
    value = serializers.JSONField()


class ToldBlockSerializer(serializers.Serializer[Any]):
    """A block as it is told."""

    kind = serializers.CharField()
    title = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())
    text = serializers.CharField(help_text="Markdown.")
    heads = serializers.ListField(child=serializers.CharField())
    units = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=CellSerializer(many=True))


class ToldReportSerializer(serializers.Serializer[Any]):
    """A report as the page, the file and the paper tell it."""

    report = serializers.IntegerField()
    name = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    days = serializers.CharField()
    beside = serializers.CharField()
    of = serializers.ChoiceField(choices=["outside", "practice"])
    only = OnlySerializer()
    part = serializers.CharField(help_text="The part of everything that it tells of, in a sentence.")
    told_at = serializers.DateTimeField()
    blocks = ToldBlockSerializer(many=True)


class ReportAddressSerializer(serializers.ModelSerializer[ReportAddress]):
    """Where anybody may read a report, and until when."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = ReportAddress
        fields = ("url", "opened_at", "expires_at")

    def get_url(self, row: ReportAddress) -> str:
        return outside_address("measurement:public_report", row.token)


class OpenedReportSerializer(serializers.Serializer[Any]):
    """For how many days anybody may read it."""

    days = serializers.ChoiceField(
        choices=addresses.TERMS,
        required=False,
        help_text="Without them 90, and one that is open already stays open as long as it was.",
    )


class AllowedAddressesSerializer(serializers.Serializer[Any]):
    """Whether reports may be opened to others."""

    allows = serializers.BooleanField()


class WantedMailsSerializer(serializers.Serializer[Any]):
    """Whether one wants a report by e-mail."""

    wants_it = serializers.BooleanField()


class ReportViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Reports: chosen blocks about a period, told anew whenever they are asked for."""

    serializer_class = ReportSerializer
    http_method_names = ["get", "post", "put", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "measurement.read",
        "retrieve": "measurement.read",
        "told": "measurement.read",
        "create": "measurement.compose_reports",
        "create_once": "measurement.compose_reports",
        "update": "measurement.compose_reports",
        "drop": "measurement.compose_reports",
        "try_again": "measurement.compose_reports",
        "mails": "measurement.read",
        "take_up": "measurement.compose_reports",
        "publish": "measurement.publish_reports",
        "unpublish": "measurement.publish_reports",
        "addresses": "measurement.allow_report_addresses",
    }

    def get_queryset(self) -> QuerySet[Report]:
        return Report.objects.order_by("pk")

    @extend_schema(request=SaidReportSerializer, responses={201: ReportSerializer})
    def create_row(self, request: Request) -> Response:
        """Compose a report."""
        row = actions.compose_report(active_organization(), **_said(request), **self._acting())
        return Response(ReportSerializer(row).data, status=201)

    @extend_schema(request=SaidReportSerializer, responses=ReportSerializer)
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Compose it otherwise."""
        row = actions.change_report(self.get_object(), **_said(request), **self._acting())
        return Response(ReportSerializer(row).data)

    @extend_schema(request=None, responses=ReportSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str | None = None) -> Response:
        """Keep it no more."""
        return Response(ReportSerializer(actions.drop_report(self.get_object(), **self._acting())).data)

    @extend_schema(request=None, responses=ReportSerializer)
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> Response:
        """Keep it again."""
        return Response(ReportSerializer(actions.take_up_report(self.get_object(), **self._acting())).data)

    @extend_schema(request=None, responses=ReportSerializer)
    @action(detail=True, methods=["post"], url_path="try-again")
    def try_again(self, request: Request, pk: str | None = None) -> Response:
        """Have one that could not be mailed tried again now."""
        return Response(ReportSerializer(mailing.try_report_again(self.get_object(), **self._acting())).data)

    @extend_schema(request=WantedMailsSerializer, responses=WantedMailsSerializer)
    @action(detail=True, methods=["post"])
    def mails(self, request: Request, pk: str | None = None) -> Response:
        """Say whether one wants it by e-mail, where one was chosen for as a reader."""
        row = self.get_object()
        said = WantedMailsSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        mailing.choose_report_mails(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(said.data)

    @extend_schema(parameters=[OpenApiParameter("until", OpenApiTypes.DATE)], responses=ToldReportSerializer)
    @action(detail=True, methods=["get"], pagination_class=None)
    def told(self, request: Request, pk: str | None = None) -> Response:
        """Tell a report, of its newest period or of one that was over on a day (`until`)."""
        field = serializers.DateField(required=False, allow_null=True)
        until = field.run_validation(request.query_params.get("until") or None)
        found = tell(self.get_object(), at=clock.now(), viewer=None, until=until)
        return Response(ToldReportSerializer(as_data(found)).data)

    @extend_schema(request=OpenedReportSerializer, responses=ReportAddressSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str | None = None) -> Response:
        """Open an address at which anybody may read it."""
        row = self.get_object()
        said = OpenedReportSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        address = addresses.publish_report(row, days=said.validated_data.get("days"), **self._acting())
        return Response(ReportAddressSerializer(address).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def unpublish(self, request: Request, pk: str | None = None) -> Response:
        """Revoke its address."""
        addresses.unpublish_report(self.get_object(), **self._acting())
        return Response(status=204)

    @extend_schema(request=AllowedAddressesSerializer, responses=AllowedAddressesSerializer)
    @action(detail=False, methods=["post"])
    def addresses(self, request: Request) -> Response:
        """Say whether reports may be opened to others at all."""
        said = AllowedAddressesSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        addresses.allow_report_addresses(active_organization(), **said.validated_data, **self._acting())
        return Response(said.data)

    def _acting(self) -> dict[str, Any]:
        return {"by": self.member, "at": clock.now()}


def _said(request: Request) -> dict[str, Any]:
    said = SaidReportSerializer(data=request.data)
    said.is_valid(raise_exception=True)
    return dict(said.validated_data)
