"""Insights and briefs over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import briefs as brief_actions
from listening.actions import insights as actions
from listening.models import Brief, BriefPlan, Insight, Mention
from roles import clock
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet
from roles.models import Department
from roles.tenancy import active_organization


class InsightSerializer(serializers.ModelSerializer[Insight]):
    """What was learned, and the mentions that it rests on."""

    mentions = serializers.SerializerMethodField(help_text="The mentions that it rests on.")

    class Meta:
        model = Insight
        fields = (
            "id", "title", "text", "department", "mentions", "filed_at", "filed_by", "changed_at", "withdrawn_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_mentions(self, insight: Insight) -> list[int]:
        return [place.mention_id for place in insight.places.all()]


class NewInsightSerializer(serializers.Serializer[Any]):
    """What to file; without a department it is for everybody."""

    title = serializers.CharField(max_length=200)
    text = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    mentions = serializers.PrimaryKeyRelatedField(queryset=Mention.objects.all(), many=True, required=False)


class InsightViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What gatherers learned and others should know; those that were withdrawn are not listed."""

    serializer_class = InsightSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read_briefs",
        "retrieve": "listening.read_briefs",
        "create": "listening.file_insight",
        "partial_update": "listening.file_insight",
        "withdraw": "listening.file_insight",
        "restore": "listening.file_insight",
    }

    def get_queryset(self) -> QuerySet[Insight]:
        rows = Insight.objects.select_related("department__organization").prefetch_related("places")
        return rows.filter(withdrawn_at=None) if self.action == "list" else rows

    @extend_schema(request=NewInsightSerializer, responses={201: InsightSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """File an insight."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewInsightSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.file_insight(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(InsightSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NewInsightSerializer(partial=True), responses=InsightSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Say it better, to somebody else, or let it rest on more mentions."""
        row: Insight = self.get_object()
        said = NewInsightSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        wanted, at = dict(said.validated_data), clock.now()
        if mentions := wanted.pop("mentions", ()):
            actions.add_mentions(row, mentions=mentions, by=self.member, at=at)
        now_so = {name: getattr(row, name) for name in ("title", "text", "department")}
        actions.change_insight(row, **now_so | wanted, by=self.member, at=at)
        return Response(InsightSerializer(self.get_object()).data)

    @extend_schema(request=None, responses=InsightSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        """Take it back; it stands in no further brief."""
        row = actions.withdraw_insight(self.get_object(), by=self.member, at=clock.now())
        return Response(InsightSerializer(row).data)

    @extend_schema(request=None, responses=InsightSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Let it stand again."""
        row = actions.restore_insight(self.get_object(), by=self.member, at=clock.now())
        return Response(InsightSerializer(row).data)


class BriefSerializer(serializers.ModelSerializer[Brief]):
    """What was said that concerned a department, as it stood when the brief was made."""

    class Meta:
        model = Brief
        fields = ("id", "plan", "department", "since", "until", "content", "sent_to")
        read_only_fields = fields


class BriefViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Briefs that were made."""

    serializer_class = BriefSerializer
    capabilities: ClassVar[dict[str, str]] = {"list": "listening.read_briefs", "retrieve": "listening.read_briefs"}

    def get_queryset(self) -> QuerySet[Brief]:
        return Brief.objects.all()


class BriefPlanSerializer(serializers.ModelSerializer[BriefPlan]):
    """On which days (0 is Monday) and at what time, by the organization's clock, a department's brief is made."""

    class Meta:
        model = BriefPlan
        fields = ("id", "department", "weekdays", "at_time", "is_active", "next_at", "made_to")
        read_only_fields = fields


class NewBriefPlanSerializer(serializers.Serializer[Any]):
    """When briefs are made; a department has one plan, and another one replaces it."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), allow_null=True)
    weekdays = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6), allow_empty=False)
    at_time = serializers.TimeField()
    is_active = serializers.BooleanField(required=False)


class BriefPlanViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """When briefs are made."""

    serializer_class = BriefPlanSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read_briefs",
        "retrieve": "listening.read_briefs",
        "create": "listening.manage_briefs",
        "make": "listening.manage_briefs",
    }

    def get_queryset(self) -> QuerySet[BriefPlan]:
        return BriefPlan.objects.select_related("department__organization")

    @extend_schema(request=NewBriefPlanSerializer, responses={201: BriefPlanSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say when the briefs of a department are made."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewBriefPlanSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        organization = active_organization()
        plan = brief_actions.plan_briefs(organization, **said.validated_data, by=self.member, at=clock.now())
        return Response(BriefPlanSerializer(plan).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={201: BriefSerializer})
    @action(detail=True, methods=["post"])
    def make(self, request: Request, pk: str | None = None) -> Response:
        """Make the next brief now and mail it."""
        try:
            brief = brief_actions.make_brief(self.get_object(), by=self.member, at=clock.now())
        except ValidationError as reason:
            raise Conflict(reason.messages[0]) from reason
        return Response(BriefSerializer(brief).data, status=status.HTTP_201_CREATED)
