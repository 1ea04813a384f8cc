"""Judgements of mentions over the API: what people said of them, and saying it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import judgements as actions
from listening.api.filters import Filter
from listening.models import Correction, Mention, Topic
from roles import clock
from roles.api.views import ApiViewSet
from roles.keys import LARGEST


class CorrectionSerializer(serializers.ModelSerializer[Correction]):
    """What a person said about one judgement of a mention, and what a machine had said before."""

    by_name = serializers.SerializerMethodField()

    class Meta:
        model = Correction
        fields = ("id", "mention", "kind", "value", "before", "before_score", "before_by", "by", "by_name", "at")
        read_only_fields = fields

    def get_by_name(self, correction: Correction) -> str:
        return str(correction.by or "")


class CorrectionFilter(Filter):
    """Which corrections to list."""

    kind = serializers.ChoiceField(choices=Correction.Kind.choices, required=False)
    mention = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    since = serializers.DateTimeField(required=False, help_text="Said at this moment or later.")


@extend_schema_view(list=extend_schema(parameters=[CorrectionFilter]))
class CorrectionViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What people said about judgements."""

    serializer_class = CorrectionSerializer
    http_method_names = ["get", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {"list": "listening.read", "retrieve": "listening.read"}

    def get_queryset(self) -> QuerySet[Correction]:
        rows = Correction.objects.select_related("by__user")
        if self.action != "list":
            return rows
        wanted = CorrectionFilter.of(self.request)
        if "since" in wanted:
            wanted["at__gte"] = wanted.pop("since")
        return rows.filter(**wanted)


class LanguageSerializer(serializers.Serializer[Any]):
    """In which language."""

    language = serializers.CharField(max_length=12, help_text="ISO 639-1.")


class SentimentSerializer(serializers.Serializer[Any]):
    """Which sentiment."""

    sentiment = serializers.ChoiceField(choices=Mention.Sentiment.choices)


class TopicOfMentionSerializer(serializers.Serializer[Any]):
    """What it is about; null: none of the topics."""

    topic = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), allow_null=True)


class TakeBackSerializer(serializers.Serializer[Any]):
    """Which of the corrections."""

    kind = serializers.ChoiceField(choices=["language", "sentiment", "topic"])


class JudgementVerbs(ApiViewSet):
    """What people say about the judgements of a mention; part of the mentions' own viewset."""

    judging: ClassVar[dict[str, str]] = dict.fromkeys(
        ("correct_language", "correct_sentiment", "give_topic", "take_back_correction"), "listening.triage"
    )

    @extend_schema(request=LanguageSerializer)
    @action(detail=True, methods=["post"], url_path="language")
    def correct_language(self, request: Request, pk: str | None = None) -> Response:
        """Say in which language it is written."""
        return self._say(request, LanguageSerializer, actions.correct_language)

    @extend_schema(request=SentimentSerializer)
    @action(detail=True, methods=["post"], url_path="sentiment")
    def correct_sentiment(self, request: Request, pk: str | None = None) -> Response:
        """Say whether it is negative (-1), neutral (0) or positive (1)."""
        return self._say(request, SentimentSerializer, actions.correct_sentiment)

    @extend_schema(request=TopicOfMentionSerializer)
    @action(detail=True, methods=["post"], url_path="topic")
    def give_topic(self, request: Request, pk: str | None = None) -> Response:
        """Say what it is about, or, with null, that it is about none of the topics."""
        mention = self.get_object()
        said = TopicOfMentionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        topic = said.validated_data["topic"]
        if topic is None:
            actions.take_topic_away(mention, by=self.member, at=clock.now())
        else:
            actions.give_topic(mention, topic=topic, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=TakeBackSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back_correction(self, request: Request, pk: str | None = None) -> Response:
        """Leave a judgement to the machine again."""
        return self._say(request, TakeBackSerializer, actions.take_back_correction)

    def _say(self, request: Request, serializer: type[serializers.Serializer[Any]], verb: Any) -> Response:
        mention = self.get_object()
        said = serializer(data=request.data)
        said.is_valid(raise_exception=True)
        verb(mention, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)
