"""Notes on the time line over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import DestroyModelMixin, ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from measurement.actions import annotations as actions
from measurement.models import Annotation
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department
from roles.tenancy import active_organization


class AnnotationSerializer(serializers.ModelSerializer[Annotation]):
    """A note of a person on a day, or on some days."""

    class Meta:
        model = Annotation
        fields = ("id", "title", "note", "first_day", "last_day", "department", "noted_at", "noted_by")


class SaidAnnotationSerializer(serializers.Serializer[Any]):
    """A note as it is to be said."""

    title = serializers.CharField(max_length=120)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    first_day = serializers.DateField()
    last_day = serializers.DateField(required=False, allow_null=True)


class NewAnnotationSerializer(SaidAnnotationSerializer):
    """A new note, for everybody or for a department."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)


class AnnotationViewSet(ListModelMixin, RetrieveModelMixin, DestroyModelMixin, ApiViewSet):
    """What people noted on the time line."""

    serializer_class = AnnotationSerializer
    http_method_names = ["get", "post", "put", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "measurement.read",
        "retrieve": "measurement.read",
        "create": "measurement.annotate",
        "create_once": "measurement.annotate",
        "update": "measurement.annotate",
        "destroy": "measurement.annotate",
    }

    def get_queryset(self) -> QuerySet[Annotation]:
        return Annotation.objects.order_by("pk")

    @extend_schema(request=NewAnnotationSerializer, responses={201: AnnotationSerializer})
    def create_row(self, request: Request) -> Response:
        """Note what happened."""
        said = NewAnnotationSerializer(data=request.data)
        said.fields["department"].queryset = Department.objects.all()  # type: ignore[attr-defined]
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        where = fields.pop("department", None) or active_organization()
        row = actions.annotate(where, **fields, by=self.member, at=clock.now())
        return Response(AnnotationSerializer(row).data, status=201)

    @extend_schema(request=SaidAnnotationSerializer, responses=AnnotationSerializer)
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Say it otherwise."""
        row, said = self.get_object(), SaidAnnotationSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.change_annotation(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(AnnotationSerializer(row).data)

    def perform_destroy(self, instance: Annotation) -> None:
        """Take it off the time line."""
        actions.remove_annotation(instance, by=self.member, at=clock.now())
