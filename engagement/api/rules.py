"""Routing rules over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import rules as actions
from engagement.api.conflicts import EngagementViewSet
from engagement.api.rule_shapes import (
    AnswerSerializer,
    DraftSerializer,
    RestoreSerializer,
    RoutingRuleSerializer,
    SimulationSerializer,
    TriedSerializer,
    VersionOfRulesSerializer,
)
from engagement.models import RoutingRule, RuleSetVersion
from engagement.phrases import names_for
from engagement.rule_sets import difference
from engagement.simulating import ask_each, simulate
from engagement.trying import imagined
from listening.models import Mention
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
        "simulate": "engagement.manage_rules",
        "try_one": "engagement.read_rules",
        "versions": "engagement.read_rules",
        "restore": "engagement.manage_rules",
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

    @extend_schema(request=DraftSerializer, responses=SimulationSerializer, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def simulate(self, request: Request) -> Response:
        """Say how past mentions would fare with a rule changed or added; nothing is saved."""
        said = DraftSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        today, key = list(self.get_queryset()), said.validated_data.get("id")
        draft = RoutingRule(pk=key, **said.validated_data["rule"])
        then = [draft if rule.pk == key else rule for rule in today]
        then += [] if draft in then else [draft]
        found = simulate(today, then, days=said.validated_data["days"], at=clock.now())
        return Response(SimulationSerializer(found).data)

    @extend_schema(request=TriedSerializer, responses=AnswerSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], url_path="try", pagination_class=None)
    def try_one(self, request: Request) -> Response:
        """Say of one mention, past or made up, what every rule says about it; nothing is saved."""
        said = TriedSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields, at = dict(said.validated_data), clock.now()
        if (key := fields.pop("mention", None)) is not None:
            mention = get_object_or_404(Mention.objects.select_related("post__author"), pk=key)
        else:
            mention = imagined(**fields, at=at)
        return Response(AnswerSerializer(ask_each(list(self.get_queryset()), mention, at=at), many=True).data)

    @extend_schema(responses=VersionOfRulesSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def versions(self, request: Request) -> Response:
        """The last fifty changes of the rules, the newest first, in words."""
        rows = list(RuleSetVersion.objects.select_related("by__user").order_by("-number")[:51])
        shown = [
            {"number": row.number, "made_at": row.made_at, "by": str(row.by or ""), "verb": row.verb,
             "changes": difference(older.rules if older else [], row.rules)}
            for row, older in zip(rows, [*rows[1:], None], strict=True)
        ][:50]  # fmt: skip
        return Response(VersionOfRulesSerializer(shown, many=True).data)

    @extend_schema(request=RestoreSerializer, responses=RoutingRuleSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def restore(self, request: Request) -> Response:
        """Make the rules what they were after a change; answers with the rules."""
        said = RestoreSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        version = get_object_or_404(RuleSetVersion, number=said.validated_data["version"])
        newest = said.validated_data.get("newest")
        actions.restore_rules(active_organization(), version=version, newest=newest, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_queryset(), many=True).data)
