"""Policies of which an organization has one, over the API: reminders, promotion, repetition."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from engagement import joining, repeating
from engagement.actions import consults, joinings, saved_replies
from engagement.api.conflicts import EngagementViewSet
from engagement.models import ConsultPolicy, PromotionPolicy, RepetitionPolicy
from roles import clock
from roles.tenancy import active_organization


class ConsultPolicySerializer(serializers.ModelSerializer[ConsultPolicy]):
    """When who was asked is reminded, and when the deputy is asked."""

    class Meta:
        model = ConsultPolicy
        fields = ("remind_after_minutes", "replace_after_minutes", "in_business_hours")


class PromotionPolicySerializer(serializers.ModelSerializer[PromotionPolicy]):
    """How much of what is said of our own accord may be about ourselves."""

    class Meta:
        model = PromotionPolicy
        fields = ("most_percent", "window_days")


class RepetitionPolicySerializer(serializers.ModelSerializer[RepetitionPolicy]):
    """How often the same text may go out before the writer is asked whether that is meant."""

    class Meta:
        model = RepetitionPolicy
        fields = ("to_author_most", "to_author_days", "across_most", "across_hours")


class SinglePolicyViewSet(EngagementViewSet):
    """A policy as it stands, and its change; what is not named stays as it is."""

    pagination_class = None

    def current(self) -> Any:
        """The policy in force."""
        raise NotImplementedError

    def set(self, fields: dict[str, Any]) -> Any:
        """Change it by its action."""
        raise NotImplementedError

    def list(self, request: Request) -> Response:
        """The policy as it stands."""
        return Response(self.get_serializer(self.current()).data)

    @action(detail=False, methods=["post"])
    def change(self, request: Request) -> Response:
        """Change what is named; it holds from now on."""
        now = self.current()
        said = self.get_serializer(now, data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        as_it_is = self.get_serializer(now).data
        return Response(self.get_serializer(self.set(as_it_is | said.validated_data)).data)

    def _acting(self) -> dict[str, Any]:
        return {"by": self.member, "at": clock.now()}


def _described(shape: type[serializers.Serializer[Any]]) -> Any:
    return extend_schema_view(
        list=extend_schema(responses=shape, filters=False),
        change=extend_schema(request=shape, responses=shape, filters=False),
    )


@_described(ConsultPolicySerializer)
class ConsultPolicyViewSet(SinglePolicyViewSet):
    """When the booth is reminded."""

    serializer_class = ConsultPolicySerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.read_consults",
        "change": "engagement.manage_consults",
    }

    def current(self) -> ConsultPolicy:
        return consults.policy()

    def set(self, fields: dict[str, Any]) -> ConsultPolicy:
        return consults.set_consult_policy(active_organization(), **fields, **self._acting())


@_described(PromotionPolicySerializer)
class PromotionPolicyViewSet(SinglePolicyViewSet):
    """How much may be about ourselves."""

    serializer_class = PromotionPolicySerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.find_conversations",
        "change": "engagement.limit_promotion",
    }

    def current(self) -> PromotionPolicy:
        return joining.policy()

    def set(self, fields: dict[str, Any]) -> PromotionPolicy:
        return joinings.limit_promotion(active_organization(), **fields, **self._acting())


@_described(RepetitionPolicySerializer)
class RepetitionPolicyViewSet(SinglePolicyViewSet):
    """How often the same text may go out."""

    serializer_class = RepetitionPolicySerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.use_saved_replies",
        "change": "engagement.manage_saved_replies",
    }

    def current(self) -> RepetitionPolicy:
        return repeating.policy_in_force()

    def set(self, fields: dict[str, Any]) -> RepetitionPolicy:
        return saved_replies.set_repetition(active_organization(), **fields, **self._acting())
