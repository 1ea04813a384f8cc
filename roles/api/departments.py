"""Departments over the API: added, renamed, and made part of one another."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from roles import clock
from roles.actions import organization as actions
from roles.api.views import ApiViewSet
from roles.models import Department
from roles.tenancy import active_organization


class WholeDepartmentSerializer(serializers.ModelSerializer[Department]):
    """A department, of which it is a part, and all that lies below it."""

    effective_level = serializers.CharField(read_only=True, help_text="Its own level, or the organization's.")

    class Meta:
        model = Department
        fields = ("id", "name", "parent", "below", "level", "effective_level", "calendar", "created_at")
        read_only_fields = ("id", "parent", "below", "level", "calendar", "created_at")


class PartOfSerializer(serializers.Serializer[Any]):
    """Of which department it is a part."""

    parent: Any = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.all(), allow_null=True, help_text="Null: of no other."
    )


class DepartmentViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Departments."""

    serializer_class = WholeDepartmentSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.read",
        "retrieve": "roles.read",
        "create": "roles.manage_departments",
        "update": "roles.manage_departments",
        "move": "roles.manage_departments",
    }

    def get_queryset(self) -> QuerySet[Department]:
        return Department.objects.all()

    def create_row(self, request: Request) -> Response:
        """Add a department."""
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.add_department(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def update(self, request: Request, pk: str | None = None) -> Response:
        """Give it another name."""
        row = self.get_object()
        said = self.get_serializer(row, data=request.data)
        said.is_valid(raise_exception=True)
        actions.rename_department(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=PartOfSerializer, responses=WholeDepartmentSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str | None = None) -> Response:
        """Make it part of another: positions in the one above count in it too."""
        row, said = self.get_object(), PartOfSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.move_department(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)


def register(router: BaseRouter) -> None:
    """Add departments to the API."""
    router.register("departments", DepartmentViewSet, basename="department")
