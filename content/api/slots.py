"""Slots over the API, and which of them are free."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import DestroyModelMixin, ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import slots as actions
from content.models import Slot
from content.slots import free_between
from engagement.api.conflicts import EngagementViewSet
from listening.models import Channel
from roles import clock

DAYS_AHEAD = 28


class SlotSerializer(serializers.ModelSerializer[Slot]):
    """A time of the week at which a channel usually says something; Monday is 0."""

    class Meta:
        model = Slot
        fields = ("id", "channel", "weekday", "at_time", "zone", "created_at", "created_by")
        read_only_fields = fields


class AddSlotsSerializer(serializers.Serializer[Any]):
    """One time on some days of the week."""

    channel = serializers.PrimaryKeyRelatedField(queryset=Channel.objects.filter(is_active=True))
    weekdays = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6), allow_empty=False)
    at_time = serializers.TimeField()
    zone = serializers.CharField(max_length=64)


class OpeningSerializer(serializers.Serializer[Any]):
    """A slot on one day, at which its channel says nothing yet."""

    slot = serializers.IntegerField()
    channel = serializers.IntegerField()
    on_day = serializers.DateField()
    at_time = serializers.TimeField()
    zone = serializers.CharField()
    due_at = serializers.DateTimeField()


class SlotViewSet(ListModelMixin, RetrieveModelMixin, DestroyModelMixin, EngagementViewSet):
    """When our channels usually say something."""

    serializer_class = SlotSerializer
    http_method_names = ["get", "post", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "free": "content.read",
        "create": "content.manage_campaigns",
        "create_once": "content.manage_campaigns",
        "destroy": "content.manage_campaigns",
    }

    def get_queryset(self) -> QuerySet[Slot]:
        return Slot.objects.order_by("pk")

    @extend_schema(request=AddSlotsSerializer, responses={201: SlotSerializer(many=True)})
    def create_row(self, request: Request) -> Response:
        """Add a time on some days of the week."""
        said = AddSlotsSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        values = dict(said.validated_data)
        rows = actions.add_slots(values.pop("channel"), **values, by=self.member, at=clock.now())
        return Response(SlotSerializer(rows, many=True).data, status=201)

    def perform_destroy(self, instance: Slot) -> None:
        actions.remove_slot(instance, by=self.member, at=clock.now())

    @extend_schema(
        parameters=[OpenApiParameter("channel", int, description="Only of this channel.")],
        responses=OpeningSerializer(many=True),
    )
    @action(detail=False, pagination_class=None)
    def free(self, request: Request) -> Response:
        """The slots of the next four weeks that are free."""
        at, channel = clock.now(), None
        if key := request.query_params.get("channel"):
            channel = serializers.IntegerField().run_validation(key)
        found = free_between(at, at + timedelta(days=DAYS_AHEAD), at=at, channel=channel)
        return Response(OpeningSerializer(found, many=True).data)
