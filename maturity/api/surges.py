"""Surge plans for programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.models import RoutingRule, SavedReply
from listening.models import TrackingQuery
from maturity.actions import surges as actions
from maturity.aftermath import Aftermath, aftermath
from maturity.models import SurgePlan
from maturity.surge_levels import held_back
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department, Member


class HeldBackSerializer(serializers.Serializer[Any]):
    """Something that a level has not opened."""

    what = serializers.CharField()
    why = serializers.CharField()


class SurgePlanSerializer(serializers.ModelSerializer[SurgePlan]):
    """What is expected, what comes into force then, and what became of it; department null: the whole organization."""

    factor = serializers.FloatField()
    members = serializers.SerializerMethodField()
    on_call = serializers.SerializerMethodField()
    rules = serializers.SerializerMethodField()
    saved_replies = serializers.SerializerMethodField()
    held_back = serializers.SerializerMethodField(help_text="What it does not bring at its level, and why.")

    class Meta:
        model = SurgePlan
        fields = (
            "id", "department", "title", "note", "factor", "trigger", "starts_at", "ends_at", "severity", "query",
            "lasts_minutes", "first_response_minutes", "capacity", "holds_content", "state", "on_at", "off_at",
            "warning", "lessons", "members", "on_call", "rules", "saved_replies", "held_back",
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

    @extend_schema_field(HeldBackSerializer(many=True))
    def get_held_back(self, plan: SurgePlan) -> list[dict[str, str]]:
        found = self.context["held_back"] if "held_back" in self.context else held_back([plan])
        return [{"what": what, "why": why.reason} for what, why in found.get(plan.pk, [])]


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


class DecidedSerializer(serializers.Serializer[Any]):
    """Something that was decided in that time."""

    at = serializers.DateTimeField()
    said = serializers.CharField()


class AftermathSerializer(serializers.Serializer[Aftermath]):
    """What came, by whole hours, beside the mean of the same hours in the four weeks before."""

    begins_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    mentions = serializers.IntegerField()
    mentions_usual = serializers.FloatField()
    assigned = serializers.IntegerField()
    assigned_usual = serializers.FloatField()
    factor = serializers.FloatField(allow_null=True)
    answered = serializers.IntegerField()
    in_time = serializers.IntegerField()
    overdue = serializers.IntegerField()
    worked_seconds = serializers.FloatField(allow_null=True, help_text="Null where it would be somebody's own time.")
    decided = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()

    @extend_schema_field(DecidedSerializer(many=True))
    def get_decided(self, found: Aftermath) -> list[dict[str, Any]]:
        return [{"at": entry.at, "said": said} for entry, said in found.decided]

    def get_warnings(self, found: Aftermath) -> list[int]:
        return [row.pk for row in found.warnings]


class SurgePlanViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What is prepared for more than usual."""

    serializer_class = SurgePlanSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read_surges",
        "retrieve": "maturity.read_surges",
        "create": "maturity.plan_surges",
        "create_once": "maturity.plan_surges",
        "partial_update": "maturity.plan_surges",
        "aftermath": "maturity.read_surges",
        "switch_on": "maturity.plan_surges",
        "switch_off": "maturity.plan_surges",
        "drop": "maturity.plan_surges",
        "lessons": "maturity.plan_surges",
    }

    def get_queryset(self) -> QuerySet[SurgePlan]:
        return SurgePlan.objects.with_people().prefetch_related("parts")

    def paginate_queryset(self, queryset: Any) -> Any:
        """A page, with what its plans do not bring asked once for all of them."""
        rows = super().paginate_queryset(queryset)
        self.held_back = held_back(rows or [])
        return rows

    def get_serializer_context(self) -> dict[str, Any]:
        asked: dict[str, Any] = {**super().get_serializer_context()}
        return asked | ({"held_back": self.held_back} if hasattr(self, "held_back") else {})

    @extend_schema(request=NewSurgeSerializer, responses={201: SurgePlanSerializer})
    def create_row(self, request: Request) -> Response:
        """Plan for more than usual."""
        said = NewSurgeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        where = fields.pop("department", None) or self.member.organization
        row = actions.plan_surge(where, **fields, by=self.member, at=clock.now())
        return Response(SurgePlanSerializer(self.get_queryset().get(pk=row.pk)).data, status=201)

    @extend_schema(request=NewSurgeSerializer, responses=SurgePlanSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change a plan that has not come into force; what is not named stays as it is."""
        row = self.get_object()
        said = NewSurgeSerializer(row, data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        if fields.pop("department", row.department) != row.department:
            raise serializers.ValidationError({"department": [_("A plan stays where it is: plan another there.")]})
        actions.change_surge(row, **fields, by=self.member, at=clock.now())
        return Response(SurgePlanSerializer(self.get_object()).data)

    @extend_schema(responses=AftermathSerializer)
    @action(detail=True)
    def aftermath(self, request: Request, pk: str | None = None) -> Response:
        """What came of a plan that is or was in force; 404 where it never was."""
        found = aftermath(self.get_object(), self.member, at=clock.now())
        if found is None:
            raise Http404
        return Response(AftermathSerializer(found).data)

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
