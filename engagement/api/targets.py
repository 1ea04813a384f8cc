"""Response targets over the API, and the warnings and misses."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import targets as actions
from engagement.api.shapes import PersonSerializer, PromiseSerializer
from engagement.models import ResponseTarget, TargetEvent
from engagement.models.rules import Priority
from roles import clock
from roles.api.members import DepartmentSerializer
from roles.api.views import ApiViewSet
from roles.models import Department


class ResponseTargetSerializer(serializers.ModelSerializer[ResponseTarget]):
    """Within what time an author has a first answer, each next one, and a solution."""

    class Meta:
        model = ResponseTarget
        fields = ("id", *actions.FIELDS)
        read_only_fields = fields


class NewTargetSerializer(serializers.Serializer[Any]):
    """A target to write, or what of it to change; times are in minutes, null where nothing is promised."""

    name = serializers.CharField(max_length=80)
    first_response_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    next_response_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    resolution_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    in_business_hours = serializers.BooleanField(required=False)
    warn_at_percent = serializers.IntegerField(required=False, min_value=1, max_value=99)
    pauses_for_consult = serializers.BooleanField(required=False)
    pauses_for_author = serializers.BooleanField(required=False)
    is_default = serializers.BooleanField(required=False)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False, allow_null=True)


class ResponseTargetViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Response targets; a change applies to what is captured from then on."""

    serializer_class = ResponseTargetSerializer
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.read",
        "retrieve": "engagement.read",
        "create": "engagement.manage_targets",
        "partial_update": "engagement.manage_targets",
        "destroy": "engagement.manage_targets",
    }

    def get_queryset(self) -> QuerySet[ResponseTarget]:
        rows = ResponseTarget.objects.all()
        return rows if self.action == "list" else rows.select_related("department")

    @extend_schema(request=NewTargetSerializer, responses={201: ResponseTargetSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a target."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewTargetSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.add_target(self.member.organization, **said.validated_data, by=self.member, at=clock.now())
        return Response(ResponseTargetSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NewTargetSerializer(partial=True), responses=ResponseTargetSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change what is promised from now on."""
        row = self.get_object()
        said = NewTargetSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        row = actions.change_target(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(ResponseTargetSerializer(row).data)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Remove a target; what it promised goes on."""
        actions.remove_target(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class TargetEventSerializer(serializers.ModelSerializer[TargetEvent]):
    """A warning, or a miss."""

    promise = PromiseSerializer()
    department = DepartmentSerializer()
    member = PersonSerializer(allow_null=True)

    class Meta:
        model = TargetEvent
        fields = ("id", "kind", "at", "due_at", "assignment", "promise", "department", "member")


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=TargetEvent.Kind.values),
            OpenApiParameter("assignment", int),
        ]
    )
)
class TargetEventViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Warnings and misses, each written once; those of the departments in which the member holds a position."""

    serializer_class = TargetEventSerializer
    capabilities: ClassVar[dict[str, str]] = {"list": "engagement.read", "retrieve": "engagement.read"}

    def get_queryset(self) -> QuerySet[TargetEvent]:
        rows = TargetEvent.objects.select_related("promise", "department", "member__user")
        if getattr(self, "swagger_fake_view", False):
            return rows
        rows = rows.visible_to(self.member)
        asked = self.request.query_params
        if kind := self.asked_for("kind", TargetEvent.Kind.values):
            rows = rows.filter(kind=kind)
        if assignment := asked.get("assignment"):
            if not assignment.isdecimal() or len(assignment) > 18:
                raise ValidationError({"assignment": ["Give a number."]})
            rows = rows.filter(assignment=int(assignment))
        return rows
