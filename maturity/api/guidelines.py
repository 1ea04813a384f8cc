"""Guidelines over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.models import Topic
from maturity.actions import guidelines as actions
from maturity.models import GuidelineSection, GuidelineVersion
from roles import clock
from roles.api.views import ApiViewSet
from roles.tenancy import active_organization


class GuidelineVersionSerializer(serializers.ModelSerializer[GuidelineVersion]):
    """What a section said from a moment on."""

    class Meta:
        model = GuidelineVersion
        fields = ("number", "title", "text", "written_at", "by")


class GuidelineSerializer(serializers.ModelSerializer[GuidelineSection]):
    """A section of the guidelines, as it is now."""

    topics = serializers.SerializerMethodField(help_text="Keys of the topics on which it bears; none: on everything.")
    text = serializers.SerializerMethodField(help_text="In Markdown.")

    class Meta:
        model = GuidelineSection
        fields = ("id", "title", "text", "topics", "position", "version", "created_at", "retired_at")

    def get_topics(self, section: GuidelineSection) -> list[int]:
        return sorted(row.topic_id for row in section.topics.all())

    def get_text(self, section: GuidelineSection) -> str:
        return next((row.text for row in section.versions.all() if row.number == section.version), "")


class NewGuidelineSerializer(serializers.Serializer[Any]):
    """A section to be written."""

    title = serializers.CharField(max_length=120)
    text = serializers.CharField(max_length=actions.LONGEST, trim_whitespace=False)
    topics = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), many=True, required=False)


class ChangedGuidelineSerializer(NewGuidelineSerializer):
    """A section as it is to be, and the version that was read."""

    version = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)


class GuidelineViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """How we take part: sections in the order in which they are read."""

    serializer_class = GuidelineSerializer
    http_method_names = ["get", "post", "put", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read",
        "retrieve": "maturity.read",
        "create": "maturity.manage_guidelines",
        "create_once": "maturity.manage_guidelines",
        "update": "maturity.manage_guidelines",
        "retire": "maturity.manage_guidelines",
        "take_up": "maturity.manage_guidelines",
        "versions": "maturity.read",
    }

    def get_queryset(self) -> QuerySet[GuidelineSection]:
        return GuidelineSection.objects.prefetch_related("topics", "versions").in_order()

    def _shown(self, section: GuidelineSection, status: int = 200) -> Response:
        return Response(GuidelineSerializer(self.get_queryset().get(pk=section.pk)).data, status=status)

    @extend_schema(request=NewGuidelineSerializer, responses={201: GuidelineSerializer})
    def create_row(self, request: Request) -> Response:
        """Write a section; it stands last, and holds from now on."""
        said = NewGuidelineSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        made = actions.add_guideline(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return self._shown(made, 201)

    @extend_schema(request=ChangedGuidelineSerializer, responses=GuidelineSerializer)
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Say it otherwise: other words are a new version."""
        row, said = self.get_object(), ChangedGuidelineSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = {"topics": [link.topic for link in row.topics.select_related("topic")], **said.validated_data}
        return self._shown(actions.change_guideline(row, **fields, by=self.member, at=clock.now()))

    @extend_schema(request=None, responses=GuidelineSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str | None = None) -> Response:
        """Say that it holds no longer."""
        return self._shown(actions.retire_guideline(self.get_object(), by=self.member, at=clock.now()))

    @extend_schema(request=None, responses=GuidelineSerializer)
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> Response:
        """Have it hold again."""
        return self._shown(actions.take_up_guideline(self.get_object(), by=self.member, at=clock.now()))

    @extend_schema(responses=GuidelineVersionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, pk: str | None = None) -> Response:
        """Everything that it ever said, the newest first."""
        return Response(GuidelineVersionSerializer(self.get_object().versions.all(), many=True).data)
