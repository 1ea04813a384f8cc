"""The board of columns over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import filters as actions
from listening.models import Column, SavedFilter
from roles import clock
from roles.api.views import ApiViewSet


class ColumnSerializer(serializers.ModelSerializer[Column]):
    """A saved filter on one's own board."""

    class Meta:
        model = Column
        fields = ("saved_filter", "position")
        read_only_fields = fields


class ArrangementSerializer(serializers.Serializer[Any]):
    """Which saved filters stand side by side, from the first to the last."""

    saved_filters = serializers.PrimaryKeyRelatedField(queryset=SavedFilter.objects.none(), many=True)


class ColumnViewSet(ListModelMixin, ApiViewSet):
    """One's own board."""

    serializer_class = ColumnSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {"list": "listening.read", "arrange": "listening.read"}

    def get_queryset(self) -> QuerySet[Column]:
        return Column.objects.filter(member=self.member)

    @extend_schema(request=ArrangementSerializer, responses=ColumnSerializer(many=True))
    @action(detail=False, methods=["post"])
    def arrange(self, request: Request) -> Response:
        """Put saved filters side by side, in this order."""
        said = ArrangementSerializer(data=request.data)
        said.fields["saved_filters"].child_relation.queryset = SavedFilter.objects.visible_to(self.member)  # type: ignore[attr-defined]
        said.is_valid(raise_exception=True)
        rows = actions.arrange_columns(
            self.member, filters=said.validated_data["saved_filters"], by=self.member, at=clock.now()
        )
        return Response(ColumnSerializer(rows, many=True).data)
