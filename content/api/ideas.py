"""Ideas over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import idea_merging as merging
from content.actions import ideas as actions
from content.alike import alike
from content.models import Campaign, Idea
from content.models.ideas import MOST
from content.recurring import recurring_questions
from engagement.api.conflicts import EngagementViewSet
from engagement.models.joinings import Step
from listening.models import Mention, Story, Topic
from roles import clock


class IdeaSerializer(serializers.ModelSerializer[Idea]):
    """A thought for something to publish, and what became of it."""

    pieces = serializers.SerializerMethodField()

    class Meta:
        model = Idea
        fields = (
            "id", "text", "origin", "mention", "story", "url", "page_title", "quote", "value", "effort", "step",
            "topic", "campaign", "state", "reason", "noted_at", "noted_by", "settled_at", "settled_by", "merged_into",
            "pieces",
        )  # fmt: skip
        read_only_fields = fields

    def get_pieces(self, row: Idea) -> list[int]:
        return [piece.pk for piece in row.pieces.all()]


class AboutIdeaSerializer(serializers.Serializer[Any]):
    """What an idea says and is about."""

    text = serializers.CharField(max_length=actions.LONGEST, required=False, allow_blank=True, default="")
    value = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    effort = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    step = serializers.ChoiceField(choices=Step.choices, required=False, allow_blank=True)
    topic = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), required=False, allow_null=True)
    campaign = serializers.PrimaryKeyRelatedField(queryset=Campaign.objects.all(), required=False, allow_null=True)


class NoteIdeaSerializer(AboutIdeaSerializer):
    """An idea in words, or straight from a mention, a story or a page elsewhere."""

    mention = serializers.PrimaryKeyRelatedField(queryset=Mention.objects.all(), required=False)
    story = serializers.PrimaryKeyRelatedField(queryset=Story.objects.all(), required=False)
    origin = serializers.ChoiceField(choices=Idea.Origin.choices, required=False)
    url = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    page_title = serializers.CharField(max_length=300, required=False, allow_blank=True)
    quote = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class RateIdeaSerializer(serializers.Serializer[Any]):
    """Value and effort, from 1 to 5; 0 takes back what was said."""

    value = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    effort = serializers.IntegerField(min_value=0, max_value=MOST, required=False)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why it was decided so; who noted the idea reads it."""

    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class MergeIdeasSerializer(serializers.Serializer[Any]):
    """The idea into which this one is put."""

    into = serializers.PrimaryKeyRelatedField(queryset=Idea.objects.all())


class LikenessSerializer(serializers.Serializer[Any]):
    """An alike idea, and how alike it is."""

    idea = IdeaSerializer()
    percent = serializers.IntegerField()


class QuestionSerializer(serializers.Serializer[Any]):
    """A question that keeps coming, in the words of who asked last."""

    text = serializers.CharField()
    mention = serializers.IntegerField()
    times = serializers.IntegerField()
    people = serializers.SerializerMethodField()
    last_at = serializers.DateTimeField()
    ideas = serializers.SerializerMethodField()

    def get_people(self, row: Any) -> int:
        return len(row.people)

    def get_ideas(self, row: Any) -> list[int]:
        return [one.idea.pk for one in row.ideas]


class DevelopedSerializer(serializers.Serializer[Any]):
    """The piece that was begun."""

    piece = serializers.IntegerField()


class IdeaViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What could be worth saying one day."""

    serializer_class = IdeaSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "create": "content.note_idea",
        "create_once": "content.note_idea",
        "partial_update": "content.change_idea",
        "rate": "content.rate_idea",
        "accept": "content.accept_idea",
        "drop": "content.drop_idea",
        "pick_up": "content.pick_up_idea",
        "merge": "content.merge_ideas",
        "split": "content.merge_ideas",
        "develop": "content.write",
        "alike": "content.read",
        "questions": "content.read",
    }

    def get_queryset(self) -> QuerySet[Idea]:
        rows = Idea.objects.prefetch_related("pieces")
        state = self.request.query_params.get("state", "")
        return rows.filter(state=state) if state in Idea.State.values else rows

    @extend_schema(parameters=[OpenApiParameter("state", str, enum=Idea.State.values)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All ideas, or those in one state."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=NoteIdeaSerializer, responses={201: IdeaSerializer})
    def create_row(self, request: Request) -> Response:
        """Note an idea."""
        said = NoteIdeaSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        idea = actions.note_idea(fields.pop("text"), **fields, by=self.member, at=clock.now())
        return Response(IdeaSerializer(idea).data, status=201)

    @extend_schema(request=AboutIdeaSerializer, responses=IdeaSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Say it otherwise, and what it is about."""
        said = AboutIdeaSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        row, fields = self.get_object(), dict(said.validated_data)
        text = fields.pop("text", row.text)
        return self._answer(actions.change_idea(row, text=text, **fields, by=self.member, at=clock.now()))

    @extend_schema(request=RateIdeaSerializer, responses=IdeaSerializer)
    @action(detail=True, methods=["post"])
    def rate(self, request: Request, pk: str | None = None) -> Response:
        """Say what it is worth and what it asks of us."""
        said = RateIdeaSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return self._answer(actions.rate_idea(self.get_object(), **said.validated_data, by=self.member, at=clock.now()))

    @extend_schema(request=ReasonSerializer, responses=IdeaSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str | None = None) -> Response:
        """Say that something will be made of it."""
        return self._settled(actions.accept_idea, request)

    @extend_schema(request=ReasonSerializer, responses=IdeaSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str | None = None) -> Response:
        """Put it aside."""
        return self._settled(actions.drop_idea, request)

    @extend_schema(request=None, responses=IdeaSerializer)
    @action(detail=True, methods=["post"], url_path="pick-up")
    def pick_up(self, request: Request, pk: str | None = None) -> Response:
        """Open it again."""
        return self._answer(actions.pick_up_idea(self.get_object(), by=self.member, at=clock.now()))

    @extend_schema(request=MergeIdeasSerializer, responses=IdeaSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str | None = None) -> Response:
        """Put it into an alike one."""
        row, said = self.get_object(), MergeIdeasSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        into = said.validated_data["into"]
        return self._answer(merging.merge_ideas(row, into=into, by=self.member, at=clock.now()))

    @extend_schema(request=None, responses=IdeaSerializer)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str | None = None) -> Response:
        """Take it out of the one into which it was merged."""
        return self._answer(merging.split_idea(self.get_object(), by=self.member, at=clock.now()))

    @extend_schema(request=None, responses=DevelopedSerializer)
    @action(detail=True, methods=["post"])
    def develop(self, request: Request, pk: str | None = None) -> Response:
        """Make a piece of it; called again it answers with the piece that is there."""
        piece = actions.develop_idea(self.get_object(), by=self.member, at=clock.now())
        return Response({"piece": piece.pk})

    @extend_schema(responses=LikenessSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def alike(self, request: Request, pk: str | None = None) -> Response:
        """The ideas that say nearly the same."""
        row = self.get_object()
        return Response(LikenessSerializer(alike(row.said, but=[row.pk]), many=True).data)

    @extend_schema(responses=QuestionSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def questions(self, request: Request) -> Response:
        """The questions that keep coming."""
        return Response(QuestionSerializer(recurring_questions(at=clock.now()), many=True).data)

    def _settled(self, act: Callable[..., Idea], request: Request) -> Response:
        said = ReasonSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return self._answer(act(self.get_object(), **said.validated_data, by=self.member, at=clock.now()))

    def _answer(self, row: Idea) -> Response:
        return Response(IdeaSerializer(Idea.objects.prefetch_related("pieces").get(pk=row.pk)).data)
