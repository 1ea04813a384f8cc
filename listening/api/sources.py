"""Sources over the API: add and manage them, and poll one now."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import sources as actions
from listening.api.filters import Filter
from listening.models import Channel, Poll, Source
from listening.refusals import CannotPoll, StillUsed
from roles import clock
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet
from roles.models import Department


class SourceSerializer(serializers.ModelSerializer[Source]):
    """A place that is listened to, with its health."""

    class Meta:
        model = Source
        fields = (
            "id", "network", "place", "name", "channel", "department", "is_internal", "state", "state_reason",
            "created_at", "interval_seconds", "next_poll_at", "last_polled_at", "last_success_at", "last_item_at",
            "problem", "rate_limits_in_row", "network_failures_in_row", "parse_failures_in_row",
        )  # fmt: skip
        read_only_fields = fields


class NewSourceSerializer(serializers.Serializer[Any]):
    """A place to listen to: for a feed its address."""

    network = serializers.CharField(max_length=40)
    place = serializers.CharField(max_length=2000, allow_blank=True)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    channel = serializers.PrimaryKeyRelatedField(queryset=Channel.objects.all(), required=False, allow_null=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    is_internal = serializers.BooleanField(required=False, default=False)


class SourceChangeSerializer(serializers.Serializer[Any]):
    """What may be changed about a source; another place is another source."""

    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    is_internal = serializers.BooleanField(required=False)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why, in words for colleagues."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class PollSerializer(serializers.ModelSerializer[Poll]):
    """One visit to a source, and what came of it."""

    class Meta:
        model = Poll
        fields = (
            "id", "outcome", "status", "seen", "new", "revised", "gap", "problem", "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields


class SourceFilter(Filter):
    """Which sources to list."""

    network = serializers.CharField(required=False)
    state = serializers.ChoiceField(choices=Source.State.choices, required=False)
    place = serializers.CharField(required=False)


@extend_schema_view(list=extend_schema(parameters=[SourceFilter]))
class SourceViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Where we listen."""

    serializer_class = SourceSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read_sources",
        "retrieve": "listening.read_sources",
        "create": "listening.manage_sources",
        "partial_update": "listening.manage_sources",
        "destroy": "listening.manage_sources",
        "pause": "listening.manage_sources",
        "resume": "listening.manage_sources",
        "poll": "listening.poll",
    }

    def get_queryset(self) -> QuerySet[Source]:
        if self.action != "list":
            return Source.objects.select_related("department", "channel")
        return Source.objects.filter(**SourceFilter.of(self.request))

    @extend_schema(request=NewSourceSerializer, responses={201: SourceSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a source; its first poll is due at once."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewSourceSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        source = actions.add_source(**said.validated_data, by=self.member, at=clock.now())
        return Response(SourceSerializer(source).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SourceChangeSerializer, responses=SourceSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change a source's name, department or kind."""
        source: Source = self.get_object()
        said = SourceChangeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        now_so = {name: getattr(source, name) for name in ("name", "department", "is_internal")}
        changed = actions.change_source(source, **now_so | said.validated_data, by=self.member, at=clock.now())
        return Response(SourceSerializer(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Remove a source; what it brought stays."""
        try:
            actions.remove_source(self.get_object(), by=self.member, at=clock.now())
        except StillUsed as reason:
            raise Conflict(str(reason)) from reason
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=PollSerializer)
    @action(detail=True, methods=["post"])
    def poll(self, request: Request, pk: str | None = None) -> Response:
        """Poll now, and answer with the outcome."""
        try:
            made = actions.poll_now(self.get_object(), by=self.member, at=clock.now())
        except CannotPoll as reason:
            raise Conflict(str(reason)) from reason
        return Response(PollSerializer(made).data)

    @extend_schema(request=ReasonSerializer, responses=SourceSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str | None = None) -> Response:
        """Stop polling."""
        said = ReasonSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        paused = actions.pause_source(self.get_object(), **said.validated_data, by=self.member, at=clock.now())
        return Response(SourceSerializer(paused).data)

    @extend_schema(request=None, responses=SourceSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str | None = None) -> Response:
        """Poll again from now on."""
        resumed = actions.resume_source(self.get_object(), by=self.member, at=clock.now())
        return Response(SourceSerializer(resumed).data)
