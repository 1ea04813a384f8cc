"""Reviews over the API: what waits, asking, a yes or a no to exactly what was read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import review_guests as guest_actions
from content.actions import reviews as actions
from content.api.review_policies import OutsiderSerializer
from content.models import Piece, Review, ReviewDecision, ReviewedVariant, ReviewGuest, ReviewStep
from content.review_asking import seal_of
from content.review_rules import waiting_step
from engagement.api.conflicts import EngagementViewSet
from engagement.api.shapes import PersonSerializer
from roles import clock
from roles.keys import key_in


class ReviewGuestSerializer(serializers.ModelSerializer[ReviewGuest]):
    """Somebody outside who is asked, until when, and what became of it; their link is in their mail alone."""

    class Meta:
        model = ReviewGuest
        fields = ("id", "name", "email", "state", "is_named", "asked_by", "asked_at", "reminded_at", "expires_at",
                  "ended_at")  # fmt: skip


class ReviewDecisionSerializer(serializers.ModelSerializer[ReviewDecision]):
    """What one person said of a step: a member, or somebody outside."""

    by = PersonSerializer(allow_null=True)

    class Meta:
        model = ReviewDecision
        fields = ("by", "guest", "kind", "reason", "at")


class ReviewStepSerializer(serializers.ModelSerializer[ReviewStep]):
    """Who is asked in one step, until when, and what was said."""

    decisions = ReviewDecisionSerializer(many=True)
    guests = ReviewGuestSerializer(many=True)
    outside = OutsiderSerializer(many=True, help_text="Who is no member, and is asked by mail when the step begins.")
    instead = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Who stands in, by what is meant: the key of a person, or the name of a role.",
    )

    class Meta:
        model = ReviewStep
        fields = ("id", "number", "needs", "roles", "member_ids", "outside", "instead", "hours", "state", "asked_at",
                  "due_at", "ended_at", "decisions", "guests")  # fmt: skip


class ReviewedVariantSerializer(serializers.ModelSerializer[ReviewedVariant]):
    """One variant exactly as its review was asked for."""

    shown = serializers.JSONField(help_text="What would go out, as it was asked about.")

    class Meta:
        model = ReviewedVariant
        fields = ("variant", "digest", "state", "shown", "ended_at")


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """That somebody was asked whether variants of a piece may go out exactly as they are."""

    variants = ReviewedVariantSerializer(source="reviewed", many=True)
    steps = ReviewStepSerializer(many=True)
    seal = serializers.SerializerMethodField(
        help_text="Stands for the step that waits and its variants as they are now; empty where nothing waits."
    )

    class Meta:
        model = Review
        fields = ("id", "piece", "state", "policy_name", "asked_by", "asked_at", "ended_at", "seal", "variants",
                  "steps")  # fmt: skip

    def get_seal(self, review: Review) -> str:
        step = waiting_step(review)
        rows = [row for row in review.reviewed.all() if row.state == Review.State.WAITING]
        return seal_of(step, rows) if step is not None else ""


class AskForReviewSerializer(serializers.Serializer[Any]):
    """Of which piece, and of which of its variants; without any all that need it."""

    piece = serializers.PrimaryKeyRelatedField(queryset=Piece.objects.all())
    variants = serializers.ListField(child=serializers.IntegerField(), required=False)
    version = serializers.IntegerField(required=False, help_text="Of the piece, as it was read; another is a conflict.")


class SealSerializer(serializers.Serializer[Any]):
    """To exactly what."""

    seal = serializers.CharField(max_length=64, help_text="As it was read; where something changed it is a conflict.")


class SendReviewBackSerializer(serializers.Serializer[Any]):
    """Why it goes back, and, if wanted, of exactly what that is said."""

    reason = serializers.CharField(max_length=2000)
    variants = serializers.ListField(
        child=serializers.IntegerField(), required=False, allow_empty=False,
        help_text="Only these go back, and the others are still asked about; without any all of it.",
    )  # fmt: skip
    seal = serializers.CharField(max_length=64, required=False, allow_blank=True)


class AskGuestSerializer(serializers.Serializer[Any]):
    """Who outside is asked, and for how many days their link opens it."""

    name = serializers.CharField(max_length=120)
    email = serializers.EmailField()
    days = serializers.IntegerField(
        min_value=1, max_value=guest_actions.MOST_DAYS, default=guest_actions.USUAL_DAYS, required=False
    )


class RevokeGuestSerializer(serializers.Serializer[Any]):
    """Who outside is asked no more."""

    guest = serializers.IntegerField(help_text="The id of one of the guests of a step.")


class RemarkSerializer(serializers.Serializer[Any]):
    """What is remarked."""

    text = serializers.CharField(max_length=2000)


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=Review.State.values),
            OpenApiParameter("piece", int, description="Only those of one piece."),
            OpenApiParameter("asked_of_me", bool, description="Only those that the token's member can decide now."),
        ]
    )
)
class ReviewViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What waits for somebody's yes before it goes out, and what was said."""

    serializer_class = ReviewSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.review",
        "retrieve": "content.review",
        "create": "content.write",
        "create_once": "content.write",
        "approve": "content.review",
        "send_back": "content.review",
        "remark": "content.review",
        "withdraw": "content.write",
        "ask_guest": "content.manage_review",
        "revoke_guest": "content.manage_review",
    }

    def get_queryset(self) -> QuerySet[Review]:
        rows = Review.objects.with_everything()
        if getattr(self, "swagger_fake_view", False):
            return rows
        rows = rows.visible_to(self.member)
        if self.action != "list":
            return rows
        asked = self.request.query_params
        if state := self.asked_for("state", Review.State.values):
            rows = rows.filter(state=state)
        if piece := asked.get("piece"):
            if (key := key_in(piece)) is None:
                raise ValidationError({"piece": ["A key."]})
            rows = rows.filter(piece=key)
        if asked.get("asked_of_me") in {"true", "1"}:
            rows = rows.filter(pk__in=ReviewStep.objects.asked_of(self.member).values("review"))
        return rows

    @extend_schema(request=AskForReviewSerializer, responses={201: ReviewSerializer(many=True)})
    def create_row(self, request: Request) -> Response:
        """Ask for the review of a piece: one for each set of steps that the policy names for its variants."""
        said = AskForReviewSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        asked = dict(said.validated_data)
        made = actions.ask_for_review(asked.pop("piece"), **asked, by=self.member, at=clock.now())
        rows = Review.objects.with_everything().filter(pk__in=[one.pk for one in made]).order_by("pk")
        return Response(self.get_serializer(rows, many=True).data, status=201)

    @extend_schema(request=SealSerializer, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str | None = None) -> Response:
        """Say yes to exactly this; the last yes lets it go out."""
        row, said = self._said(SealSerializer)
        return self._now(actions.approve_review(row, **said, by=self.member, at=clock.now()))

    @extend_schema(request=SendReviewBackSerializer, responses=ReviewSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: str | None = None) -> Response:
        """Say no, and why."""
        row, said = self._said(SendReviewBackSerializer)
        return self._now(actions.send_review_back(row, **said, by=self.member, at=clock.now()))

    @extend_schema(request=RemarkSerializer, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def remark(self, request: Request, pk: str | None = None) -> Response:
        """Say something that decides nothing."""
        row, said = self._said(RemarkSerializer)
        return self._now(actions.remark_on_review(row, **said, by=self.member, at=clock.now()))

    @extend_schema(request=None, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        """Take the question back."""
        return self._now(actions.withdraw_review(self.get_object(), by=self.member, at=clock.now()))

    @extend_schema(request=AskGuestSerializer, responses=ReviewSerializer)
    @action(detail=True, methods=["post"], url_path="ask-guest")
    def ask_guest(self, request: Request, pk: str | None = None) -> Response:
        """Ask somebody outside as well: they get a link by mail that ends."""
        row, said = self._said(AskGuestSerializer)
        guest_actions.ask_guest(row, **said, by=self.member, at=clock.now())
        return self._now(row)

    @extend_schema(request=RevokeGuestSerializer, responses=ReviewSerializer)
    @action(detail=True, methods=["post"], url_path="revoke-guest")
    def revoke_guest(self, request: Request, pk: str | None = None) -> Response:
        """Ask somebody outside no more: their link opens nothing from now on."""
        row, said = self._said(RevokeGuestSerializer)
        guest = get_object_or_404(
            ReviewGuest.objects.select_related("step__review"), pk=said["guest"], step__review=row
        )
        guest_actions.revoke_guest(guest, by=self.member, at=clock.now())
        return self._now(row)

    def _said(self, shape: type[serializers.Serializer[Any]]) -> tuple[Review, dict[str, Any]]:
        row = self.get_object()
        said = shape(data=self.request.data)
        said.is_valid(raise_exception=True)
        return row, said.validated_data

    def _now(self, row: Review) -> Response:
        return Response(self.get_serializer(Review.objects.with_everything().get(pk=row.pk)).data)
