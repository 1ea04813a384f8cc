"""Replies over the API: written into the outbox, followed on their way, settled where only a person can."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import deliveries
from engagement.actions import replies as actions
from engagement.api.conflicts import EngagementViewSet
from engagement.api.shapes import ReplySerializer
from engagement.models import Assignment, Reply
from listening.models import Channel
from roles import clock
from roles.keys import key_in


class NewReplySerializer(serializers.Serializer[Any]):
    """What to answer, to which assignment, and from which account where there are several."""

    assignment = serializers.PrimaryKeyRelatedField(queryset=Assignment.objects.all())
    text = serializers.CharField(max_length=20_000)
    channel = serializers.PrimaryKeyRelatedField(queryset=Channel.objects.all(), required=False, allow_null=True)
    resolves = serializers.BooleanField(default=True, help_text="Whether its arrival resolves the assignment.")
    seen_version = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The assignment's version that was read; an answer since is a conflict.",
    )


class DecisionSerializer(serializers.Serializer[Any]):
    """How a reply goes on whose outcome only a person can settle."""

    decision = serializers.ChoiceField(choices=list(deliveries.DECISIONS))
    url = serializers.CharField(required=False, allow_blank=True, default="", help_text="Where it is, if it was sent.")


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=Reply.State.values),
            OpenApiParameter("assignment", int),
            OpenApiParameter("needs_a_person", bool),
        ]
    ),
    create=extend_schema(request=NewReplySerializer, responses={201: ReplySerializer}),
)
class ReplyViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What the organization answers."""

    serializer_class = ReplySerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.read",
        "retrieve": "engagement.read",
        "create": "engagement.reply",
        "settle": "engagement.settle_delivery",
    }

    def get_queryset(self) -> QuerySet[Reply]:
        rows = Reply.objects.with_everything()
        if getattr(self, "swagger_fake_view", False):
            return rows
        rows = rows.visible_to(self.member)
        return self._filtered(rows) if self.action == "list" else rows

    def _filtered(self, rows: QuerySet[Reply]) -> QuerySet[Reply]:
        asked = self.request.query_params
        if state := asked.get("state"):
            if state not in Reply.State.values:
                raise ValidationError({"state": [f"One of: {', '.join(Reply.State.values)}."]})
            rows = rows.filter(state=state)
        if about := asked.get("assignment"):
            rows = rows.filter(assignment_id=key_in(about) or 0)
        if waits := asked.get("needs_a_person"):
            rows = rows.filter(put_before_person_at__isnull=waits not in {"true", "1"})
        return rows

    def create_row(self, request: Request) -> Response:
        """Put a reply into the outbox; it goes out once, as soon as a worker takes it."""
        said = NewReplySerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        made = actions.reply(fields.pop("assignment"), **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(made).data, status=201)

    @extend_schema(request=DecisionSerializer, responses=ReplySerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str | None = None) -> Response:
        """Decide about a reply that was refused, is unknown or has not gone out yet."""
        row = self.get_object()
        said = DecisionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = deliveries.settle_delivery(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)
