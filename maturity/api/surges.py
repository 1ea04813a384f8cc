"""Surge plans for programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.models import RoutingRule, SavedReply
from listening.models import TrackingQuery
from maturity.actions import surges as actions
from maturity.models import SurgePlan
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department, Member


class SurgePlanSerializer(serializers.ModelSerializer[SurgePlan]):
    """What is expected, what comes into force then, and what became of it; department null: the whole organization."""

    factor = serializers.FloatField()
    members = serializers.SerializerMethodField()
    on_call = serializers.SerializerMethodField()
    rules = serializers.SerializerMethodField()
    saved_replies = serializers.SerializerMethodField()

    class Meta:
        model = SurgePlan
        fields = (
            "id", "department", "title", "note", "factor", "trigger", "starts_at", "ends_at", "severity", "query",
            "lasts_minutes", "first_response_minutes", "capacity", "holds_content", "state", "on_at", "off_at",
            "warning", "lessons", "members", "on_call", "rules", "saved_replies",
        )  # fmt: skip
        read_only_fields = fields

    def get_members(self, plan: SurgePlan) -> list[int]:
        return [part.member_id for part in plan.parts.all() if part.member_id and not part.is_on_call]

    def get_on_call(self, plan: SurgePlan) -> list[int]:
        return [part.member_id for part in plan.parts.all() if part.member_id and part.is_on_call]

    def get_rules(self, plan: SurgePlan) -> list[int]:
        return [part.rule_id for part in plan.parts.all() if part.rule_id]

    def get_saved_replies(self, plan: SurgePlan) -> list[int]:
        return [part.saved_reply_id for part in plan.parts.all() if part.saved_reply_id]


class NewSurgeSerializer(serializers.ModelSerializer[SurgePlan]):
    """A plan; without a department it is for the whole organization."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    query = serializers.PrimaryKeyRelatedField(queryset=TrackingQuery.objects.all(), required=False, allow_null=True)
    members = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), many=True, required=False)
    on_call = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), many=True, required=False)
    rules = serializers.PrimaryKeyRelatedField(queryset=RoutingRule.objects.all(), many=True, required=False)
    saved_replies = serializers.PrimaryKeyRelatedField(queryset=SavedReply.objects.all(), many=True, required=False)

    class Meta:
        model = SurgePlan
        fields = (
            "department", "title", "note", "factor", "trigger", "starts_at", "ends_at", "severity", "query",
            "lasts_minutes", "first_response_minutes", "capacity", "holds_content", "members", "on_call", "rules",
            "saved_replies",
        )  # fmt: skip


class LessonsSerializer(serializers.Serializer[Any]):
    """What was learned."""

    text = serializers.CharField(max_length=4000, allow_blank=True)


class SurgePlanViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What is prepared for more than usual."""

    serializer_class = SurgePlanSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read_surges",
        "retrieve": "maturity.read_surges",
        "create": "maturity.plan_surges",
        "create_once": "maturity.plan_surges",
        "switch_on": "maturity.plan_surges",
        "switch_off": "maturity.plan_surges",
        "drop": "maturity.plan_surges",
        "lessons": "maturity.plan_surges",
    }

    def get_queryset(self) -> QuerySet[SurgePlan]:
        return SurgePlan.objects.with_people().prefetch_related("parts")

    @extend_schema(request=NewSurgeSerializer, responses={201: SurgePlanSerializer})
    def create_row(self, request: Request) -> Response:
        """Plan for more than usual."""
        said = NewSurgeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        where = fields.pop("department", None) or self.member.organization
        row = actions.plan_surge(where, **fields, by=self.member, at=clock.now())
        return Response(SurgePlanSerializer(self.get_queryset().get(pk=row.pk)).data, status=201)

    @extend_schema(request=None, responses=SurgePlanSerializer)
    @action(detail=True, methods=["post"], url_path="switch-on")
    def switch_on(self, request: Request, pk: str | None = None) -> Response:
        """Bring it into force; a plan that was, stays as it is."""
        return self._done(actions.switch_surge_on)

    @extend_schema(request=None, responses=SurgePlanSerializer)
    @action(detail=True, methods=["post"], url_path="switch-off")
    def switch_off(self, request: Request, pk: str | None = None) -> Response:
        """End it."""
        return self._done(actions.switch_surge_off)

    @extend_schema(request=None, responses=SurgePlanSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str | None = None) -> Response:
        """Drop a plan that is not needed."""
        return self._done(actions.drop_surge)

    @extend_schema(request=LessonsSerializer, responses=SurgePlanSerializer)
    @action(detail=True, methods=["post"])
    def lessons(self, request: Request, pk: str | None = None) -> Response:
        """Write down what was learned."""
        row = self.get_object()
        said = LessonsSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.write_lessons(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(SurgePlanSerializer(self.get_object()).data)

    def _done(self, act: Any) -> Response:
        act(self.get_object(), by=self.member, at=clock.now())
        return Response(SurgePlanSerializer(self.get_object()).data)
