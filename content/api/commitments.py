"""Cadence commitments over the API, and how they were kept."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import commitments as actions
from content.cadence import cadence_now
from content.models import CadenceCommitment
from engagement.api.conflicts import EngagementViewSet
from listening.models import Channel
from roles import clock
from roles.tenancy import active_organization


class CommitmentSerializer(serializers.ModelSerializer[CadenceCommitment]):
    """So many publications a week on a channel."""

    class Meta:
        model = CadenceCommitment
        fields = ("id", "channel", "per_week", "since", "until", "promised_by", "promised_at")
        read_only_fields = fields


class CommitSerializer(serializers.Serializer[Any]):
    """What is promised."""

    channel = serializers.PrimaryKeyRelatedField(queryset=Channel.objects.filter(is_active=True))
    per_week = serializers.IntegerField(min_value=1, max_value=actions.MOST)


class KeptWeekSerializer(serializers.Serializer[Any]):
    """One week: promised, published, and still planned."""

    monday = serializers.DateField()
    promised = serializers.IntegerField()
    published = serializers.IntegerField()
    planned = serializers.IntegerField()


class ChannelCadenceSerializer(serializers.Serializer[Any]):
    """One channel with the last eight weeks, this one, and the next two."""

    channel = serializers.IntegerField(source="channel.pk")
    weeks = KeptWeekSerializer(many=True)


class CommitmentViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What we promised ourselves and others."""

    serializer_class = CommitmentSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "kept": "content.read",
        "create": "content.manage_campaigns",
        "create_once": "content.manage_campaigns",
        "end": "content.manage_campaigns",
    }

    def get_queryset(self) -> QuerySet[CadenceCommitment]:
        return CadenceCommitment.objects.order_by("pk")

    @extend_schema(request=CommitSerializer, responses={201: CommitmentSerializer})
    def create_row(self, request: Request) -> Response:
        """Promise so many publications a week; a former promise for the channel ends."""
        said = CommitSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        channel, per_week = said.validated_data["channel"], said.validated_data["per_week"]
        row = actions.commit_to(channel, per_week=per_week, by=self.member, at=clock.now())
        return Response(CommitmentSerializer(row).data, status=201)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        """End a promise with the last week."""
        actions.end_commitment(self.get_object(), by=self.member, at=clock.now())
        return Response(status=204)

    @extend_schema(responses=ChannelCadenceSerializer(many=True))
    @action(detail=False, pagination_class=None)
    def kept(self, request: Request) -> Response:
        """What was promised beside what was published, by channel and week."""
        found = cadence_now(active_organization().zone, at=clock.now())
        return Response(ChannelCadenceSerializer(found, many=True).data)
