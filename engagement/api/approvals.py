"""Approval over the API: what waits, a yes or a no to exactly one text, and the policies."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import approvals as actions
from engagement.api.conflicts import EngagementViewSet
from engagement.api.shapes import PersonSerializer, ReplySerializer
from engagement.approving import digest_of
from engagement.models import Approval, ApprovalDecision, ApprovalPolicy, ApprovalStep
from listening.models import Topic
from roles import clock
from roles.models import Department, Needs, Role
from roles.steps import Step
from roles.tenancy import active_organization


class ApprovalDecisionSerializer(serializers.ModelSerializer[ApprovalDecision]):
    """What one person said."""

    by = PersonSerializer()

    class Meta:
        model = ApprovalDecision
        fields = ("by", "kind", "reason", "at")


class ApprovalSerializer(serializers.ModelSerializer[Approval]):
    """One step on the way of one reply."""

    reply = ReplySerializer()
    decisions = ApprovalDecisionSerializer(many=True)
    digest = serializers.SerializerMethodField(help_text="Stands for the account, text and post as they are now.")
    instead = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Who stands in, by what is meant: the key of a person, or the name of a role.",
    )

    class Meta:
        model = Approval
        fields = ("id", "reply", "number", "policy_name", "needs", "roles", "member_ids", "instead", "digest", "state",
                  "asked_at", "ended_at", "decisions")  # fmt: skip

    def get_digest(self, approval: Approval) -> str:
        return digest_of(approval.reply)


class YesSerializer(serializers.Serializer[Any]):
    """To which text."""

    digest = serializers.CharField(max_length=64, help_text="As it was read; another text since is a conflict.")


class NoSerializer(serializers.Serializer[Any]):
    """Why it goes back."""

    reason = serializers.CharField(max_length=1000)


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=Approval.State.values),
            OpenApiParameter("asked_of_me", bool, description="Only those that the token's member can decide now."),
        ]
    )
)
class ApprovalViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What waits for somebody's yes, and what was said."""

    serializer_class = ApprovalSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.approve",
        "retrieve": "engagement.approve",
        "approve": "engagement.approve",
        "send_back": "engagement.approve",
    }

    def get_queryset(self) -> QuerySet[Approval]:
        rows = Approval.objects.with_everything()
        if getattr(self, "swagger_fake_view", False):
            return rows
        rows = rows.visible_to(self.member)
        if self.action != "list":
            return rows
        asked = self.request.query_params
        if state := self.asked_for("state", Approval.State.values):
            rows = rows.filter(state=state)
        return rows.asked_of(self.member) if asked.get("asked_of_me") in {"true", "1"} else rows

    @extend_schema(request=YesSerializer, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str | None = None) -> Response:
        """Say yes to exactly this text; the last yes lets the reply go."""
        row = self.get_object()
        said = YesSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        step = actions.approve(row, **said.validated_data, by=self.member, at=clock.now())
        return self._now(step)

    @extend_schema(request=NoSerializer, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: str | None = None) -> Response:
        """Say no and why; the text is the writer's draft again."""
        row = self.get_object()
        said = NoSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return self._now(actions.send_back(row, **said.validated_data, by=self.member, at=clock.now()))

    def _now(self, step: Approval) -> Response:
        return Response(self.get_serializer(Approval.objects.with_everything().get(pk=step.pk)).data)


class StepSerializer(serializers.ModelSerializer[ApprovalStep]):
    """Who is asked, and how many of them must say yes."""

    needs = serializers.ChoiceField(choices=Needs.choices, default=Needs.ANY)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices), default=list)
    member_ids = serializers.ListField(child=serializers.IntegerField(), default=list)

    class Meta:
        model = ApprovalStep
        fields = ("needs", "roles", "member_ids")


class ApprovalPolicySerializer(serializers.ModelSerializer[ApprovalPolicy]):
    """Which replies need somebody else's yes, and whose, step by step."""

    topic = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), required=False, allow_null=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    steps = StepSerializer(many=True)

    class Meta:
        model = ApprovalPolicy
        fields = ("id", "name", "is_active", "whose", "topic", "network", "department", "steps")


class ApprovalPolicyViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """Which replies somebody else sees before they go out."""

    serializer_class = ApprovalPolicySerializer
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.manage_approval",
        "retrieve": "engagement.manage_approval",
        "create": "engagement.manage_approval",
        "partial_update": "engagement.manage_approval",
        "destroy": "engagement.manage_approval",
    }

    def get_queryset(self) -> QuerySet[ApprovalPolicy]:
        return ApprovalPolicy.objects.in_order()

    def create_row(self, request: Request) -> Response:
        """Write a policy; it applies to what is sent from now on."""
        fields, steps = self._said(partial=False)
        row = actions.add_policy(active_organization(), steps=steps, **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data, status=201)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change a policy; what is asked for now goes on as it was asked."""
        row = self.get_object()
        fields, steps = self._said(partial=True)
        said = {"steps": steps} if "steps" in request.data else {}
        actions.change_policy(row, **said, **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Remove a policy; what it asks for now is still asked."""
        actions.remove_policy(self.get_object(), by=self.member, at=clock.now())
        return Response(status=204)

    def _said(self, *, partial: bool) -> tuple[dict[str, Any], list[Step]]:
        said = self.get_serializer(data=self.request.data, partial=partial)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        steps = [
            Step("", step["needs"], tuple(step["roles"]), tuple(step["member_ids"])) for step in fields.pop("steps", [])
        ]
        return fields, steps
