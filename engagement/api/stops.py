"""The crisis stop over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import stops as actions
from engagement.api.conflicts import EngagementViewSet
from engagement.api.shapes import PersonSerializer
from engagement.models import SendingStop
from roles import clock
from roles.models import Department
from roles.tenancy import active_organization


class SendingStopSerializer(serializers.ModelSerializer[SendingStop]):
    """What is stopped, since when and why."""

    by = PersonSerializer()
    lifted_by = PersonSerializer(allow_null=True)

    class Meta:
        model = SendingStop
        fields = ("id", "network", "department", "reason", "by", "started_at", "lifted_by", "lifted_at")


class NewStopSerializer(serializers.Serializer[Any]):
    """What to stop: everything, or only on a network or for a department."""

    reason = serializers.CharField(max_length=500)
    network = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.all(), required=False, allow_null=True, default=None
    )


class ReleasedSerializer(serializers.Serializer[Any]):
    """How many replies go out now."""

    released = serializers.IntegerField()


@extend_schema_view(list=extend_schema(parameters=[OpenApiParameter("in_force", bool)]))
class SendingStopViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """Crisis stops, in force and lifted."""

    serializer_class = SendingStopSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.stop_sending",
        "retrieve": "engagement.stop_sending",
        "create": "engagement.stop_sending",
        "lift": "engagement.stop_sending",
        "release_all": "engagement.stop_sending",
    }

    def get_queryset(self) -> QuerySet[SendingStop]:
        rows = SendingStop.objects.select_related("by__user", "lifted_by__user")
        if self.action == "list" and self.request.query_params.get("in_force") in {"true", "1"}:
            rows = rows.in_force()
        return rows

    @extend_schema(request=NewStopSerializer, responses={201: SendingStopSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let nothing more go out; whoever begins after the answer sees the stop."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewStopSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        made = actions.stop_sending(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(made).data, status=201)

    @extend_schema(request=None, responses=SendingStopSerializer)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str | None = None) -> Response:
        """Let new replies go out again; what was held stays until somebody lets it go."""
        return Response(self.get_serializer(actions.lift_stop(self.get_object(), by=self.member, at=clock.now())).data)

    @extend_schema(request=None, responses=ReleasedSerializer)
    @action(detail=False, methods=["post"], url_path="release-all")
    def release_all(self, request: Request) -> Response:
        """Let go everything that no stop in force holds, some hundreds at once."""
        released = actions.release_all(active_organization(), by=self.member, at=clock.now())
        return Response({"released": released})
