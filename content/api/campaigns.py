"""Campaigns and events over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import campaigns as actions
from content.bands import Outcome, outcome_of
from content.models import Campaign
from engagement.api.conflicts import EngagementViewSet
from roles import clock
from roles.models import Department


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """A campaign or an event."""

    class Meta:
        model = Campaign
        fields = (
            "id", "name", "kind", "goal", "begins_on", "ends_on", "colour", "department", "state", "created_at",
            "created_by",
        )  # fmt: skip
        read_only_fields = fields


class WrittenCampaignSerializer(serializers.Serializer[Any]):
    """A campaign as it is to be planned."""

    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=Campaign.Kind.choices, default=Campaign.Kind.CAMPAIGN)
    goal = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    begins_on = serializers.DateField()
    ends_on = serializers.DateField()
    colour = serializers.IntegerField(min_value=1, max_value=8, default=1)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ends_on"] < attrs["begins_on"]:
            raise serializers.ValidationError({"ends_on": _("The last day is before the first.")})
        return attrs


class CampaignOutcomeSerializer(serializers.Serializer[Outcome]):
    """What a campaign has brought out so far; what nobody told is null, which is not 0."""

    pieces = serializers.IntegerField()
    variants = serializers.IntegerField()
    published = serializers.IntegerField()
    planned = serializers.IntegerField()
    in_trouble = serializers.IntegerField()
    channels = serializers.IntegerField()
    likes = serializers.IntegerField(allow_null=True)
    reposts = serializers.IntegerField(allow_null=True)
    answers = serializers.IntegerField(allow_null=True)
    people = serializers.IntegerField(allow_null=True, help_text="How often people followed its links.")


class CampaignViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What holds pieces together for some weeks."""

    serializer_class = CampaignSerializer
    http_method_names = ["get", "post", "put", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "outcome": "content.read",
        "create": "content.manage_campaigns",
        "create_once": "content.manage_campaigns",
        "update": "content.manage_campaigns",
        "close": "content.manage_campaigns",
        "reopen": "content.manage_campaigns",
    }

    def get_queryset(self) -> QuerySet[Campaign]:
        return Campaign.objects.select_related("department").order_by("pk")

    @extend_schema(request=WrittenCampaignSerializer, responses={201: CampaignSerializer})
    def create_row(self, request: Request) -> Response:
        """Plan a campaign or an event."""
        said = WrittenCampaignSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.add_campaign(**said.validated_data, by=self.member, at=clock.now())
        return Response(CampaignSerializer(row).data, status=201)

    @extend_schema(responses=CampaignOutcomeSerializer)
    @action(detail=True, methods=["get"])
    def outcome(self, request: Request, pk: str | None = None) -> Response:
        """What was written and published for it, and what came of that."""
        return Response(CampaignOutcomeSerializer(outcome_of(self.get_object())).data)

    @extend_schema(request=WrittenCampaignSerializer, responses=CampaignSerializer)
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Say it otherwise."""
        row, said = self.get_object(), WrittenCampaignSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.change_campaign(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(CampaignSerializer(row).data)

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        """Say that it is over."""
        row = actions.close_campaign(self.get_object(), by=self.member, at=clock.now())
        return Response(CampaignSerializer(row).data)

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        """Go on with it."""
        row = actions.reopen_campaign(self.get_object(), by=self.member, at=clock.now())
        return Response(CampaignSerializer(row).data)
