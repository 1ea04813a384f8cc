"""Stories over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import stories as actions
from listening.models import Mention, Story
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department


class StorySerializer(serializers.ModelSerializer[Story]):
    """Near-identical posts folded together; its mentions are those of `/mentions/?story=`."""

    class Meta:
        model = Story
        fields = (
            "id", "headline", "first_at", "last_at", "size", "merged_into", "follow_state", "follow_department",
        )  # fmt: skip
        read_only_fields = fields


class DismissStorySerializer(serializers.Serializer[Any]):
    """Why, and whether what arrives later follows."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)
    follow = serializers.BooleanField(default=False)


class RouteStorySerializer(serializers.Serializer[Any]):
    """To which department, and whether what arrives later follows."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all())
    follow = serializers.BooleanField(default=False)


class IntoSerializer(serializers.Serializer[Any]):
    """Of which story it becomes part."""

    into = serializers.PrimaryKeyRelatedField(queryset=Story.objects.all())


class OneMentionSerializer(serializers.Serializer[Any]):
    """Which mention."""

    mention = serializers.PrimaryKeyRelatedField(queryset=Mention.objects.all())


class StoryViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What was told at many places."""

    serializer_class = StorySerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read",
        "retrieve": "listening.read",
        "dismiss": "listening.triage",
        "route": "listening.triage",
        "restore": "listening.triage",
        "merge": "listening.triage",
        "unmerge": "listening.triage",
        "split": "listening.triage",
        "join": "listening.triage",
    }

    def get_queryset(self) -> QuerySet[Story]:
        return Story.objects.told() if self.action == "list" else Story.objects.all()

    @extend_schema(request=DismissStorySerializer, responses=StorySerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str | None = None) -> Response:
        """Say that the whole story is not relevant."""
        story = self.get_object()
        said = DismissStorySerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.dismiss_story(story, **said.validated_data, by=self.member, at=clock.now())
        return self._as_it_is()

    @extend_schema(request=RouteStorySerializer, responses=StorySerializer)
    @action(detail=True, methods=["post"])
    def route(self, request: Request, pk: str | None = None) -> Response:
        """Give the whole story to a department."""
        story = self.get_object()
        said = RouteStorySerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.route_story(story, **said.validated_data, by=self.member, at=clock.now())
        return self._as_it_is()

    @extend_schema(request=None, responses=StorySerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Put what was dismissed of the story back into the stream."""
        actions.restore_story(self.get_object(), by=self.member, at=clock.now())
        return self._as_it_is()

    @extend_schema(request=IntoSerializer, responses=StorySerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str | None = None) -> Response:
        """Make the story part of another; returns the one that stays."""
        story = self.get_object()
        said = IntoSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        whole = actions.merge(story, into=said.validated_data["into"], by=self.member, at=clock.now())
        return Response(StorySerializer(whole).data)

    @extend_schema(request=None, responses=StorySerializer)
    @action(detail=True, methods=["post"])
    def unmerge(self, request: Request, pk: str | None = None) -> Response:
        """Take the story out of the other again."""
        actions.unmerge(self.get_object(), by=self.member, at=clock.now())
        return self._as_it_is()

    @extend_schema(request=OneMentionSerializer, responses=StorySerializer)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str | None = None) -> Response:
        """Say that a mention does not belong to the story."""
        story = self.get_object()
        said = OneMentionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        mention = said.validated_data["mention"]
        if mention.story_id != story.pk:
            raise serializers.ValidationError({"mention": "This mention belongs to another story, or to none."})
        actions.split_off(mention, by=self.member, at=clock.now())
        return self._as_it_is()

    @extend_schema(request=OneMentionSerializer, responses=StorySerializer)
    @action(detail=True, methods=["post"])
    def join(self, request: Request, pk: str | None = None) -> Response:
        """Say that a mention belongs to the story."""
        story = self.get_object()
        said = OneMentionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.join_story(said.validated_data["mention"], story=story, by=self.member, at=clock.now())
        return self._as_it_is()

    def _as_it_is(self) -> Response:
        return Response(StorySerializer(self.get_object()).data)
