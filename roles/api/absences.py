"""Absences over the API: what was, is and is planned; planned ones are made, changed and dropped."""

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
from roles.actions import absences as actions
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet
from roles.models import Absence, Member


class AbsenceSerializer(serializers.ModelSerializer[Absence]):
    """From when until when a member is away, and who stands in."""

    member = serializers.PrimaryKeyRelatedField(queryset=Member.objects.active())
    stand_in = serializers.PrimaryKeyRelatedField(
        queryset=Member.objects.active(),
        required=False,
        allow_null=True,
        help_text="Who gets meanwhile what is theirs.",
    )
    ends_at = serializers.DateTimeField(
        allow_null=True, help_text="Null only for one that goes on until further notice."
    )

    class Meta:
        model = Absence
        fields = ("id", "member", "begins_at", "ends_at", "stand_in", "is_begun")
        read_only_fields = ("id", "is_begun")


class AbsenceViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Absences, the newest first; one that is to begin now is said of the member."""

    serializer_class = AbsenceSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.read",
        "retrieve": "roles.read",
        "create": "roles.set_availability",
        "partial_update": "roles.set_availability",
        "destroy": "roles.set_availability",
    }

    def get_queryset(self) -> QuerySet[Absence]:
        return Absence.objects.with_people()

    def create_row(self, request: Request) -> Response:
        """Plan an absence: it begins and ends by itself."""
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields: dict[str, Any] = dict(said.validated_data)
        _ends(fields)
        row = actions.plan_absence(fields.pop("member"), **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change days or stand-in of an absence that has not begun; what is not named stays as it is."""
        row = self.get_object()
        said = self.get_serializer(row, data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        if said.validated_data.pop("member", row.member) != row.member:
            raise Invalid({"member": "An absence stays with its person. Drop it, and plan another."})
        fields: dict[str, Any] = dict(said.validated_data)
        _ends({"ends_at": row.ends_at} | fields)
        changed = actions.change_absence(row, **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(changed).data)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Drop an absence that has not begun."""
        row = self.get_object()
        try:
            actions.drop_absence(row, by=self.member, at=clock.now())
        except Invalid as problem:
            raise Conflict(" ".join(problem.messages)) from problem
        return Response(status=status.HTTP_204_NO_CONTENT)


def _ends(fields: dict[str, Any]) -> None:
    if fields["ends_at"] is None:
        raise Invalid({"ends_at": "A planned absence has an end."})


def register(router: BaseRouter) -> None:
    """Add absences to the API."""
    router.register("absences", AbsenceViewSet, basename="absence")
