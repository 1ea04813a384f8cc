"""Members over the API: who is here and in which positions, and their absence."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from roles import clock
from roles.actions.people import come_back, go_away
from roles.api.views import ApiViewSet
from roles.models import Department, Member, Position


class DepartmentSerializer(serializers.ModelSerializer[Department]):
    """A department by name."""

    class Meta:
        model = Department
        fields = ("id", "name")


class PositionSerializer(serializers.ModelSerializer[Position]):
    """What a member does in a department, or, without one, in the whole organization."""

    department = DepartmentSerializer(allow_null=True)

    class Meta:
        model = Position
        fields = ("id", "role", "department", "skills", "languages", "capacity")


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A member with positions and presence."""

    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    is_available = serializers.SerializerMethodField(help_text="Whether work is given to them at this moment.")
    positions = PositionSerializer(many=True)

    class Meta:
        model = Member
        fields = ("id", "name", "email", "is_active", "is_away", "away_until", "is_available", "joined_at", "positions")

    def get_is_available(self, member: Member) -> bool:
        return member.is_available(clock.now())


class AwaySerializer(serializers.Serializer[Any]):
    """Until when; without it, until further notice."""

    until = serializers.DateTimeField(required=False, allow_null=True)


class MemberViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """The people of the organization."""

    serializer_class = MemberSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.read",
        "retrieve": "roles.read",
        "away": "roles.set_availability",
        "here": "roles.set_availability",
    }

    def get_queryset(self) -> QuerySet[Member]:
        return Member.objects.with_positions()

    @extend_schema(request=AwaySerializer, responses=MemberSerializer)
    @action(detail=True, methods=["post"])
    def away(self, request: Request, pk: str | None = None) -> Response:
        """Say that the member is away, until a time or until further notice."""
        member = self.get_object()
        said = AwaySerializer(data=request.data)
        said.is_valid(raise_exception=True)
        go_away(member, until=said.validated_data.get("until"), by=self.member, at=clock.now())
        return Response(self.get_serializer(member).data)

    @extend_schema(request=None, responses=MemberSerializer)
    @action(detail=True, methods=["post"])
    def here(self, request: Request, pk: str | None = None) -> Response:
        """Say that the member is here again."""
        member = self.get_object()
        come_back(member, by=self.member, at=clock.now())
        return Response(self.get_serializer(member).data)


def register(router: BaseRouter) -> None:
    """Add members to the API."""
    router.register("members", MemberViewSet, basename="member")
