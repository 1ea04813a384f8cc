"""Mentions over the API: read the stream, and triage it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import mentions as actions
from listening.api.filters import Filter
from listening.api.judgements import JudgementVerbs
from listening.api.posts import PostSerializer
from listening.api.searching import SEARCH_HELP, Searched
from listening.filtering import StreamFilter
from listening.models import Mention, MentionMatch
from listening.querysets import MentionQuerySet
from listening.refusals import Quicker
from roles import clock
from roles.api.problems import Conflict
from roles.keys import LARGEST
from roles.models import Department

# What the stream's filter says as the API does.
ONE_FILTER = frozenset(
    {"query", "network", "state", "source", "department", "story", "language", "sentiment", "topic", "internal"}
)
WAITING_AT_MOST = 100


class MatchSerializer(serializers.ModelSerializer[MentionMatch]):
    """A query that matched, and where: each span is [“title” or “text”, start, end] in characters."""

    spans = serializers.ListField(child=serializers.ListField(child=serializers.JSONField()), read_only=True)

    class Meta:
        model = MentionMatch
        fields = ("query", "spans")
        read_only_fields = fields


class MentionSerializer(serializers.ModelSerializer[Mention]):
    """A post that concerns the organization."""

    post = PostSerializer(read_only=True)
    queries = serializers.ListField(
        child=serializers.IntegerField(), source="query_ids", read_only=True, help_text="Queries that ever matched it."
    )
    matches = MatchSerializer(many=True, read_only=True)
    topic_is_suggested = serializers.BooleanField(
        read_only=True, help_text="Whether a machine named the topic, as surely as `topic_score` says."
    )
    places = serializers.SerializerMethodField()

    class Meta:
        model = Mention
        fields = (
            "id", "post", "network", "source", "channel", "department", "queries", "matches", "state", "captured_at",
            "triaged_at", "triaged_by", "triage_code", "triage_reason", "language", "sentiment", "sentiment_score",
            "relevance", "topic", "topic_score", "topic_is_suggested", "judged_by", "story", "places",
        )  # fmt: skip
        read_only_fields = fields

    def get_places(self, row: Mention) -> int:
        """For how many mentions of its story that wait it stands, itself among them; at most 100 are counted."""
        return max(len(getattr(row, "waiting", ())), 1)


class SeenSerializer(serializers.Serializer[Any]):
    """In which state the caller saw the mention; if somebody decided meanwhile, the answer is 409 and says what."""

    seen = serializers.ChoiceField(choices=Mention.State.choices, required=False)


class DismissSerializer(SeenSerializer):
    """Why it is not relevant: one of the usual reasons, words of one's own, or neither."""

    code = serializers.ChoiceField(choices=Mention.WhyNot.choices, required=False)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RouteSerializer(SeenSerializer):
    """To which department."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all())


class MentionFilter(Filter):
    """Which mentions to list: the stream's filter, but in whatever state where none is named."""

    query = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    network = serializers.RegexField(r"^[A-Za-z0-9_-]{1,40}$", required=False)
    state = serializers.ChoiceField(choices=Mention.State.choices, required=False)
    source = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)  # type: ignore[assignment]
    department = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    story = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    language = serializers.RegexField(r"^[A-Za-z-]{1,12}$", required=False, help_text="ISO 639-1.")
    sentiment = serializers.ChoiceField(choices=Mention.Sentiment.choices, required=False)
    topic = serializers.RegexField(
        r"^(none|[1-9][0-9]{0,17})$",
        required=False,
        help_text="Given by a person or suggested by a machine; “none” for those without.",
    )
    internal = serializers.ChoiceField(
        choices=["yes", "no"], required=False, help_text="Only these, or only public ones."
    )
    since = serializers.DateTimeField(required=False, help_text="Captured at this moment or later.")
    until = serializers.DateTimeField(required=False, help_text="Captured before this moment.")
    fold = serializers.BooleanField(
        required=False,
        help_text="List a story once, by the first of its mentions that wait; together with `state=untriaged`.",
    )
    search = serializers.CharField(required=False, help_text=SEARCH_HELP)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("fold") and (attrs.get("state") != Mention.State.UNTRIAGED or {"search", "story"} & attrs.keys()):
            raise serializers.ValidationError(
                {"fold": ["Only what waits is folded: name state=untriaged, and neither story nor search."]}
            )
        return attrs


def narrowed(rows: MentionQuerySet, asked: dict[str, Any]) -> MentionQuerySet:
    """The mentions that a filter asks for; a search is asked when the page is cut."""
    said = {name: value for name, value in asked.items() if name in ONE_FILTER}
    wanted = StreamFilter.of({"state": "all", **said, "fold": "" if asked.get("fold") else "no"})
    rows = wanted.narrow(rows)
    if "since" in asked:
        rows = rows.filter(captured_at__gte=asked["since"])
    if "until" in asked:
        rows = rows.filter(captured_at__lt=asked["until"])
    return rows.with_waiting(WAITING_AT_MOST) if wanted.folds else rows


@extend_schema_view(list=extend_schema(parameters=[MentionFilter]))
class MentionViewSet(ListModelMixin, RetrieveModelMixin, Searched, JudgementVerbs):
    """What concerns us."""

    serializer_class = MentionSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read",
        "retrieve": "listening.read",
        "dismiss": "listening.triage",
        "keep": "listening.triage",
        "restore": "listening.triage",
        "route": "listening.triage",
        **JudgementVerbs.judging,
    }

    def get_queryset(self) -> QuerySet[Mention]:
        rows = Mention.objects.select_related("post__author").prefetch_related("matches")
        if self.action != "list":
            return rows
        return narrowed(rows, MentionFilter.of(self.request))

    @extend_schema(request=DismissSerializer, responses=MentionSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str | None = None) -> Response:
        """Say that it is not relevant, and why."""
        return self._decide(actions.dismiss, DismissSerializer(data=request.data))

    @extend_schema(request=SeenSerializer, responses=MentionSerializer)
    @action(detail=True, methods=["post"])
    def keep(self, request: Request, pk: str | None = None) -> Response:
        """Say that it is relevant and that nothing is to be done."""
        return self._decide(actions.keep, SeenSerializer(data=request.data))

    @extend_schema(request=SeenSerializer, responses=MentionSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Put it back into the stream; from a department only while nobody there has begun."""
        return self._decide(actions.restore, SeenSerializer(data=request.data))

    @extend_schema(request=RouteSerializer, responses=MentionSerializer)
    @action(detail=True, methods=["post"])
    def route(self, request: Request, pk: str | None = None) -> Response:
        """Give it to a department."""
        return self._decide(actions.route_to, RouteSerializer(data=request.data))

    def _decide(self, act: Callable[..., Mention], said: serializers.Serializer[Any]) -> Response:
        mention = self.get_object()
        said.is_valid(raise_exception=True)
        try:
            act(mention, **said.validated_data, by=self.member, at=clock.now())
        except Quicker as reason:
            raise Conflict(str(reason)) from reason
        return self._as_it_is()

    def _as_it_is(self) -> Response:
        return Response(MentionSerializer(self.get_object()).data)
