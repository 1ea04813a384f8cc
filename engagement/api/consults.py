"""Questions to the booth over the API: asked, answered, closed; and the mails that came."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import consults as actions
from engagement.actions import received
from engagement.api.conflicts import EngagementViewSet
from engagement.models import Assignment, Consult, ConsultRequest, ReceivedMail
from roles import clock
from roles.models import Member


class ConsultRequestSerializer(serializers.ModelSerializer[ConsultRequest]):
    """A question as one person has it, and what they answered."""

    question = serializers.CharField(source="consult.question", read_only=True)
    assignment = serializers.IntegerField(source="consult.assignment_id", read_only=True)
    member_name = serializers.CharField(source="member", read_only=True)

    class Meta:
        model = ConsultRequest
        fields = (
            "id", "consult", "assignment", "question", "member", "member_name", "state", "asked_at", "reminded_at",
            "answer", "way", "answered_at", "corrected_at",
        )  # fmt: skip
        read_only_fields = fields


class ConsultSerializer(serializers.ModelSerializer[Consult]):
    """A question to the booth about an assignment."""

    requests = ConsultRequestSerializer(many=True, read_only=True)

    class Meta:
        model = Consult
        fields = (
            "id", "assignment", "question", "asked_by", "asked_at", "deputy", "needs_all", "state", "ended_at",
            "requests",
        )  # fmt: skip
        read_only_fields = fields


class NewConsultSerializer(serializers.Serializer[Any]):
    """What to ask about which assignment, of whom, and who is asked if they do not answer."""

    assignment = serializers.PrimaryKeyRelatedField(queryset=Assignment.objects.all())
    question = serializers.CharField(max_length=actions.QUESTION_LIMIT)
    to = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), many=True, allow_empty=False)
    deputy = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), required=False, allow_null=True)
    needs_all = serializers.BooleanField(default=False, help_text="Wait for all of them, not for the first.")


class NewAnswerSerializer(serializers.Serializer[Any]):
    """An answer, or its correction."""

    text = serializers.CharField(max_length=actions.ANSWER_LIMIT)


@extend_schema_view(
    list=extend_schema(parameters=[OpenApiParameter("state", str, enum=Consult.State.values)]),
    create=extend_schema(request=NewConsultSerializer, responses={201: ConsultSerializer}),
)
class ConsultViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """Questions to the booth; those of the departments in which the token's member holds a position."""

    serializer_class = ConsultSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.read",
        "retrieve": "engagement.read",
        "create": "engagement.consult",
        "close": "engagement.consult",
    }

    def get_queryset(self) -> QuerySet[Consult]:
        rows = Consult.objects.with_everything()
        if getattr(self, "swagger_fake_view", False):
            return rows
        rows = rows.visible_to(self.member)
        if self.action == "list" and (state := self.asked_for("state", Consult.State.values)):
            rows = rows.filter(state=state)
        return rows

    def create_row(self, request: Request) -> Response:
        """Ask; everybody who is asked gets a mail."""
        said = NewConsultSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        made = actions.consult(fields.pop("assignment"), **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(pk=made.pk)).data, status=201)

    @extend_schema(request=None, responses=ConsultSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        """End a question: nobody is waited for any more."""
        row = self.get_object()
        actions.close_consult(row, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)


@extend_schema_view(list=extend_schema(parameters=[OpenApiParameter("open", bool)]))
class ConsultRequestViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What was asked of the token's member."""

    serializer_class = ConsultRequestSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.answer_consult",
        "retrieve": "engagement.answer_consult",
        "answer": "engagement.answer_consult",
    }

    def get_queryset(self) -> QuerySet[ConsultRequest]:
        rows = ConsultRequest.objects.with_everything()
        if getattr(self, "swagger_fake_view", False):
            return rows
        rows = rows.of(self.member)
        is_narrowed = self.action == "list" and self.request.query_params.get("open") in {"true", "1"}
        return rows.open() if is_narrowed else rows

    @extend_schema(request=NewAnswerSerializer, responses=ConsultRequestSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str | None = None) -> Response:
        """Answer, or correct the answer; 409 where the question is closed."""
        row = self.get_object()
        said = NewAnswerSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.answer_consult(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)


class ReceivedMailSerializer(serializers.ModelSerializer[ReceivedMail]):
    """A mail that came, and what became of it."""

    class Meta:
        model = ReceivedMail
        fields = (
            "id", "request", "sender", "subject", "text", "state", "reason", "received_at", "settled_by", "settled_at",
        )  # fmt: skip
        read_only_fields = fields


class TakenSerializer(serializers.Serializer[Any]):
    """Which question a mail answers; without it, the one that it names."""

    request = serializers.PrimaryKeyRelatedField(queryset=ConsultRequest.objects.all(), required=False, allow_null=True)


@extend_schema_view(list=extend_schema(parameters=[OpenApiParameter("state", str, enum=ReceivedMail.State.values)]))
class ReceivedMailViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """Mails that came in reply to ours."""

    serializer_class = ReceivedMailSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.manage_consults",
        "retrieve": "engagement.manage_consults",
        "take": "engagement.manage_consults",
        "put_aside": "engagement.manage_consults",
    }

    def get_queryset(self) -> QuerySet[ReceivedMail]:
        rows = ReceivedMail.objects.all()
        if self.action == "list" and (state := self.asked_for("state", ReceivedMail.State.values)):
            rows = rows.filter(state=state)
        return rows

    @extend_schema(request=TakenSerializer, responses=ReceivedMailSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str | None = None) -> Response:
        """Take a mail as an answer."""
        row = self.get_object()
        said = TakenSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        kept = received.take_received(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(kept).data)

    @extend_schema(request=None, responses=ReceivedMailSerializer)
    @action(detail=True, methods=["post"], url_path="put-aside")
    def put_aside(self, request: Request, pk: str | None = None) -> Response:
        """Say that a mail is no answer."""
        kept = received.put_aside(self.get_object(), by=self.member, at=clock.now())
        return Response(self.get_serializer(kept).data)
