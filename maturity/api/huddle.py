"""The huddle over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.models import Mention
from maturity.actions import huddle as actions
from maturity.models import HuddleEntry
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department
from roles.tenancy import active_organization


class HuddleEntrySerializer(serializers.ModelSerializer[HuddleEntry]):
    """Something that a coach brought back to the other coaches."""

    class Meta:
        model = HuddleEntry
        fields = ("id", "kind", "text", "department", "mention", "noted_at", "noted_by", "withdrawn_at")


class NewEntrySerializer(serializers.Serializer[Any]):
    """Something to tell."""

    kind = serializers.ChoiceField(choices=HuddleEntry.Kind.choices)
    text = serializers.CharField(max_length=actions.LONGEST)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    mention = serializers.PrimaryKeyRelatedField(queryset=Mention.objects.all(), required=False, allow_null=True)


class DigestSerializer(serializers.Serializer[Any]):
    """Whether one wants the weekly digest by e-mail."""

    wants_it = serializers.BooleanField()


class HuddleEntryViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """The coaches' shared log; what was taken back says since when."""

    serializer_class = HuddleEntrySerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read_huddle",
        "retrieve": "maturity.read_huddle",
        "create": "maturity.note_in_huddle",
        "create_once": "maturity.note_in_huddle",
        "withdraw": "maturity.note_in_huddle",
        "put_back": "maturity.note_in_huddle",
        "digest": "maturity.read_huddle",
    }

    def get_queryset(self) -> QuerySet[HuddleEntry]:
        return HuddleEntry.objects.all()

    @extend_schema(request=NewEntrySerializer, responses={201: HuddleEntrySerializer})
    def create_row(self, request: Request) -> Response:
        """Tell the other coaches something."""
        said = NewEntrySerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.note_in_huddle(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(HuddleEntrySerializer(row).data, status=201)

    @extend_schema(request=None, responses=HuddleEntrySerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        """Take it back."""
        row = actions.withdraw_from_huddle(self.get_object(), by=self.member, at=clock.now())
        return Response(HuddleEntrySerializer(row).data)

    @extend_schema(request=None, responses=HuddleEntrySerializer)
    @action(detail=True, methods=["post"], url_path="put-back")
    def put_back(self, request: Request, pk: str | None = None) -> Response:
        """Let it stand again."""
        row = actions.put_back_in_huddle(self.get_object(), by=self.member, at=clock.now())
        return Response(HuddleEntrySerializer(row).data)

    @extend_schema(request=DigestSerializer, responses=DigestSerializer)
    @action(detail=False, methods=["post"])
    def digest(self, request: Request) -> Response:
        """Say whether one wants the weekly digest."""
        said = DigestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.choose_digest(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(said.data)
