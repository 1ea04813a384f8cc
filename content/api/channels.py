"""Channels over the API: where one publishes, what can be done there, and those that are our own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import channels as actions
from content.channels import channels_to_publish, ways_of, with_what_is_to_come
from engagement.api.conflicts import EngagementViewSet
from listening.models import Channel
from roles import clock
from roles.tenancy import active_organization


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """Where one publishes: an account that is connected, a feed of our own, or a place that is served by hand."""

    ways = serializers.SerializerMethodField()
    to_plan = serializers.IntegerField(read_only=True, help_text="Variants that have no time there yet.")
    planned = serializers.IntegerField(
        read_only=True, help_text="Publications that are planned there; while the channel is off they wait."
    )

    class Meta:
        model = Channel
        fields = ("id", "network", "handle", "name", "url", "connection", "is_active", "ways", "to_plan", "planned")
        read_only_fields = fields

    def get_ways(self, row: Channel) -> list[str]:
        """What can be done there, in words."""
        return ways_of(row)


class ChangedChannelSerializer(serializers.Serializer[Any]):
    """What a channel of our own is called, where one posts there by hand, and whether it is switched on."""

    name = serializers.CharField(max_length=200)
    url = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    is_active = serializers.BooleanField(required=False, default=True)


class NewChannelSerializer(serializers.Serializer[Any]):
    """A feed of our own, or a place by hand."""

    network = serializers.ChoiceField(choices=list(actions.MADE_HERE))
    name = serializers.CharField(max_length=200)
    url = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ChannelViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """Where one publishes."""

    serializer_class = ChannelSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "create": "content.manage_channels",
        "partial_update": "content.manage_channels",
    }

    def get_queryset(self) -> QuerySet[Channel]:
        return with_what_is_to_come(channels_to_publish())

    @extend_schema(request=NewChannelSerializer, responses={201: ChannelSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open a feed of our own, or a place by hand; accounts at networks are connected on their page."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewChannelSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.add_channel(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(self._shown(row), status=201)

    @extend_schema(request=ChangedChannelSerializer(partial=True), responses=ChannelSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Call it otherwise, say where one posts there, or switch it off or on."""
        row: Channel = self.get_object()
        now = {"name": row.name, "url": row.url, "is_active": row.is_active}
        said = ChangedChannelSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        changed = actions.change_channel(row, **now | said.validated_data, by=self.member, at=clock.now())
        return Response(self._shown(changed))

    def _shown(self, row: Channel) -> Any:
        return ChannelSerializer(self.get_queryset().get(pk=row.pk)).data
