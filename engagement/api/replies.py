"""Replies over the API: written into the outbox, followed on their way, settled where only a person can."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import deliveries, stops
from engagement.actions import replies as actions
from engagement.actions.drafts import save_draft
from engagement.api.conflicts import EngagementViewSet
from engagement.api.shapes import ReplySerializer
from engagement.models import Assignment, Delivery, Reply, SavedReply
from engagement.refusals import Refusal
from listening.api.translated import TranslatedField
from listening.models import Channel
from roles import clock
from roles.keys import key_in
from roles.models import Member
from roles.permissions import decide


class NewReplySerializer(serializers.Serializer[Any]):
    """What to answer, to which assignment, and from which account where there are several."""

    assignment = serializers.PrimaryKeyRelatedField(queryset=Assignment.objects.all())
    text = serializers.CharField(max_length=20_000)
    channel = serializers.PrimaryKeyRelatedField(queryset=Channel.objects.all(), required=False, allow_null=True)
    resolves = serializers.BooleanField(default=True, help_text="Whether its arrival resolves the assignment.")
    is_automatic = serializers.BooleanField(
        default=False,
        help_text="A program wrote it and nobody has read it: it is no response that a target promises.",
    )
    seen_version = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The assignment's version that was read; an answer since is a conflict.",
    )
    seen_revision = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The post's revision that was read; an edit since is a conflict.",
    )
    seen_until = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2**63 - 1,
        help_text="The id of the newest post of the thread that was read; an answer of ours since is a conflict.",
    )
    saved_reply = serializers.PrimaryKeyRelatedField(
        queryset=SavedReply.objects.all(), required=False, allow_null=True, help_text="Where the text came from."
    )
    ask_about_repeats = serializers.BooleanField(
        default=False, help_text="Whether a text that went out too often is a conflict instead of being sent."
    )


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One attempt, one look, or what a person decided."""

    sentence = serializers.CharField(help_text="What happened, in words.")
    problem = TranslatedField(read_only=True)

    class Meta:
        model = Delivery
        fields = ("kind", "outcome", "problem", "sentence", "started_at", "finished_at")


class OwnerSerializer(serializers.Serializer[Any]):
    """Who has to act."""

    to = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all())


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
    said: dict[str, Any] | None = None
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.read",
        "retrieve": "engagement.read",
        "create": "engagement.reply",
        "settle": "engagement.settle_delivery",
        "withdraw": "engagement.settle_delivery",
        "reassign": "engagement.settle_delivery",
        "deliveries": "engagement.read",
        "release": "engagement.stop_sending",
    }

    def get_queryset(self) -> QuerySet[Reply]:
        rows = Reply.objects.with_everything()
        if getattr(self, "swagger_fake_view", False):
            return rows
        rows = rows.visible_to(self.member)
        return self._filtered(rows) if self.action == "list" else rows

    def _filtered(self, rows: QuerySet[Reply]) -> QuerySet[Reply]:
        asked = self.request.query_params
        if state := self.asked_for("state", Reply.State.values):
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
        self.said = dict(said.validated_data)
        made = actions.reply(fields.pop("assignment"), **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(made).data, status=201)

    def handle_exception(self, exc: Exception) -> Response:
        """Keep the text of a refused reply once more: with an Idempotency-Key its draft was undone with the rest."""
        if self.said and isinstance(exc, (Refusal, DjangoValidationError, PermissionDenied)):
            assignment = self.said["assignment"]
            if decide(self.member, "engagement.read", assignment):
                kept = {name: self.said[name] for name in ("text", "saved_reply") if name in self.said}
                save_draft(assignment, **kept, by=self.member, at=clock.now())
        return super().handle_exception(exc)

    @extend_schema(request=DecisionSerializer, responses=ReplySerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str | None = None) -> Response:
        """Decide about a reply that was refused, is unknown or has not gone out yet."""
        row = self.get_object()
        said = DecisionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = deliveries.settle_delivery(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=ReplySerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        """Take back what waits for approval, is held or has not gone out yet; its text is a draft again."""
        row = deliveries.settle_delivery(self.get_object(), decision="give_up", by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=OwnerSerializer, responses=ReplySerializer)
    @action(detail=True, methods=["post"])
    def reassign(self, request: Request, pk: str | None = None) -> Response:
        """Say who has to act on a delivery that failed or is unknown."""
        row = self.get_object()
        said = OwnerSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = deliveries.reassign_delivery(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=ReplySerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str | None = None) -> Response:
        """Let a held reply go, even while the stop goes on."""
        row = stops.release_held(self.get_object(), by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(responses=DeliverySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def deliveries(self, request: Request, pk: str | None = None) -> Response:
        """What was tried and looked up, the oldest first."""
        rows = Delivery.objects.filter(reply=self.get_object()).order_by("started_at", "pk")
        return Response(DeliverySerializer(rows, many=True).data)
