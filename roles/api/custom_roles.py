"""Roles over the API: the built-in ones to read, those composed here to compose, change and remove."""

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
from roles.actions import custom_roles as actions
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet
from roles.models import CustomRole
from roles.permissions import CAPABILITIES
from roles.tenancy import active_organization


class CustomRoleSerializer(serializers.ModelSerializer[CustomRole]):
    """A role that was composed here of capabilities."""

    capabilities = serializers.ListField(child=serializers.ChoiceField(choices=list(CAPABILITIES)))

    class Meta:
        model = CustomRole
        fields = ("id", "name", "description", "capabilities", "created_at")
        read_only_fields = ("id", "created_at")
        extra_kwargs: ClassVar[dict[str, Any]] = {"description": {"required": False}}


class CustomRoleViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Roles that were composed here."""

    serializer_class = CustomRoleSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.read",
        "retrieve": "roles.read",
        "create": "roles.manage_roles",
        "update": "roles.manage_roles",
        "destroy": "roles.manage_roles",
    }

    def get_queryset(self) -> QuerySet[CustomRole]:
        return CustomRole.objects.all()

    def create_row(self, request: Request) -> Response:
        """Compose a role; only of what one holds for the whole organization."""
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.compose_role(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def update(self, request: Request, pk: str | None = None) -> Response:
        """Change a role; it holds at once for everybody who has it."""
        row = self.get_object()
        said = self.get_serializer(row, data=request.data)
        said.is_valid(raise_exception=True)
        actions.change_role(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Remove a role that nobody holds."""
        row = self.get_object()
        try:
            actions.remove_role(row, by=self.member, at=clock.now())
        except Invalid as problem:
            raise Conflict(" ".join(problem.messages)) from problem
        return Response(status=status.HTTP_204_NO_CONTENT)


def register(router: BaseRouter) -> None:
    """Add composed roles to the API."""
    router.register("roles", CustomRoleViewSet, basename="role")
