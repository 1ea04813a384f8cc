"""How work finds a person, over the API; and passing on what somebody has."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import policy as actions
from engagement.api.conflicts import EngagementViewSet
from engagement.models import AssignmentPolicy
from engagement.policy_words import in_words
from roles import clock
from roles.models import Member
from roles.tenancy import active_organization


class AssignmentPolicySerializer(serializers.ModelSerializer[AssignmentPolicy]):
    """How an organization chooses who gets an assignment."""

    reads = serializers.SerializerMethodField(help_text="What it does, in sentences.")

    class Meta:
        model = AssignmentPolicy
        fields = (*actions.FIELDS, "reads")

    def get_reads(self, policy: AssignmentPolicy) -> list[str]:
        return in_words(policy)


class HandOverSerializer(serializers.Serializer[Any]):
    """What is handed over to whom; with nobody named the policy chooses, with no assignment it is everything."""

    member = serializers.IntegerField()
    to = serializers.IntegerField(required=False, allow_null=True)
    assignments = serializers.ListField(child=serializers.IntegerField(), required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class HandedOverSerializer(serializers.Serializer[Any]):
    """How many were handed over, and how many stayed."""

    handed_over = serializers.IntegerField()
    stayed = serializers.IntegerField()


class AssignmentPolicyViewSet(EngagementViewSet):
    """How work finds a person: one policy for the organization."""

    serializer_class = AssignmentPolicySerializer
    pagination_class = None
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.read_rules",
        "change": "engagement.set_policy",
        "hand_over": "engagement.hand_over",
    }

    @extend_schema(responses=AssignmentPolicySerializer, filters=False)
    def list(self, request: Request) -> Response:
        """The policy as it stands."""
        return Response(self.get_serializer(AssignmentPolicy.objects.current()).data)

    @extend_schema(request=AssignmentPolicySerializer, responses=AssignmentPolicySerializer)
    @action(detail=False, methods=["post"])
    def change(self, request: Request) -> Response:
        """Change what is named of the policy; it holds from now on."""
        said = self.get_serializer(AssignmentPolicy.objects.current(), data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        policy = actions.set_policy(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(policy).data)

    @extend_schema(request=HandOverSerializer, responses=HandedOverSerializer)
    @action(detail=False, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request) -> Response:
        """Pass on what a member has."""
        said = HandOverSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        who, to = _member("member", fields.pop("member")), fields.pop("to", None)
        recipient = _member("to", to) if to is not None else None
        moved, stayed = actions.hand_over(who, to=recipient, **fields, by=self.member, at=clock.now())
        return Response({"handed_over": moved, "stayed": stayed})


def _member(name: str, key: int) -> Member:
    found = Member.objects.with_positions().filter(pk=key).first()
    if found is None:
        raise serializers.ValidationError({name: ["There is no such member."]})
    return found
