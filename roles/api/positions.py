"""Positions over the API: given, changed and taken, and those that begin on a day to come."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.db.models import QuerySet
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from roles import clock
from roles.actions import people, terms
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet
from roles.models import CustomRole, Department, Member, PlannedPosition, Position, Role


class DutySerializer(serializers.ModelSerializer[Any]):
    """A duty of a member: a built-in role or one composed here, in a department or in the whole organization."""

    member = serializers.PrimaryKeyRelatedField(queryset=Member.objects.active())
    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True)
    custom_role = serializers.PrimaryKeyRelatedField(
        queryset=CustomRole.objects.all(), required=False, allow_null=True, help_text="Instead of a built-in role."
    )
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.all(), allow_null=True, help_text="Null: the whole organization."
    )
    skills = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    languages = serializers.ListField(child=serializers.CharField(max_length=10), required=False)
    capacity = serializers.IntegerField(min_value=0, max_value=1000, required=False)

    class Meta:
        model: Any = Position
        fields: tuple[str, ...] = (
            "id", "member", "role", "custom_role", "department", "skills", "languages", "capacity", "ends_at",
        )  # fmt: skip
        read_only_fields = ("id",)
        # Whether it is held already, the action says.
        validators: ClassVar[list[Any]] = []


class PlannedSerializer(DutySerializer):
    """A duty that begins by itself."""

    class Meta(DutySerializer.Meta):
        model = PlannedPosition
        fields = (*DutySerializer.Meta.fields, "begins_at")


class LoadSerializer(serializers.Serializer[Any]):
    """How much and what somebody takes on in a position, and until when."""

    capacity = serializers.IntegerField(min_value=0, max_value=1000)
    languages = serializers.ListField(child=serializers.CharField(max_length=10))
    skills = serializers.ListField(child=serializers.CharField(max_length=40))
    ends_at = serializers.DateTimeField(allow_null=True, help_text="Null: until further notice.")


class PositionViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Positions that are held."""

    serializer_class = DutySerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.read",
        "retrieve": "roles.read",
        "create": "roles.manage_members",
        "partial_update": "roles.manage_members",
        "destroy": "roles.manage_members",
    }

    def get_queryset(self) -> QuerySet[Position]:
        return Position.objects.in_force().select_related("member__user", "department", "custom_role")

    def create_row(self, request: Request) -> Response:
        """Give a member a position from now on; nobody gives what they do not hold."""
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields: dict[str, Any] = dict(said.validated_data)
        row = people.give_position(fields.pop("member"), **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change capacity, languages, skills and end; what is not named stays as it is."""
        row = self.get_object()
        said = LoadSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        people.change_position(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Take a position; the last owner keeps theirs."""
        row = self.get_object()
        try:
            people.take_position(row, by=self.member, at=clock.now())
        except Invalid as problem:
            raise Conflict(" ".join(problem.messages)) from problem
        return Response(status=status.HTTP_204_NO_CONTENT)


class PlannedPositionViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Positions that begin on a day to come."""

    serializer_class = PlannedSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.read",
        "retrieve": "roles.read",
        "create": "roles.manage_members",
        "destroy": "roles.manage_members",
    }

    def get_queryset(self) -> QuerySet[PlannedPosition]:
        return PlannedPosition.objects.select_related("member__user", "department", "custom_role")

    def create_row(self, request: Request) -> Response:
        """Plan a position: until its moment it gives nothing."""
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields: dict[str, Any] = dict(said.validated_data)
        row = terms.plan_position(fields.pop("member"), **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Drop a position that has not begun."""
        terms.drop_plan(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def register(router: BaseRouter) -> None:
    """Add positions to the API."""
    router.register("positions", PositionViewSet, basename="position")
    router.register("planned-positions", PlannedPositionViewSet, basename="planned-position")
