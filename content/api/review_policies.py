"""Review policies over the API, each with what reviews changed in what it is for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import review_policies as actions
from content.models import Piece, ReviewPolicy, ReviewPolicyStep
from content.models.review_policies import USUAL_HOURS
from content.review_record import record_of
from content.review_rules import Outsider, TimedStep, steps_of
from engagement.api.conflicts import EngagementViewSet
from listening.models import Channel, Topic
from roles import clock
from roles.models import Member, Needs, Role
from roles.tenancy import active_organization


class OutsiderSerializer(serializers.Serializer[Any]):
    """Somebody who is no member, and is asked by mail."""

    name = serializers.CharField(max_length=120)
    email = serializers.EmailField()


class ReviewPolicyStepSerializer(serializers.ModelSerializer[ReviewPolicyStep]):
    """Who is asked, inside and outside, how many of them must say yes, and within how many hours."""

    needs = serializers.ChoiceField(choices=Needs.choices, default=Needs.ANY)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices), default=list)
    member_ids = serializers.ListField(child=serializers.IntegerField(), default=list)
    hours = serializers.IntegerField(default=USUAL_HOURS, min_value=1, max_value=actions.MOST_HOURS)
    outside = OutsiderSerializer(many=True, required=False)

    class Meta:
        model = ReviewPolicyStep
        fields = ("needs", "roles", "member_ids", "hours", "outside")


class ReviewPolicySerializer(serializers.ModelSerializer[ReviewPolicy]):
    """For what it counts, and whether that goes without review or who is asked."""

    kind = serializers.ChoiceField(choices=Piece.Kind.choices, required=False, allow_blank=True)
    channel = serializers.PrimaryKeyRelatedField(queryset=Channel.objects.all(), required=False, allow_null=True)
    author = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), required=False, allow_null=True)
    topic = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), required=False, allow_null=True)
    steps = ReviewPolicyStepSerializer(many=True, required=False)
    record_then = serializers.JSONField(
        read_only=True, help_text="What reviews had changed in the 90 days before it was last written."
    )

    class Meta:
        model = ReviewPolicy
        fields = ("id", "name", "position", "is_active", "waives", "kind", "channel", "author", "topic", "steps",
                  "record_then")  # fmt: skip
        read_only_fields = ("position",)


class ReviewBaseSerializer(serializers.Serializer[Any]):
    """Who sees everything for which no policy says otherwise."""

    steps = ReviewPolicyStepSerializer(many=True)


class ReviewRecordSerializer(serializers.Serializer[Any]):
    """What reviews of the last 90 days changed."""

    reviews = serializers.IntegerField()
    changed = serializers.IntegerField()
    sent_back = serializers.IntegerField()
    hours = serializers.FloatField(allow_null=True, help_text="How long they took on average; null without any.")


class WhereSerializer(serializers.Serializer[Any]):
    """Which way."""

    where = serializers.ChoiceField(choices=["up", "down"])


class ReviewPolicyViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What is seen by somebody else before it goes out; the first that fits counts, the base last."""

    serializer_class = ReviewPolicySerializer
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = dict.fromkeys(
        ("list", "retrieve", "create", "create_once", "partial_update", "destroy", "move", "record", "base"),
        "content.manage_review",
    )

    def get_queryset(self) -> QuerySet[ReviewPolicy]:
        return ReviewPolicy.objects.in_order().written()

    def create_row(self, request: Request) -> Response:
        """Relax or tighten review for some of what goes out."""
        fields, steps = self._said(partial=False)
        row = actions.add_review_policy(active_organization(), steps=steps, **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data, status=201)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change a policy; what was approved stays so."""
        row = self.get_object()
        fields, steps = self._said(partial=True)
        if "steps" not in request.data:
            steps = [] if fields.get("waives", row.waives) else list(steps_of(row))
        actions.change_review_policy(row, steps=steps, **fields, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Remove a policy; what it asks for now is still asked."""
        actions.remove_review_policy(self.get_object(), by=self.member, at=clock.now())
        return Response(status=204)

    @extend_schema(request=WhereSerializer, responses=ReviewPolicySerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str | None = None) -> Response:
        """Have it asked earlier or later."""
        row = self.get_object()
        said = WhereSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        up = said.validated_data["where"] == "up"
        actions.move_review_policy(row, up=up, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)

    @extend_schema(responses=ReviewRecordSerializer)
    @action(detail=True, methods=["get"])
    def record(self, request: Request, pk: str | None = None) -> Response:
        """What reviews changed in what a policy is for."""
        return Response(record_of(self.get_object(), at=clock.now()).facts)

    @extend_schema(methods=["GET"], responses=ReviewBaseSerializer)
    @extend_schema(methods=["POST"], request=ReviewBaseSerializer, responses=ReviewBaseSerializer)
    @action(detail=False, methods=["get", "post"])
    def base(self, request: Request) -> Response:
        """Who sees everything for which no policy says otherwise; a POST says it anew."""
        if request.method == "POST":
            said = ReviewBaseSerializer(data=request.data)
            said.is_valid(raise_exception=True)
            steps = [_step(step) for step in said.validated_data["steps"]]
            actions.set_review_base(active_organization(), steps=steps, by=self.member, at=clock.now())
        steps_now: Any = steps_of(ReviewPolicy.objects.base())
        return Response({"steps": ReviewPolicyStepSerializer(steps_now, many=True).data})

    def _said(self, *, partial: bool) -> tuple[dict[str, Any], list[TimedStep]]:
        said = self.get_serializer(data=self.request.data, partial=partial)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        return fields, [_step(step) for step in fields.pop("steps", [])]


def _step(said: dict[str, Any]) -> TimedStep:
    # Where a policy is changed, what a step leaves out is not filled in by its fields.
    outside = tuple(Outsider(" ".join(one["name"].split()), one["email"].lower()) for one in said.get("outside", ()))
    return TimedStep(
        "", said.get("needs", Needs.ANY), tuple(said.get("roles", ())), tuple(said.get("member_ids", ())),
        said.get("hours", USUAL_HOURS), outside,
    )  # fmt: skip
