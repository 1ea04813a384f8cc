"""The standing duties over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from maturity.actions import duties as actions
from maturity.duties import BY_KEY, standings
from maturity.models import DutyNote
from roles import clock
from roles.api.views import ApiViewSet
from roles.tenancy import active_organization


class DutySerializer(serializers.Serializer[Any]):
    """A standing duty: how often it is due, and when and by what it was done last."""

    key = serializers.CharField(source="duty.key")
    title = serializers.CharField(source="duty.title")
    days = serializers.IntegerField(source="duty.days", help_text="At least once in so many days.")
    state = serializers.ChoiceField(choices=["done", "overdue", "never"])
    done_at = serializers.DateTimeField(allow_null=True)
    shown_by = serializers.CharField()


class NewDutyNoteSerializer(serializers.Serializer[Any]):
    """What was done, and for which duty."""

    duty = serializers.ChoiceField(choices=list(BY_KEY))
    note = serializers.CharField(max_length=actions.LONGEST)


class DutyViewSet(ApiViewSet):
    """The ten standing duties; to note that one was done is to create."""

    serializer_class = DutySerializer
    queryset = DutyNote.objects.none()
    pagination_class = None
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read_duties",
        "create": "maturity.note_duty",
        "create_once": "maturity.note_duty",
    }

    @extend_schema(responses=DutySerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """All ten as they stand."""
        return Response(DutySerializer(standings(self.member, at=clock.now()), many=True).data)

    @extend_schema(request=NewDutyNoteSerializer, responses={201: DutySerializer})
    def create_row(self, request: Request) -> Response:
        """Note that one was done elsewhere."""
        said = NewDutyNoteSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.note_duty(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        found = standings(self.member, at=clock.now())
        [one] = [one for one in found if one.duty.key == said.validated_data["duty"]]
        return Response(DutySerializer(one).data, status=201)
