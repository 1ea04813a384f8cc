"""Variants over the API: what goes out on each channel, filled, checked and edited."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import repurposing
from content.actions import variants as actions
from content.api.pieces import VERSION
from content.filling import filled_from_body
from content.limits import checks_of, length_of_variant
from content.models import Piece, Variant
from content.standing import standing_of_variant
from engagement.api.conflicts import EngagementViewSet
from listening.languages import languages
from listening.models import Channel
from roles import clock
from roles.keys import key_in


class VariantSerializer(serializers.ModelSerializer[Variant]):
    """The form of a piece for one channel: exactly what goes out there."""

    is_channel_active = serializers.BooleanField(
        source="channel.is_active", read_only=True, help_text="While its channel is off, nothing of it goes out."
    )
    standing = serializers.SerializerMethodField()
    media = serializers.SerializerMethodField(help_text="Their ids, in order.")

    class Meta:
        model = Variant
        fields = ("id", "piece", "channel", "is_channel_active", "position", "title", "text", "link",
                  "first_comment", "warning", "visibility", "language", "slug", "categories", "tags", "media",
                  "is_dropped", "standing")  # fmt: skip
        read_only_fields = fields

    def get_standing(self, row: Variant) -> str:
        """How far it has come."""
        return standing_of_variant(row).value

    def get_media(self, row: Variant) -> list[int]:
        """The media that go with it."""
        return [one.media_id for one in row.media_rows.all()]


class EditVariantSerializer(serializers.Serializer[Any]):
    """What of a variant to write."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text=VERSION)
    title = serializers.CharField(max_length=300, allow_blank=True, required=False)
    text = serializers.CharField(max_length=200_000, allow_blank=True, required=False, trim_whitespace=False)
    link = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    first_comment = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    warning = serializers.CharField(max_length=300, allow_blank=True, required=False)
    visibility = serializers.ChoiceField(Variant.Visibility.choices, allow_blank=True, required=False)
    language = serializers.ChoiceField([("", ""), *languages()], required=False, allow_blank=True)
    slug = serializers.SlugField(max_length=200, allow_blank=True, required=False)
    categories = serializers.ListField(child=serializers.CharField(max_length=100), max_length=50, required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=100), max_length=50, required=False)


class AddVariantSerializer(EditVariantSerializer):
    """A variant to add, filled from the body where it says nothing of its own."""

    piece = serializers.PrimaryKeyRelatedField(queryset=Piece.objects.all())
    channel = serializers.PrimaryKeyRelatedField(queryset=Channel.objects.filter(is_active=True))
    fill = serializers.BooleanField(required=False, default=False, help_text="Begin with the text of the piece.")


class MoveVariantSerializer(serializers.Serializer[Any]):
    """On which channel it is said instead."""

    channel = serializers.PrimaryKeyRelatedField(queryset=Channel.objects.filter(is_active=True))
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text=VERSION)


class ProblemSerializer(serializers.Serializer[Any]):
    """Something that stands in the way of a variant at its network."""

    field = serializers.CharField(source="field_name")
    kind = serializers.CharField()
    message = serializers.CharField()
    is_blocking = serializers.BooleanField()


class ChecksSerializer(serializers.Serializer[Any]):
    """How long a variant is, as its network counts, and what stands in its way."""

    length = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True)
    problems = ProblemSerializer(many=True)


@extend_schema_view(list=extend_schema(parameters=[OpenApiParameter("piece", int), OpenApiParameter("channel", int)]))
class VariantViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What goes out on each channel."""

    serializer_class = VariantSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "checks": "content.read",
        "create": "content.write",
        "create_once": "content.write",
        "partial_update": "content.write",
        "fill": "content.write",
        "move": "content.write",
        "drop": "content.write",
    }

    def get_queryset(self) -> QuerySet[Variant]:
        rows = Variant.objects.with_newest_publication().with_media()
        rows = rows.select_related("channel__connection", "piece__department")
        if self.action == "list":
            rows = rows.in_use()
            for name in ("piece", "channel"):
                if key := key_in(self.request.query_params.get(name, "")):
                    rows = rows.filter(**{f"{name}_id": key})
        return rows

    @extend_schema(request=AddVariantSerializer, responses={201: VariantSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say a piece on one more channel."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        asked = AddVariantSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        piece, channel = said.pop("piece"), said.pop("channel")
        if said.pop("fill"):
            said = filled_from_body(Variant(piece=piece, channel=channel)) | said
        return Response(self._shown(actions.add_variant(piece, channel=channel, **said, **self._acting())), status=201)

    @extend_schema(request=EditVariantSerializer(partial=True), responses=VariantSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change what goes out on one channel."""
        row: Variant = self.get_object()
        said = EditVariantSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        return Response(self._shown(actions.edit_variant(row, **said.validated_data, **self._acting())))

    @extend_schema(request=None, responses=VariantSerializer)
    @action(detail=True, methods=["post"])
    def fill(self, request: Request, pk: str | None = None) -> Response:
        """Fill it from the body of the piece, cut to fit; what it said before stays in the versions."""
        row: Variant = self.get_object()
        return Response(self._shown(actions.edit_variant(row, **filled_from_body(row), **self._acting())))

    @extend_schema(request=MoveVariantSerializer, responses=VariantSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str | None = None) -> Response:
        """Say it on another channel instead, with its media and its time; answers with the new variant."""
        said = MoveVariantSerializer(data=request.data)
        row: Variant = self.get_object()
        said.is_valid(raise_exception=True)
        return Response(self._shown(repurposing.move_variant(row, **said.validated_data, **self._acting())))

    @extend_schema(request=None, responses=VariantSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str | None = None) -> Response:
        """Say the piece there no more."""
        return Response(self._shown(actions.drop_variant(self.get_object(), **self._acting())))

    @extend_schema(responses=ChecksSerializer)
    @action(detail=True, methods=["get"])
    def checks(self, request: Request, pk: str | None = None) -> Response:
        """Say how long it is there and what stands in its way: the same as the page says, and as planning asks."""
        row: Variant = self.get_object()
        length = length_of_variant(row)
        found = [
            {"field_name": one.field, "kind": one.kind, "message": one.message, "is_blocking": one.is_blocking}
            for one in checks_of(row, row.media_rows.all())
        ]
        return Response(ChecksSerializer({"length": length.used, "limit": length.most, "problems": found}).data)

    def _acting(self) -> dict[str, Any]:
        return {"by": self.member, "at": clock.now()}

    def _shown(self, row: Variant) -> Any:
        rows = Variant.objects.with_newest_publication().with_media().select_related("channel")
        return VariantSerializer(rows.get(pk=row.pk)).data
