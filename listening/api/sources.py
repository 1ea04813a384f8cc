"""Sources over the API: add and manage them, and poll one now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import sources as actions
from listening.actions.webhooks import open_address
from listening.api.filters import Filter
from listening.api.source_lists import SourceLists
from listening.api.translated import TranslatedField
from listening.api.webhooks import InboundWebhookSerializer, MadeInboundWebhookSerializer
from listening.forms import SourceListForm
from listening.health.history import days_of
from listening.health.lines import line_of
from listening.health.workers import nobody_polls
from listening.models import Channel, Connection, Poll, Source
from listening.refusals import CannotPoll, StillUsed
from roles import clock
from roles.api.problems import Conflict
from roles.models import Department

CHANGEABLE = ("name", "department", "is_internal", "folder", "quiet_hours")


class SourceSerializer(serializers.ModelSerializer[Source]):
    """A place that is listened to, with its health."""

    problem = TranslatedField(read_only=True)
    state_reason = TranslatedField(read_only=True)

    class Meta:
        model = Source
        fields = (
            "id", "network", "place", "name", "channel", "department", "is_internal", "state", "state_reason",
            "created_at", "interval_seconds", "next_poll_at", "last_polled_at", "last_success_at", "last_item_at",
            "problem", "rate_limits_in_row", "network_failures_in_row", "parse_failures_in_row", "folder",
            "quiet_hours", "usual_seconds", "moved_to", "connection",
        )  # fmt: skip
        read_only_fields = fields


class NewSourceSerializer(serializers.Serializer[Any]):
    """A place to listen to: for a feed its address."""

    network = serializers.CharField(max_length=40)
    place = serializers.CharField(max_length=2000, allow_blank=True)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    channel = serializers.PrimaryKeyRelatedField(queryset=Channel.objects.all(), required=False, allow_null=True)
    connection = serializers.PrimaryKeyRelatedField(
        queryset=Connection.objects.all(), required=False, allow_null=True, help_text="Needed where there are several."
    )
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    is_internal = serializers.BooleanField(required=False, default=False)
    folder = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    quiet_hours = serializers.IntegerField(min_value=1, max_value=9600, required=False, allow_null=True, default=None)


class SourceChangeSerializer(serializers.Serializer[Any]):
    """What may be changed about a source; another place is another source."""

    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    is_internal = serializers.BooleanField(required=False)
    folder = serializers.CharField(max_length=120, required=False, allow_blank=True)
    quiet_hours = serializers.IntegerField(min_value=1, max_value=9600, required=False, allow_null=True)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why, in words for colleagues."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class PollSerializer(serializers.ModelSerializer[Poll]):
    """One visit to a source, and what came of it."""

    problem = TranslatedField(read_only=True)

    class Meta:
        model = Poll
        fields: tuple[str, ...] = (
            "id", "outcome", "status", "seen", "new", "revised", "gap", "problem", "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields


class PollAnswerSerializer(PollSerializer):
    """What came of polling now; `warning` says where nobody would have polled by itself."""

    warning = serializers.CharField()

    class Meta(PollSerializer.Meta):
        fields = (*PollSerializer.Meta.fields, "warning")
        read_only_fields = fields


class DaySerializer(serializers.Serializer[Any]):
    """One day of a source: polls by outcome, and new posts."""

    day = serializers.DateField()
    well = serializers.IntegerField()
    rate_limited = serializers.IntegerField()
    unreachable = serializers.IntegerField()
    unreadable = serializers.IntegerField()
    new = serializers.IntegerField()


class LineSerializer(serializers.Serializer[Any]):
    """The line that stays open to the network: since when, or why there is none and when it is tried again."""

    opened_at = serializers.DateTimeField(allow_null=True)
    last_hint_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField()
    next_try_at = serializers.DateTimeField(allow_null=True)


class HealthSerializer(serializers.Serializer[Any]):
    """How a source fares; days and polls stand newest first, `warning` says that no worker is running."""

    is_silent = serializers.BooleanField()
    is_overdue = serializers.BooleanField()
    warning = serializers.CharField()
    line = LineSerializer(allow_null=True, help_text="Null where the network keeps no line open for it.")
    days = DaySerializer(many=True)
    polls = PollSerializer(many=True)


class SourceFilter(Filter):
    """Which sources to list."""

    network = serializers.CharField(required=False)
    state = serializers.ChoiceField(choices=Source.State.choices, required=False)
    place = serializers.CharField(required=False)
    show = serializers.ChoiceField(
        choices=SourceListForm.KINDS, required=False, help_text="Only those in trouble, silent, paused or internal."
    )
    search = serializers.CharField(required=False, max_length=200, help_text="Words in name, address or folder.")


@extend_schema_view(list=extend_schema(parameters=[SourceFilter]))
class SourceViewSet(ListModelMixin, RetrieveModelMixin, SourceLists):
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
        "health": "listening.read_sources",
        "discover": "listening.manage_sources",
        "take_over": "listening.manage_sources",
        "export": "listening.read_sources",
        "open_address": "listening.manage_webhooks",
    }

    def get_queryset(self) -> QuerySet[Source]:
        if self.action != "list":
            return Source.objects.select_related("department", "channel", "connection")
        wanted = SourceFilter.of(self.request)
        form = SourceListForm({name: wanted.pop(name, "") for name in ("show", "search")})
        return form.narrow(Source.objects.filter(**wanted), at=clock.now())

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
        now_so = {name: getattr(source, name) for name in CHANGEABLE}
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

    @extend_schema(request=None, responses=PollAnswerSerializer)
    @action(detail=True, methods=["post"])
    def poll(self, request: Request, pk: str | None = None) -> Response:
        """Poll now, and answer with the outcome."""
        try:
            made = actions.poll_now(self.get_object(), by=self.member, at=clock.now())
        except CannotPoll as reason:
            raise Conflict(str(reason)) from reason
        return Response(PollSerializer(made).data | {"warning": nobody_polls(clock.now())})

    @extend_schema(responses=HealthSerializer)
    @action(detail=True, methods=["get"], pagination_class=None)
    def health(self, request: Request, pk: str | None = None) -> Response:
        """How the source fares: silent or not, whether anybody polls, its last days and polls."""
        source, at = self.get_object(), clock.now()
        days = [asdict(day) for day in reversed(days_of(source, at=at))]
        polls = Poll.objects.filter(source=source).order_by("-pk")[:20]
        said = {
            "is_silent": source.is_silent(at), "is_overdue": source.is_overdue(at), "warning": nobody_polls(at),
            "line": line_of(source, at=at),
            "days": days, "polls": polls,
        }  # fmt: skip
        return Response(HealthSerializer(said).data)

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

    @extend_schema(request=None, responses={201: MadeInboundWebhookSerializer})
    @action(detail=True, methods=["post"], url_path="open-address")
    def open_address(self, request: Request, pk: str | None = None) -> Response:
        """Open an address at which the source's own server tells us what happens; its secret stands here this once."""
        row, secret = open_address(self.get_object(), by=self.member, at=clock.now())
        return Response({**InboundWebhookSerializer(row).data, "secret": secret}, status=status.HTTP_201_CREATED)
