"""The inventory of presences over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.models import Source
from maturity.actions import presences as actions
from maturity.models import Presence
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department, Member
from roles.tenancy import active_organization


class PresenceSerializer(serializers.ModelSerializer[Presence]):
    """A place of the inventory."""

    class Meta:
        model = Presence
        fields = (
            "id", "kind", "name", "address", "network", "source", "department", "member", "note", "noted_at",
            "noted_by", "checked_at", "dropped_at",
        )  # fmt: skip


class WrittenPresenceSerializer(serializers.Serializer[Any]):
    """A place as it is to be noted."""

    kind = serializers.ChoiceField(choices=Presence.Kind.choices)
    name = serializers.CharField(max_length=actions.LONGEST_NAME)
    address = serializers.CharField(max_length=500, required=False, allow_blank=True)
    network = serializers.CharField(max_length=40, required=False, allow_blank=True)
    source = serializers.PrimaryKeyRelatedField(  # type: ignore[assignment]
        queryset=Source.objects.all(), required=False, allow_null=True
    )
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    member = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), required=False, allow_null=True)
    note = serializers.CharField(max_length=actions.LONGEST_NOTE, required=False, allow_blank=True)


class PresenceViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Where we are, should be, and where our people speak."""

    serializer_class = PresenceSerializer
    http_method_names = ["get", "post", "put", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read",
        "retrieve": "maturity.read",
        "create": "maturity.manage_presences",
        "create_once": "maturity.manage_presences",
        "update": "maturity.manage_presences",
        "drop": "maturity.manage_presences",
        "take_up": "maturity.manage_presences",
        "look_over": "maturity.manage_presences",
    }

    def get_queryset(self) -> QuerySet[Presence]:
        return Presence.objects.order_by("pk")

    @extend_schema(request=WrittenPresenceSerializer, responses={201: PresenceSerializer})
    def create_row(self, request: Request) -> Response:
        """Note a place."""
        said = WrittenPresenceSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.note_presence(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(PresenceSerializer(row).data, status=201)

    @extend_schema(request=WrittenPresenceSerializer, responses=PresenceSerializer)
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Say it otherwise."""
        row, said = self.get_object(), WrittenPresenceSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.change_presence(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(PresenceSerializer(row).data)

    @extend_schema(request=None, responses=PresenceSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str | None = None) -> Response:
        """Take it off the inventory."""
        row = actions.drop_presence(self.get_object(), by=self.member, at=clock.now())
        return Response(PresenceSerializer(row).data)

    @extend_schema(request=None, responses=PresenceSerializer)
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> Response:
        """Put it on again."""
        row = actions.take_up_presence(self.get_object(), by=self.member, at=clock.now())
        return Response(PresenceSerializer(row).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=False, methods=["post"], url_path="look-over")
    def look_over(self, request: Request) -> Response:
        """Say that the inventory is right as it stands."""
        actions.look_over_presences(active_organization(), by=self.member, at=clock.now())
        return Response(status=204)
