"""Addresses at which anybody may read a report, over the API."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin

from measurement.models import ReportAddress
from roles import clock
from roles.api.views import ApiViewSet
from roles.links import outside_address
from roles.permissions import decide


class OpenAddressSerializer(serializers.ModelSerializer[ReportAddress]):
    """One report that anybody may read now: where, since when, until when, and when somebody opened it last."""

    url = serializers.SerializerMethodField()
    name = serializers.CharField(source="report.name", read_only=True)

    class Meta:
        model = ReportAddress
        fields = ("id", "report", "name", "url", "opened_at", "opened_by", "expires_at", "read_at")

    def get_url(self, row: ReportAddress) -> str:
        # Who stands for one department sees which are open, but not where.
        if not decide(self.context["view"].member, "measurement.publish_reports", row.report):
            return ""
        return outside_address("measurement:public_report", row.token)


class ReportAddressViewSet(ListModelMixin, ApiViewSet):
    """What anybody may read now: each is revoked at its report (`unpublish`)."""

    serializer_class = OpenAddressSerializer
    http_method_names = ["get", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {"list": "measurement.publish_reports"}

    def get_queryset(self) -> QuerySet[ReportAddress]:
        return ReportAddress.objects.open(clock.now()).select_related("report").order_by("pk")
