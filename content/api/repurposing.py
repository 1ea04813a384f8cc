"""One piece to many over the API: what has rested, and another of a piece."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import repurposing as actions
from content.evergreen import rested
from content.models import Piece
from engagement.api.conflicts import EngagementViewSet
from listening.models import Channel
from roles import clock


class RestedPieceSerializer(serializers.ModelSerializer[Piece]):
    """A piece that stays true, and since when it has rested."""

    said_at = serializers.DateTimeField()
    rested_at = serializers.DateTimeField()

    class Meta:
        model = Piece
        fields = ("id", "title", "step", "department", "rests_days", "said_at", "rested_at")
        read_only_fields = fields


class RepurposedSerializer(serializers.Serializer[Any]):
    """What the other piece is called, and for which channels it is."""

    title = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    channels = serializers.PrimaryKeyRelatedField(
        queryset=Channel.objects.filter(is_active=True), many=True, required=False, default=list
    )


class MadeSerializer(serializers.Serializer[Any]):
    """The piece that was made."""

    piece = serializers.IntegerField()


class RestedPieceViewSet(ListModelMixin, EngagementViewSet):
    """What may be said again; and another of any piece."""

    serializer_class = RestedPieceSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "say_again": "content.write",
        "repurpose": "content.write",
    }

    def get_queryset(self) -> QuerySet[Piece]:
        if self.action == "list":
            return rested(at=clock.now())
        return Piece.objects.select_related("department", "campaign")

    @extend_schema(request=None, responses=MadeSerializer)
    @action(detail=True, methods=["post"], url_path="say-again")
    def say_again(self, request: Request, pk: str | None = None) -> Response:
        """Begin anew what has rested."""
        return Response({"piece": actions.say_again(self.get_object(), by=self.member, at=clock.now()).pk})

    @extend_schema(request=RepurposedSerializer, responses=MadeSerializer)
    @action(detail=True, methods=["post"])
    def repurpose(self, request: Request, pk: str | None = None) -> Response:
        """Make another of a piece, whether it has rested or not."""
        said = RepurposedSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        piece = actions.repurpose(self.get_object(), **said.validated_data, by=self.member, at=clock.now())
        return Response({"piece": piece.pk})
