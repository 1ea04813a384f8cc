"""Triage of many mentions at once over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import bulk as actions
from listening.actions import corrections
from listening.filtering import StreamFilter
from listening.models import BulkDecision, Mention
from listening.refusals import Quicker
from listening.triage import VERBS, Triage
from roles import clock
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet
from roles.keys import LARGEST
from roles.models import Department


class BulkDecisionSerializer(serializers.ModelSerializer[BulkDecision]):
    """One decision on many mentions, and how far it has come."""

    class Meta:
        model = BulkDecision
        fields = (
            "id", "verb", "code", "reason", "department", "query", "decided", "left_alone", "state", "by", "created_at",
            "finished_at", "story_ids",
        )  # fmt: skip
        read_only_fields = fields


class NewBulkDecisionSerializer(serializers.Serializer[Any]):
    """What to decide, of which mentions: up to 200 keys, decided at once, or a filter, decided step by step."""

    verb = serializers.ChoiceField(choices=[*VERBS, *corrections.KINDS])
    value = serializers.CharField(
        max_length=16,
        required=False,
        help_text="For a correction: the language, the sentiment (-1, 0, 1) or the key of the topic.",
    )
    code = serializers.ChoiceField(choices=Mention.WhyNot.choices, required=False, default="")
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False)
    mentions = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST),
        required=False,
        max_length=actions.TICKED_AT_MOST,
    )
    whole = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST),
        required=False,
        default=list,
        max_length=actions.TICKED_AT_MOST,
        help_text="Those among `mentions` that stand for their whole story, later arrivals included.",
    )
    query = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="As in the stream's address."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("mentions" in attrs) == ("query" in attrs):
            raise serializers.ValidationError("Name either mentions or a query.")
        if not set(attrs["whole"]) <= set(attrs.get("mentions", [])):
            raise serializers.ValidationError({"whole": ["Name only some of `mentions`."]})
        if (attrs["verb"] == "route_to") != ("department" in attrs):
            raise serializers.ValidationError({"department": ["A department belongs to route_to, and only to it."]})
        if (attrs["verb"] in corrections.KINDS) != ("value" in attrs):
            raise serializers.ValidationError({"value": ["A value belongs to corrections, and only to them."]})
        if attrs["verb"] in corrections.KINDS and "mentions" not in attrs:
            raise serializers.ValidationError({"mentions": ["A correction is of mentions that are named."]})
        return attrs


class BulkDecisionViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Decisions on many mentions."""

    serializer_class = BulkDecisionSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.triage",
        "retrieve": "listening.triage",
        "create": "listening.triage",
        "undo": "listening.triage",
    }

    def get_queryset(self) -> QuerySet[BulkDecision]:
        return BulkDecision.objects.all()

    @extend_schema(request=NewBulkDecisionSerializer, responses={201: BulkDecisionSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Decide many mentions."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewBulkDecisionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        asked: dict[str, Any] = said.validated_data
        acting: dict[str, Any] = {"by": self.member, "at": clock.now()}
        if asked["verb"] in corrections.KINDS:
            said_so = corrections.Judgement(asked["verb"], asked["value"])
            row = corrections.correct_ticked(said_so, keys=asked["mentions"], **acting)
            return Response(BulkDecisionSerializer(row).data, status=status.HTTP_201_CREATED)
        triage = Triage(asked["verb"], code=asked["code"], reason=asked["reason"], to=asked.get("department"))
        if "mentions" in asked:
            try:
                row = actions.decide_ticked(triage, keys=asked["mentions"], whole=asked["whole"], **acting)
            except Quicker as reason:
                raise Conflict(str(reason)) from reason
        else:
            row = actions.decide_all(triage, wanted=StreamFilter.read(asked["query"]), **acting)
        return Response(BulkDecisionSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=BulkDecisionSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        """Put everything back, but for what somebody has decided or begun since."""
        return Response(
            BulkDecisionSerializer(actions.undo_bulk(self.get_object(), by=self.member, at=clock.now())).data
        )
