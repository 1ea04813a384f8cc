"""Absences over the API: what was, is and is planned; planned ones are made and dropped."""

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
        "destroy": "roles.set_availability",
    }

    def get_queryset(self) -> QuerySet[Absence]:
        return Absence.objects.with_people()

    def create_row(self, request: Request) -> Response:
        """Plan an absence: it begins and ends by itself."""
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields: dict[str, Any] = dict(said.validated_data)
        if fields["ends_at"] is None:
            raise Invalid({"ends_at": "A planned absence has an end."})
        row = actions.plan_absence(fields.pop("member"), **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Drop an absence that has not begun."""
        row = self.get_object()
        try:
            actions.drop_absence(row, by=self.member, at=clock.now())
        except Invalid as problem:
            raise Conflict(" ".join(problem.messages)) from problem
        return Response(status=status.HTTP_204_NO_CONTENT)


def register(router: BaseRouter) -> None:
    """Add absences to the API."""
    router.register("absences", AbsenceViewSet, basename="absence")
