"""Warnings over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import warnings as actions
from listening.api.filters import Filter
from listening.models import EarlyWarning, KnownEvent, Mention, Topic, TrackingQuery
from roles import clock
from roles.api.views import ApiViewSet


class EarlyWarningSerializer(serializers.ModelSerializer[EarlyWarning]):
    """One event that is unusual: the count at its peak, what was usual, what drives it, and how it ended."""

    class Meta:
        model = EarlyWarning
        fields = (
            "id", "kind", "subject", "severity", "state", "began_at", "detected_at", "last_at", "ended_at", "value",
            "expected", "is_hourly", "story", "mention_ids", "words", "also", "known_event", "outcome", "note",
            "acknowledged_at", "acknowledged_by", "closed_at", "closed_by", "raised_by",
        )  # fmt: skip
        read_only_fields = fields


class NewWarningSerializer(serializers.Serializer[Any]):
    """A warning by hand, because of some mentions."""

    title = serializers.CharField(max_length=200)
    severity = serializers.ChoiceField(choices=EarlyWarning.Severity.choices, default=EarlyWarning.Severity.SERIOUS)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    mentions = serializers.PrimaryKeyRelatedField(queryset=Mention.objects.all(), many=True, allow_empty=False)


class OutcomeSerializer(serializers.Serializer[Any]):
    """How it ended."""

    outcome = serializers.ChoiceField(choices=EarlyWarning.Outcome.choices)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class WarningFilter(Filter):
    """What the list of warnings may be narrowed to."""

    state = serializers.ChoiceField(choices=EarlyWarning.State.choices, required=False)
    outcome = serializers.ChoiceField(choices=EarlyWarning.Outcome.choices, required=False)


@extend_schema_view(list=extend_schema(parameters=[WarningFilter]))
class WarningViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What is and was unusual."""

    serializer_class = EarlyWarningSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read_warnings",
        "retrieve": "listening.read_warnings",
        "create": "listening.raise_warning",
        "acknowledge": "listening.acknowledge",
        "close": "listening.close_warning",
        "reopen": "listening.close_warning",
    }

    def get_queryset(self) -> QuerySet[EarlyWarning]:
        rows = EarlyWarning.objects.all()
        return rows.filter(**WarningFilter.of(self.request)) if self.action == "list" else rows

    @extend_schema(request=NewWarningSerializer, responses={201: EarlyWarningSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Warn the coaches on call."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewWarningSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.raise_warning(**said.validated_data, by=self.member, at=clock.now())
        return Response(EarlyWarningSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=EarlyWarningSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str | None = None) -> Response:
        """Say that one is on it."""
        row = actions.acknowledge(self.get_object(), by=self.member, at=clock.now())
        return Response(EarlyWarningSerializer(row).data)

    @extend_schema(request=OutcomeSerializer, responses=EarlyWarningSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        """Note how it ended."""
        row = self.get_object()
        said = OutcomeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.close_warning(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(EarlyWarningSerializer(row).data)

    @extend_schema(request=None, responses=EarlyWarningSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        """Take the note back."""
        row = actions.reopen_warning(self.get_object(), by=self.member, at=clock.now())
        return Response(EarlyWarningSerializer(row).data)


class KnownEventSerializer(serializers.ModelSerializer[KnownEvent]):
    """A time in which more is to be expected."""

    class Meta:
        model = KnownEvent
        fields = ("id", "name", "starts_at", "ends_at", "query", "topic", "is_quiet")
        read_only_fields = fields


class NewKnownEventSerializer(serializers.Serializer[Any]):
    """What is to be expected, and when."""

    name = serializers.CharField(max_length=120)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    query = serializers.PrimaryKeyRelatedField(queryset=TrackingQuery.objects.all(), required=False, allow_null=True)
    topic = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), required=False, allow_null=True)
    is_quiet = serializers.BooleanField(default=True)


class KnownEventViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What is known to come."""

    serializer_class = KnownEventSerializer
    http_method_names = ["get", "post", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read_warnings",
        "retrieve": "listening.read_warnings",
        "create": "listening.manage_events",
        "destroy": "listening.manage_events",
    }

    def get_queryset(self) -> QuerySet[KnownEvent]:
        return KnownEvent.objects.all()

    @extend_schema(request=NewKnownEventSerializer, responses={201: KnownEventSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say that more is to be expected for a time."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewKnownEventSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.add_event(**said.validated_data, by=self.member, at=clock.now())
        return Response(KnownEventSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Expect nothing any more."""
        actions.remove_event(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
