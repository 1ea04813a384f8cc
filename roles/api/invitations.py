"""Invitations over the API: who is asked in, as what, and the link, given out once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from roles import clock
from roles.actions import invitations as actions
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet
from roles.models import CustomRole, Department, Invitation, Role
from roles.tenancy import active_organization


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """Who is invited into which position, until when; department null: the whole organization."""

    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True)
    custom_role = serializers.PrimaryKeyRelatedField(
        queryset=CustomRole.objects.all(), required=False, allow_null=True, help_text="Instead of a built-in role."
    )
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Invitation
        fields: ClassVar[tuple[str, ...]] = (
            "id", "email", "name", "role", "custom_role", "department", "capacity", "languages", "skills", "ends_at",
            "invited_by", "created_at", "expires_at",
        )  # fmt: skip
        read_only_fields = ("id", "invited_by", "created_at", "expires_at")
        extra_kwargs: ClassVar[dict[str, Any]] = {"ends_at": {"required": False}}


class MadeInvitationSerializer(InvitationSerializer):
    """An invitation with the link that lets somebody in; it is told this once."""

    link = serializers.CharField(read_only=True)

    class Meta(InvitationSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*InvitationSerializer.Meta.fields, "link")


class InvitationViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Invitations that can still be accepted."""

    serializer_class = InvitationSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.invite",
        "retrieve": "roles.invite",
        "create": "roles.invite",
        "destroy": "roles.invite",
    }

    def get_queryset(self) -> QuerySet[Invitation]:
        return Invitation.objects.open(clock.now()).with_people()

    @extend_schema(request=InvitationSerializer, responses={201: MadeInvitationSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Invite somebody; the link is answered this once, and mailed where mail is set up.

        What was answered is not kept for an Idempotency-Key: the link would be.
        """
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields: dict[str, Any] = dict(said.validated_data)
        where = fields.pop("department", None) or active_organization()
        row, link = actions.invite(where, **fields, by=self.member, at=clock.now())
        row.link = link  # type: ignore[attr-defined]
        answer = Response(MadeInvitationSerializer(row).data, status=status.HTTP_201_CREATED)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Withdraw it: its link opens nothing any more."""
        try:
            actions.withdraw_invitation(self.get_object(), by=self.member, at=clock.now())
        except Invalid as problem:
            raise Conflict(" ".join(problem.messages)) from problem
        return Response(status=status.HTTP_204_NO_CONTENT)


def register(router: BaseRouter) -> None:
    """Add invitations to the API."""
    router.register("invitations", InvitationViewSet, basename="invitation")
