"""Writers over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from content.writers import writers
from engagement.api.conflicts import EngagementViewSet
from roles import clock
from roles.keys import key_in


class WriterSerializer(serializers.Serializer[Any]):
    """A person with what they contributed in half a year."""

    member = serializers.IntegerField(source="member.pk")
    name = serializers.CharField(source="member")
    knows = serializers.CharField()
    topics = serializers.ListField(child=serializers.CharField())
    ideas = serializers.IntegerField()
    accepted = serializers.IntegerField()
    begun = serializers.IntegerField()
    reviewed = serializers.IntegerField()
    passed = serializers.IntegerField()
    in_house = serializers.IntegerField()
    outside = serializers.IntegerField()


class WriterViewSet(EngagementViewSet):
    """Who has something to say, in the order of their names."""

    serializer_class = WriterSerializer
    pagination_class = None
    http_method_names = ["get", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {"list": "content.find_writers"}

    @extend_schema(
        parameters=[OpenApiParameter("topic", int)], responses=WriterSerializer(many=True), operation_id="writers_list"
    )
    def list(self, request: Request) -> Response:
        """All, or those who have something to say about one topic."""
        found = writers(at=clock.now(), topic=key_in(request.query_params.get("topic", "")))
        return Response(WriterSerializer(found, many=True).data)
