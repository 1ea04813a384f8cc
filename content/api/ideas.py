"""Ideas over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import ideas as actions
from content.models import Idea
from listening.models import Mention
from roles import clock
from roles.api.views import ApiViewSet


class IdeaSerializer(serializers.ModelSerializer[Idea]):
    """A thought for something to publish."""

    class Meta:
        model = Idea
        fields = ("id", "text", "mention", "state", "noted_at", "noted_by")
        read_only_fields = fields


class NoteIdeaSerializer(serializers.Serializer[Any]):
    """An idea in words, or straight from a mention."""

    text = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    mention = serializers.PrimaryKeyRelatedField(queryset=Mention.objects.all(), required=False)


class IdeaViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What could be worth saying one day."""

    serializer_class = IdeaSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "create": "content.note_idea",
        "create_once": "content.note_idea",
        "drop": "content.drop_idea",
        "pick_up": "content.pick_up_idea",
    }

    def get_queryset(self) -> QuerySet[Idea]:
        return Idea.objects.all()

    @extend_schema(request=NoteIdeaSerializer, responses={201: IdeaSerializer})
    def create_row(self, request: Request) -> Response:
        """Note an idea."""
        said = NoteIdeaSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        mention = said.validated_data.get("mention")
        idea = actions.note_idea(said.validated_data["text"], mention=mention, by=self.member, at=clock.now())
        return Response(IdeaSerializer(idea).data, status=201)

    @extend_schema(request=None, responses=IdeaSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str | None = None) -> Response:
        """Put it aside."""
        return Response(IdeaSerializer(actions.drop_idea(self.get_object(), by=self.member, at=clock.now())).data)

    @extend_schema(request=None, responses=IdeaSerializer)
    @action(detail=True, methods=["post"], url_path="pick-up")
    def pick_up(self, request: Request, pk: str | None = None) -> Response:
        """Open it again."""
        return Response(IdeaSerializer(actions.pick_up_idea(self.get_object(), by=self.member, at=clock.now())).data)
