"""Saved filters over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import filters as actions
from listening.filtering import StreamFilter
from listening.models import SavedFilter
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department


class SavedFilterSerializer(serializers.ModelSerializer[SavedFilter]):
    """A name for a filter of the stream; without an owner it is shared."""

    class Meta:
        model = SavedFilter
        fields = ("id", "name", "query", "owner", "department", "created_at")
        read_only_fields = fields


class NewSavedFilterSerializer(serializers.Serializer[Any]):
    """A filter as in the stream's address, and for whom it is: oneself, or shared with a department or everyone."""

    name = serializers.CharField(max_length=80)
    query = serializers.CharField(max_length=2000, allow_blank=True)
    shared = serializers.BooleanField(required=False, default=False)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)


class SavedFilterViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What is looked for again and again."""

    serializer_class = SavedFilterSerializer
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read",
        "retrieve": "listening.read",
        "create": "listening.save_filter",
        "partial_update": "listening.save_filter",
        "destroy": "listening.save_filter",
    }

    def get_queryset(self) -> QuerySet[SavedFilter]:
        if getattr(self, "swagger_fake_view", False):  # made for the schema: nobody asks
            return SavedFilter.objects.none()
        return SavedFilter.objects.visible_to(self.member)

    @extend_schema(request=NewSavedFilterSerializer, responses={201: SavedFilterSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Keep a filter under a name."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewSavedFilterSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.save_filter(**_as_said(said.validated_data), by=self.member, at=clock.now())
        return Response(SavedFilterSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NewSavedFilterSerializer(partial=True), responses=SavedFilterSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change its name, what it says, or who sees it."""
        row: SavedFilter = self.get_object()
        said = NewSavedFilterSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        now_so = {"name": row.name, "query": row.query, "shared": row.is_shared, "department": row.department}
        changed = actions.change_filter(row, **_as_said(now_so | said.validated_data), by=self.member, at=clock.now())
        return Response(SavedFilterSerializer(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Forget it."""
        actions.remove_filter(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _as_said(fields: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in fields.items() if name != "query"}
    return {**rest, "wanted": StreamFilter.read(fields["query"])}
