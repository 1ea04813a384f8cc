"""Tracked links over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import links as actions
from content.models import Campaign, LinkHour, LinkTemplate, TrackedLink
from content.tracking import short_address
from engagement.api.conflicts import EngagementViewSet
from roles import clock
from roles.keys import key_in
from roles.tenancy import active_organization


class TrackedLinkSerializer(serializers.ModelSerializer[TrackedLink]):
    """A short link of ours; `people` and `programs` is how often it was followed."""

    url = serializers.SerializerMethodField()
    people = serializers.IntegerField(default=0)
    programs = serializers.IntegerField(default=0)

    class Meta:
        model = TrackedLink
        fields = (
            "id", "url", "address", "target", "name", "publication", "campaign", "made_at", "made_by", "people",
            "programs",
        )  # fmt: skip
        read_only_fields = fields

    def get_url(self, row: TrackedLink) -> str:
        """Where it is followed."""
        return short_address(row.key)


class MakeLinkSerializer(serializers.Serializer[Any]):
    """Where a short link is to lead."""

    address = serializers.CharField(max_length=2000)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    campaign = serializers.PrimaryKeyRelatedField(queryset=Campaign.objects.all(), required=False, allow_null=True)


class LinkHourSerializer(serializers.ModelSerializer[LinkHour]):
    """How often it was followed in an hour."""

    class Meta:
        model = LinkHour
        fields = ("hour", "is_bot", "network", "clicks")
        read_only_fields = fields


class LinkTemplateSerializer(serializers.ModelSerializer[LinkTemplate]):
    """Whether links are tracked, and what is added to them."""

    class Meta:
        model = LinkTemplate
        fields = ("campaign", "is_on", "source", "medium", "campaign_words", "content", "hosts", "changed_at")
        read_only_fields = ("changed_at",)
        # The action finds the one there is.
        validators: ClassVar[list[Any]] = []
        extra_kwargs: ClassVar[dict[str, Any]] = {"campaign": {"validators": []}}


class TrackedLinkViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """Short links of ours."""

    serializer_class = TrackedLinkSerializer
    http_method_names = ["get", "post", "put", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "hours": "content.read",
        "create": "content.write",
        "create_once": "content.write",
        "templates": "content.read",
        "set_template": "content.manage_channels",
        "remove_template": "content.manage_channels",
    }

    def get_queryset(self) -> QuerySet[TrackedLink]:
        return TrackedLink.objects.with_clicks().order_by("-pk")

    @extend_schema(request=MakeLinkSerializer, responses={201: TrackedLinkSerializer})
    def create_row(self, request: Request) -> Response:
        """Make one by hand."""
        said = MakeLinkSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.make_link(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(TrackedLinkSerializer(row).data, status=201)

    @extend_schema(responses=LinkHourSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def hours(self, request: Request, pk: str | None = None) -> Response:
        """Return how often it was followed, by hour, of the last that there are."""
        rows = LinkHour.objects.filter(link=self.get_object()).order_by("-hour")[:2000]
        return Response(LinkHourSerializer(rows, many=True).data)

    @extend_schema(responses=LinkTemplateSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def templates(self, request: Request) -> Response:
        """Return what is added to links."""
        return Response(LinkTemplateSerializer(LinkTemplate.objects.order_by("pk"), many=True).data)

    @extend_schema(request=LinkTemplateSerializer, responses=LinkTemplateSerializer)
    @templates.mapping.put
    def set_template(self, request: Request) -> Response:
        """Say whether links are tracked and what is added to them, for all or for a campaign."""
        said = LinkTemplateSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        row = actions.set_link_template(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(LinkTemplateSerializer(row).data)

    @extend_schema(request=None, responses={204: None}, parameters=[OpenApiParameter("campaign", int, required=True)])
    @templates.mapping.delete
    def remove_template(self, request: Request) -> Response:
        """Have what holds for all links hold for a campaign again."""
        campaign = get_object_or_404(Campaign, pk=key_in(request.query_params.get("campaign", "")))
        actions.remove_link_template(active_organization(), campaign=campaign, by=self.member, at=clock.now())
        return Response(status=204)
