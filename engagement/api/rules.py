"""Routing rules over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import rules as actions
from engagement.api.conflicts import EngagementViewSet
from engagement.api.rule_shapes import RoutingRuleSerializer
from engagement.models import RoutingRule
from engagement.phrases import names_for
from roles import clock
from roles.tenancy import active_organization


class OrderSerializer(serializers.Serializer[Any]):
    """The keys of all rules in the order in which they are to be asked."""

    order = serializers.ListField(child=serializers.IntegerField(), allow_empty=False)


class RoutingRuleViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """Who is meant to answer what."""

    serializer_class = RoutingRuleSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.read_rules",
        "retrieve": "engagement.read_rules",
        "create": "engagement.manage_rules",
        "partial_update": "engagement.manage_rules",
        "destroy": "engagement.manage_rules",
        "order": "engagement.manage_rules",
    }

    def get_queryset(self) -> QuerySet[RoutingRule]:
        return RoutingRule.objects.with_names().in_order()

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Read the names for all rules that are shown at once."""
        if kwargs.get("many") and args:
            names = names_for(row.condition for row in args[0])
            kwargs["context"] = {**self.get_serializer_context(), "names": names}
        return super().get_serializer(*args, **kwargs)

    def create_row(self, request: Request) -> Response:
        """Write a rule; it stands last."""
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        where = fields.pop("department", None) or active_organization()
        rule = actions.add_rule(where, **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(rule).data, status=201)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change a rule; it applies to what is captured from now on."""
        rule = self.get_object()
        said = self.get_serializer(rule, data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        rule = actions.change_rule(rule, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(rule).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Remove a rule; what it has routed stays where it is."""
        actions.remove_rule(self.get_object(), by=self.member, at=clock.now())
        return Response(status=204)

    @extend_schema(request=OrderSerializer, responses=RoutingRuleSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def order(self, request: Request) -> Response:
        """Put all rules into an order; answers with the rules in it."""
        said = OrderSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        keys = said.validated_data["order"]
        actions.order_rules(active_organization(), keys=keys, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_queryset(), many=True).data)
