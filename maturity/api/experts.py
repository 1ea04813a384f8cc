"""Experts over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.models import Topic
from maturity.actions import experts as actions
from maturity.models import Expert
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Member


class ExpertSerializer(serializers.ModelSerializer[Expert]):
    """Somebody who knows something first-hand."""

    topics = serializers.SerializerMethodField()

    class Meta:
        model = Expert
        fields = (
            "id", "member", "knows", "topics", "writes_well", "is_ambassador", "hours", "noted_at", "noted_by",
            "dropped_at",
        )  # fmt: skip

    def get_topics(self, row: Expert) -> list[int]:
        return sorted(link.topic_id for link in row.topics.all())


class NamedSerializer(serializers.Serializer[Any]):
    """What a member knows; it replaces what was said."""

    member = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all())
    knows = serializers.CharField(max_length=actions.LONGEST)
    topics = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), many=True, required=False)
    writes_well = serializers.BooleanField(required=False)
    is_ambassador = serializers.BooleanField(required=False)
    hours = serializers.DecimalField(max_digits=4, decimal_places=1, min_value=0, required=False)


class ExpertViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Who knows what first-hand; to name somebody is to create, also where they were named before."""

    serializer_class = ExpertSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read",
        "retrieve": "maturity.read",
        "create": "maturity.name_expert",
        "create_once": "maturity.name_expert",
        "drop": "maturity.name_expert",
    }

    def get_queryset(self) -> QuerySet[Expert]:
        return Expert.objects.prefetch_related("topics").order_by("pk")

    @extend_schema(request=NamedSerializer, responses={201: ExpertSerializer})
    def create_row(self, request: Request) -> Response:
        """Say what somebody knows."""
        said = NamedSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        row = actions.name_expert(fields.pop("member"), **fields, by=self.member, at=clock.now())
        return Response(ExpertSerializer(row).data, status=201)

    @extend_schema(request=None, responses=ExpertSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str | None = None) -> Response:
        """Take somebody off the list."""
        row = self.get_object()
        actions.drop_expert(row.member, by=self.member, at=clock.now())
        return Response(ExpertSerializer(self.get_queryset().get(pk=row.pk)).data)
