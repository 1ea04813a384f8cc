"""Topics over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import topics as actions
from listening.models import Topic
from listening.refusals import StillUsed
from roles import clock
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet
from roles.models import Department


class TopicSerializer(serializers.ModelSerializer[Topic]):
    """What mentions can be about."""

    class Meta:
        model = Topic
        fields = ("id", "name", "description", "department", "is_active", "created_at")
        read_only_fields = fields


class NewTopicSerializer(serializers.Serializer[Any]):
    """A topic to add, or what of it to change."""

    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)


class MergeSerializer(serializers.Serializer[Any]):
    """Into which other topic."""

    into = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all())


class TopicViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What mentions are about."""

    serializer_class = TopicSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read",
        "retrieve": "listening.read",
        "create": "listening.manage_topics",
        "partial_update": "listening.manage_topics",
        "pause": "listening.manage_topics",
        "resume": "listening.manage_topics",
        "merge": "listening.manage_topics",
    }

    def get_queryset(self) -> QuerySet[Topic]:
        rows = Topic.objects.all()
        return rows if self.action == "list" else rows.select_related("department")

    @extend_schema(request=NewTopicSerializer, responses={201: TopicSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a topic."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewTopicSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        topic = actions.add_topic(**said.validated_data, by=self.member, at=clock.now())
        return Response(TopicSerializer(topic).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NewTopicSerializer(partial=True), responses=TopicSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change what a topic is called and whom it concerns."""
        topic: Topic = self.get_object()
        said = NewTopicSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        now_so = {name: getattr(topic, name) for name in ("name", "description", "department")}
        changed = actions.change_topic(topic, **now_so | said.validated_data, by=self.member, at=clock.now())
        return Response(TopicSerializer(changed).data)

    @extend_schema(request=None, responses=TopicSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str | None = None) -> Response:
        """Offer and suggest it no more; mentions that have it keep it."""
        return Response(TopicSerializer(actions.pause_topic(self.get_object(), by=self.member, at=clock.now())).data)

    @extend_schema(request=None, responses=TopicSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str | None = None) -> Response:
        """Offer and suggest it again."""
        return Response(TopicSerializer(actions.resume_topic(self.get_object(), by=self.member, at=clock.now())).data)

    @extend_schema(request=MergeSerializer, responses=TopicSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str | None = None) -> Response:
        """Give all its mentions another topic and remove it; answers with the other one."""
        topic = self.get_object()
        said = MergeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            into = actions.merge_topics(topic, **said.validated_data, by=self.member, at=clock.now())
        except StillUsed as reason:
            raise Conflict(str(reason)) from reason
        return Response(TopicSerializer(into).data)
