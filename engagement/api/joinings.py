"""Proactive engagement over the API: join, start, and read the ledger."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement import joining as reads
from engagement.actions import joinings as actions
from engagement.api.conflicts import EngagementViewSet
from engagement.models import Joining, Starter
from engagement.models.joinings import Step
from listening.models import Mention, Source
from roles import clock
from roles.models import Member


class JoiningSerializer(serializers.ModelSerializer[Joining]):
    """A conversation of others that somebody joined."""

    mention = serializers.IntegerField(source="assignment.mention_id", read_only=True)

    class Meta:
        model = Joining
        fields = ("id", "assignment", "mention", "step", "by", "joined_at")
        read_only_fields = fields


class NewJoiningSerializer(serializers.Serializer[Any]):
    """Which mention to join, and along which of the seven steps."""

    mention = serializers.PrimaryKeyRelatedField(queryset=Mention.objects.all())
    step = serializers.ChoiceField(choices=Step.choices)


class WorthSerializer(serializers.Serializer[Any]):
    """A conversation of others with how much we could give there, and why."""

    mention = serializers.IntegerField(source="mention.pk")
    points = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())


class AccountSerializer(serializers.Serializer[Any]):
    """A community with what we gave there and what we asked for."""

    name = serializers.CharField()
    network = serializers.CharField()
    answered = serializers.IntegerField()
    shared = serializers.IntegerField()
    promoted = serializers.IntegerField()
    asked_for = serializers.IntegerField()
    is_welcome = serializers.BooleanField()


class JoiningViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """Conversations of others that we joined."""

    serializer_class = JoiningSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.find_conversations",
        "retrieve": "engagement.find_conversations",
        "create": "engagement.join",
        "worth": "engagement.find_conversations",
        "ledger": "engagement.find_conversations",
    }

    def get_queryset(self) -> QuerySet[Joining]:
        return Joining.objects.select_related("assignment")

    @extend_schema(request=NewJoiningSerializer, responses={201: JoiningSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Join; 409 with the reason where it would be too much about ourselves."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewJoiningSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.join(
            said.validated_data["mention"], step=said.validated_data["step"], by=self.member, at=clock.now()
        )
        return Response(self.get_serializer(self.get_queryset().get(assignment=row)).data, status=201)

    @extend_schema(responses=WorthSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def worth(self, request: Request) -> Response:
        """The conversations in which we could give most, with why."""
        found, _is_cut = reads.worth_joining(at=clock.now())
        return Response(WorthSerializer(found[:100], many=True).data)

    @extend_schema(responses=AccountSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def ledger(self, request: Request) -> Response:
        """What we gave in each community, beside what we asked for."""
        return Response(AccountSerializer(reads.ledger(at=clock.now()), many=True).data)


class StarterSerializer(serializers.ModelSerializer[Starter]):
    """A conversation that we mean to start, or did."""

    class Meta:
        model = Starter
        fields = ("id", "text", "community", "owner", "step", "state", "created_at", "ended_at", "url", "outcome")
        read_only_fields = fields


class NewStarterSerializer(serializers.Serializer[Any]):
    """With what, where, and by whom."""

    text = serializers.CharField(max_length=2000)
    community = serializers.PrimaryKeyRelatedField(queryset=Source.objects.all(), required=False, allow_null=True)
    owner = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all())
    step = serializers.ChoiceField(choices=Step.choices, default=Step.ENGAGE)


class EndedSerializer(serializers.Serializer[Any]):
    """Started or dropped, where it stands, and what came of it."""

    state = serializers.ChoiceField(choices=["started", "dropped"])
    url = serializers.URLField(max_length=1000, required=False, allow_blank=True)
    outcome = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class StarterViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """Conversations that we start."""

    serializer_class = StarterSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.find_conversations",
        "retrieve": "engagement.find_conversations",
        "create": "engagement.start",
        "end": "engagement.start",
    }

    def get_queryset(self) -> QuerySet[Starter]:
        return Starter.objects.all()

    @extend_schema(request=NewStarterSerializer, responses={201: StarterSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Plan one."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewStarterSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.add_starter(**said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(request=EndedSerializer, responses=StarterSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        """Say that it was started or dropped, and what came of it."""
        row = self.get_object()
        said = EndedSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.end_starter(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)
