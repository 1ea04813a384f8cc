"""The first steps of an organization over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from roles import clock
from roles.actions import set_up as actions
from roles.api.views import ApiViewSet
from roles.links import inside_address
from roles.setting_up import Shown, steps_for
from roles.tenancy import active_organization


class StepSerializer(serializers.Serializer[Shown]):
    """One of the first steps: why, where it is done, and whether it is."""

    name = serializers.CharField(source="step.name")
    title = serializers.CharField(source="step.title")
    text = serializers.CharField(source="step.text")
    is_done = serializers.BooleanField()
    may = serializers.BooleanField(help_text="Whether the member may do it.")
    url = serializers.SerializerMethodField(help_text="The page on which it is done.")

    def get_url(self, shown: Shown) -> str:
        return inside_address(shown.step.url_name)


class FirstStepsSerializer(serializers.Serializer[Any]):
    """The steps in order, and whether the list was put away."""

    is_away = serializers.BooleanField()
    steps = StepSerializer(many=True)


class FirstStepsViewSet(ApiViewSet):
    """What a new organization does first, ticked by what is there."""

    serializer_class = FirstStepsSerializer
    pagination_class = None
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.set_up",
        "put_away": "roles.set_up",
        "take_out": "roles.set_up",
        "hold_every_role": "roles.manage_members",
    }

    @extend_schema(responses=FirstStepsSerializer, filters=False)
    def list(self, request: Request) -> Response:
        """The steps as they stand."""
        return self._shown()

    @extend_schema(request=None, responses=FirstStepsSerializer)
    @action(detail=False, methods=["post"], url_path="put-away")
    def put_away(self, request: Request) -> Response:
        """Show the list no more by itself."""
        actions.put_set_up_away(active_organization(), by=self.member, at=clock.now())
        return self._shown()

    @extend_schema(request=None, responses=FirstStepsSerializer)
    @action(detail=False, methods=["post"], url_path="take-out")
    def take_out(self, request: Request) -> Response:
        """Show the list again."""
        actions.take_set_up_out(active_organization(), by=self.member, at=clock.now())
        return self._shown()

    @extend_schema(request=None, responses=FirstStepsSerializer)
    @action(detail=False, methods=["post"], url_path="hold-every-role")
    def hold_every_role(self, request: Request) -> Response:
        """Have the token's member hold every role: for an organization of one person."""
        actions.hold_every_role(self.member, by=self.member, at=clock.now())
        return self._shown()

    def _shown(self) -> Response:
        organization = active_organization()
        organization.refresh_from_db(fields=["set_up_ended_at"])
        shown = {"is_away": organization.set_up_ended_at is not None, "steps": steps_for(self.member)}
        return Response(self.get_serializer(shown).data)


def register(router: BaseRouter) -> None:
    """Add the first steps to the API."""
    router.register("first-steps", FirstStepsViewSet, basename="first-steps")
