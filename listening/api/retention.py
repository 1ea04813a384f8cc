"""What is kept how long, over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions.retention import set_retention
from listening.models import RetentionRule
from listening.retention import retention_rules
from roles import clock
from roles.api.views import ApiViewSet
from roles.tenancy import active_organization


class RetentionRuleSerializer(serializers.ModelSerializer[RetentionRule]):
    """How long one kind is kept (`days`; null: for ever), and what the clean-up has taken so far."""

    class Meta:
        model = RetentionRule
        fields = ("kind", "days", "cleaned_at", "cleaned_count")
        read_only_fields = ("kind", "cleaned_at", "cleaned_count")
        extra_kwargs: ClassVar[dict[str, Any]] = {"days": {"required": True}}


class RetentionRuleViewSet(ApiViewSet):
    """What is kept how long."""

    serializer_class = RetentionRuleSerializer
    pagination_class = None
    lookup_field = "kind"
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read_retention",
        "partial_update": "listening.manage_retention",
    }

    def get_queryset(self) -> QuerySet[RetentionRule]:
        return RetentionRule.objects.all()

    @extend_schema(responses=RetentionRuleSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return the rule of each kind."""
        return Response(RetentionRuleSerializer(retention_rules(), many=True).data)

    @extend_schema(parameters=[OpenApiParameter("kind", str, "path", enum=RetentionRule.Kind.values)])
    def partial_update(self, request: Request, kind: str = "") -> Response:
        """Say how long a kind is kept; what is older goes with the next clean-up and does not come back."""
        if kind not in RetentionRule.Kind.values:
            raise NotFound
        said = RetentionRuleSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        days = said.validated_data["days"]
        rule = set_retention(active_organization(), kind=kind, days=days, by=self.member, at=clock.now())
        return Response(RetentionRuleSerializer(rule).data)
