"""What is open before its level."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from maturity.actions import openings as actions
from roles import clock
from roles.api.views import ApiViewSet
from roles.levels import OPENED_BY
from roles.models import Department, EarlyOpening


class EarlyOpeningSerializer(serializers.ModelSerializer[EarlyOpening]):
    """Something that a coach opened before its level."""

    class Meta:
        model = EarlyOpening
        fields = ("id", "department", "capability", "reason", "opened_at", "opened_by", "closed_at", "closed_by")
        read_only_fields = fields


class NewOpeningSerializer(serializers.Serializer[Any]):
    """What to open, where (without a department: in the whole organization) and why."""

    capability = serializers.ChoiceField(choices=list(OPENED_BY))
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    reason = serializers.CharField(max_length=500)


class EarlyOpeningViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What was opened before its level, and what of it was left to the level again."""

    serializer_class = EarlyOpeningSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read",
        "retrieve": "maturity.read",
        "create": "maturity.open_early",
        "create_once": "maturity.open_early",
        "close": "maturity.open_early",
    }

    def get_queryset(self) -> QuerySet[EarlyOpening]:
        return EarlyOpening.objects.select_related("department")

    @extend_schema(request=NewOpeningSerializer, responses={201: EarlyOpeningSerializer})
    def create_row(self, request: Request) -> Response:
        """Open something."""
        said = NewOpeningSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        where = fields.pop("department", None) or self.member.organization
        row = actions.open_early(where, **fields, by=self.member, at=clock.now())
        return Response(EarlyOpeningSerializer(row).data, status=201)

    @extend_schema(request=None, responses=EarlyOpeningSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        """Leave it to the level again."""
        row = actions.close_early(self.get_object(), by=self.member, at=clock.now())
        return Response(EarlyOpeningSerializer(row).data)
