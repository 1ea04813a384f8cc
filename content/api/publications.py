"""Publications over the API: planned, moved, followed on their way, settled where only a person can."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import publications as actions
from content.by_hand import to_post
from content.models import Publication, PublicationDelivery, Variant, VariantMedia
from engagement.api.conflicts import EngagementViewSet
from listening.api.translated import TranslatedField
from roles import clock
from roles.keys import key_in
from roles.models import Member
from roles.tenancy import active_organization

# What a list is asked for, and the field that says it.
OF = {
    "variant": "variant_id", "piece": "variant__piece_id", "channel": "channel_id",
    "campaign": "variant__piece__campaign_id",
}  # fmt: skip


class PublicationSerializer(serializers.ModelSerializer[Publication]):
    """One time at which a variant is to be said, and how far it has come."""

    needs_a_person = serializers.SerializerMethodField()
    problem = TranslatedField(read_only=True)

    class Meta:
        model = Publication
        fields = (
            "id", "variant", "channel", "state", "on_day", "at_time", "zone", "due_at", "grace_minutes", "planned_by",
            "planned_at", "accepted_at", "seen_at", "remote_id", "remote_url", "problem", "needs_a_person", "owner",
            "put_before_person_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_needs_a_person(self, row: Publication) -> bool:
        """Whether only a person can say how it goes on."""
        return row.put_before_person_at is not None


class TimeSerializer(serializers.Serializer[Any]):
    """A day, what the clocks of a zone show then, and how late it may be."""

    on_day = serializers.DateField()
    at_time = serializers.TimeField()
    zone = serializers.CharField(max_length=64, help_text="A name of the IANA database, such as Europe/Berlin.")
    grace_minutes = serializers.IntegerField(
        min_value=1, max_value=actions.LONGEST_GRACE, required=False,
        help_text="After so many minutes it is missed and does not go out any more.",
    )  # fmt: skip


class PublicationMoveSerializer(TimeSerializer):
    """Another time, and the one from which it is moved."""

    was = serializers.DateTimeField(
        required=False, help_text="Its due_at as you read it: refused with 409 where somebody has moved it since."
    )


class NewPublicationSerializer(serializers.Serializer[Any]):
    """Which variant, and when; at once where no time is given."""

    variant = serializers.PrimaryKeyRelatedField(queryset=Variant.objects.all())
    when = TimeSerializer(required=False, allow_null=True)


class PublicationDecisionSerializer(serializers.Serializer[Any]):
    """How a publication goes on about which only a person can decide."""

    decision = serializers.ChoiceField(choices=list(actions.DECISIONS))
    url = serializers.CharField(required=False, allow_blank=True, default="", help_text="Where it stands, if it does.")


class PublicationOwnerSerializer(serializers.Serializer[Any]):
    """Who has to act."""

    to = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all())


class PublicationDeliverySerializer(serializers.ModelSerializer[PublicationDelivery]):
    """One attempt, one look, or what a person decided."""

    sentence = serializers.CharField(help_text="What happened, in words.")
    problem = TranslatedField(read_only=True)

    class Meta:
        model = PublicationDelivery
        fields = ("kind", "outcome", "problem", "sentence", "started_at", "finished_at")


class MediaToPostSerializer(serializers.ModelSerializer[VariantMedia]):
    """A file that goes with it, and what is said of it for those who do not see or hear it."""

    name = serializers.CharField(source="media.name")
    content_type = serializers.CharField(source="media.content_type")
    alt = serializers.CharField(source="words")

    class Meta:
        model = VariantMedia
        fields = ("media", "name", "content_type", "alt")
        read_only_fields = fields


class ToPostSerializer(serializers.Serializer[Any]):
    """What a person posts by hand: the words with tracked links in them, and the media."""

    words = serializers.CharField()
    first_comment = serializers.CharField()
    media = MediaToPostSerializer(many=True)
    is_edited = serializers.BooleanField(help_text="Whether its words are others by now than those that were posted.")


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=Publication.State.values),
            OpenApiParameter("variant", int),
            OpenApiParameter("piece", int),
            OpenApiParameter("channel", int),
            OpenApiParameter("campaign", int, description="Of the pieces of one campaign."),
            OpenApiParameter("from", date, description="Due on this day or later, as the organization's clock has it."),
            OpenApiParameter("until", date, description="Due on this day or earlier."),
            OpenApiParameter("needs_a_person", bool),
        ]
    ),
    create=extend_schema(request=NewPublicationSerializer, responses={201: PublicationSerializer}),
)
class PublicationViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """When variants are said, and what became of it."""

    serializer_class = PublicationSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "create": "content.plan",
        "replan": "content.plan",
        "unplan": "content.plan",
        "settle": "content.settle_publication",
        "reassign": "content.settle_publication",
        "deliveries": "content.read",
        "to_post": "content.read",
    }

    def get_queryset(self) -> QuerySet[Publication]:
        rows = Publication.objects.with_everything()
        if getattr(self, "swagger_fake_view", False) or self.action != "list":
            return rows
        asked = self.request.query_params
        if state := self.asked_for("state", Publication.State.values):
            rows = rows.filter(state=state)
        for name, field in OF.items():
            if wanted := asked.get(name):
                rows = rows.filter(**{field: key_in(wanted) or 0})
        rows = rows.filter(**_on_days(asked))
        if waits := asked.get("needs_a_person"):
            rows = rows.filter(put_before_person_at__isnull=waits not in {"true", "1"})
        return rows

    def create_row(self, request: Request) -> Response:
        """Plan a variant, or have it said at once."""
        said = NewPublicationSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        variant, when = said.validated_data["variant"], said.validated_data.get("when")
        acting: dict[str, Any] = {"by": self.member, "at": clock.now()}
        row = actions.plan(variant, **when, **acting) if when else actions.plan_now(variant, **acting)
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(request=PublicationMoveSerializer, responses=PublicationSerializer)
    @action(detail=True, methods=["post"])
    def replan(self, request: Request, pk: str | None = None) -> Response:
        """Move it to another time."""
        row = self.get_object()
        said = PublicationMoveSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.replan(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=PublicationSerializer)
    @action(detail=True, methods=["post"])
    def unplan(self, request: Request, pk: str | None = None) -> Response:
        """Take it off the plan."""
        row = actions.unplan(self.get_object(), by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=PublicationDecisionSerializer, responses=PublicationSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str | None = None) -> Response:
        """Decide about a publication that did not simply go out."""
        row = self.get_object()
        said = PublicationDecisionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.settle_publication(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=PublicationOwnerSerializer, responses=PublicationSerializer)
    @action(detail=True, methods=["post"])
    def reassign(self, request: Request, pk: str | None = None) -> Response:
        """Say who has to act."""
        row = self.get_object()
        said = PublicationOwnerSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.reassign_publication(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(responses=ToPostSerializer)
    @action(detail=True, methods=["get"], url_path="to-post")
    def to_post(self, request: Request, pk: str | None = None) -> Response:
        """What is posted by hand: 404 where a program publishes it, or where it is not time yet."""
        row = self.get_object()
        found = to_post([row]).get(row.pk)
        if found is None:
            raise NotFound
        return Response(ToPostSerializer(found).data)

    @extend_schema(responses=PublicationDeliverySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def deliveries(self, request: Request, pk: str | None = None) -> Response:
        """What was tried and looked up, the oldest first."""
        rows = PublicationDelivery.objects.filter(publication=self.get_object()).order_by("started_at", "pk")
        return Response(PublicationDeliverySerializer(rows, many=True).data)


def _on_days(asked: Mapping[str, str]) -> dict[str, datetime]:
    """The moments between which the days lie that a list is asked for, as clocks of the organization have them."""
    zone, found = active_organization().zone, {}
    for name, field, later in (("from", "due_at__gte", 0), ("until", "due_at__lt", 1)):
        if said := asked.get(name):
            try:
                day = date.fromisoformat(said) + timedelta(days=later)
            except (ValueError, OverflowError) as problem:
                raise ValidationError({name: ["A day, such as 2026-05-31."]}) from problem
            found[field] = clock.moment(day, 0, zone)
    return found
