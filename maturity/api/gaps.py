"""Gap reports over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import DestroyModelMixin, ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.models import Assignment
from listening.models import Mention
from maturity.actions import gaps as actions
from maturity.models import GapReport
from roles import clock
from roles.api.views import ApiViewSet


class GapReportSerializer(serializers.ModelSerializer[GapReport]):
    """A mention for which somebody found no guideline."""

    class Meta:
        model = GapReport
        fields = (
            "id", "mention", "note", "reported_at", "reported_by", "closed_at", "closed_by", "reason", "version",
        )  # fmt: skip


class NewGapSerializer(serializers.Serializer[Any]):
    """The assignment beside which no guideline helped, or the mention, and in a line what was missing."""

    assignment = serializers.PrimaryKeyRelatedField(queryset=Assignment.objects.all(), required=False)
    mention = serializers.PrimaryKeyRelatedField(queryset=Mention.objects.all(), required=False)
    note = serializers.CharField(max_length=actions.LONGEST_NOTE, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("assignment" in attrs) == ("mention" in attrs):
            raise serializers.ValidationError(_("Name the assignment or the mention."))
        return attrs


class ReasonSerializer(serializers.Serializer[Any]):
    """Why no guideline is needed."""

    reason = serializers.CharField(max_length=actions.LONGEST_REASON)


class GapReportViewSet(ListModelMixin, RetrieveModelMixin, DestroyModelMixin, ApiViewSet):
    """Where the guidelines gave no answer."""

    serializer_class = GapReportSerializer
    http_method_names = ["get", "post", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.manage_guidelines",
        "retrieve": "maturity.manage_guidelines",
        "create": "maturity.report_gap",
        "create_once": "maturity.report_gap",
        "destroy": "maturity.report_gap",
        "close": "maturity.manage_guidelines",
        "reopen": "maturity.manage_guidelines",
    }

    def get_queryset(self) -> QuerySet[GapReport]:
        return GapReport.objects.all()

    @extend_schema(request=NewGapSerializer, responses={201: GapReportSerializer})
    def create_row(self, request: Request) -> Response:
        """Report one."""
        said = NewGapSerializer(data=request.data)
        said.fields["assignment"].queryset = Assignment.objects.visible_to(self.member)  # type: ignore[attr-defined]
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        assignment, mention = fields.pop("assignment", None), fields.pop("mention", None)
        row = actions.report_gap(assignment or mention, **fields, by=self.member, at=clock.now())
        return Response(GapReportSerializer(row).data, status=201)

    def perform_destroy(self, instance: GapReport) -> None:
        """Take back one's own."""
        actions.withdraw_gap(instance, by=self.member, at=clock.now())

    @extend_schema(request=ReasonSerializer, responses=GapReportSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        """Close it with the reason why no guideline is needed; a version closes it where it is written."""
        row, said = self.get_object(), ReasonSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.close_gap(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(GapReportSerializer(row).data)

    @extend_schema(request=None, responses=GapReportSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        """Open it again."""
        row = actions.reopen_gap(self.get_object(), by=self.member, at=clock.now())
        return Response(GapReportSerializer(row).data)
