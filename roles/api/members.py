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
from roles.actions.people import come_back, go_away, set_time_blocks, set_training
from roles.api.views import ApiViewSet
from roles.models import Department, Member, Position, TimeBlock


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


class TimeBlockSerializer(serializers.ModelSerializer[TimeBlock]):
    """Hours of a weekday (0 is Monday) in which a member answers; an end at or before the beginning is the next day."""

    class Meta:
        model = TimeBlock
        fields = ("weekday", "begins", "ends")


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A member with positions and presence."""

    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    is_here = serializers.SerializerMethodField(help_text="Whether it is also one of their hours.")
    time_blocks = TimeBlockSerializer(many=True, read_only=True)
    is_available = serializers.SerializerMethodField(help_text="Whether work is given to them at this moment.")
    positions = PositionSerializer(many=True)

    class Meta:
        model = Member
        fields = ("id", "name", "email", "is_active", "is_away", "away_until", "is_available", "is_here", "time_blocks",
                  "training_until", "joined_at", "positions")  # fmt: skip

    def get_is_here(self, member: Member) -> bool:
        return member.is_here(clock.now())

    def get_is_available(self, member: Member) -> bool:
        return member.is_available(clock.now())


class AwaySerializer(serializers.Serializer[Any]):
    """Until when; without it, until further notice."""

    until = serializers.DateTimeField(required=False, allow_null=True)


class TrainingSerializer(serializers.Serializer[Any]):
    """Until which day; null ends it."""

    until = serializers.DateField(allow_null=True)


class MemberViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """The people of the organization."""

    serializer_class = MemberSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.read",
        "retrieve": "roles.read",
        "away": "roles.set_availability",
        "here": "roles.set_availability",
        "time_blocks": "roles.set_availability",
        "training": "roles.set_training",
    }

    def get_queryset(self) -> QuerySet[Member]:
        return Member.objects.with_positions().prefetch_related("time_blocks")

    @extend_schema(request=TrainingSerializer, responses=MemberSerializer)
    @action(detail=True, methods=["post"])
    def training(self, request: Request, pk: str | None = None) -> Response:
        """Say until which day the member is in training: until then their replies need somebody else's yes."""
        member = self.get_object()
        said = TrainingSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        set_training(member, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

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

    @extend_schema(request=TimeBlockSerializer(many=True), responses=TimeBlockSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="time-blocks", pagination_class=None)
    def time_blocks(self, request: Request, pk: str | None = None) -> Response:
        """Say in which hours of the week the member answers; an empty list means whenever they are not away."""
        member = self.get_object()
        said = TimeBlockSerializer(data=request.data, many=True)
        said.is_valid(raise_exception=True)
        blocks = [(row["weekday"], row["begins"], row["ends"]) for row in said.validated_data]
        set_time_blocks(member, blocks=blocks, by=self.member, at=clock.now())
        return Response(TimeBlockSerializer(member.time_blocks.all(), many=True).data)


def register(router: BaseRouter) -> None:
    """Add members to the API."""
    router.register("members", MemberViewSet, basename="member")
