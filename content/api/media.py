"""Media over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import media as actions
from content.actions import variant_media
from content.models import Media, Variant, VariantMedia
from content.serving import given
from engagement.api.conflicts import EngagementViewSet
from roles import clock
from roles.api.parsers import JsonParser
from roles.tenancy import active_organization
from roles.uploading import too_large, was_too_large


class MediaSerializer(serializers.ModelSerializer[Media]):
    """A picture, film or sound; `tells` where the file may still say who made it, where and with what."""

    class Meta:
        model = Media
        fields = (
            "id", "name", "content_type", "size", "width", "height", "duration", "digest", "alt", "tells", "made_at",
            "made_by",
        )  # fmt: skip
        read_only_fields = fields


class TakeMediaSerializer(serializers.Serializer[Any]):
    """A file, as multipart form data."""

    file = serializers.FileField()
    alt = serializers.CharField(max_length=1500, required=False, allow_blank=True, default="")


class DescribeMediaSerializer(serializers.Serializer[Any]):
    """What media are called and what is to be seen or heard."""

    alt = serializers.CharField(max_length=1500, allow_blank=True)
    name = serializers.CharField(max_length=200, required=False)


class MediaViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What was uploaded, each content once."""

    serializer_class = MediaSerializer
    parser_classes = [JsonParser, MultiPartParser]
    http_method_names = ["get", "post", "put", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "file": "content.read",
        "create": "content.manage_media",
        "create_once": "content.manage_media",
        "update": "content.manage_media",
        "destroy": "content.manage_media",
    }

    def get_queryset(self) -> QuerySet[Media]:
        return Media.objects.order_by("-pk")

    def once(self, request: Request, make: Callable[[], Response]) -> Response:
        """The same content again is the same media, with or without a key."""
        return make()

    @extend_schema(request={"multipart/form-data": TakeMediaSerializer}, responses={201: MediaSerializer})
    def create_row(self, request: Request) -> Response:
        """Keep a file; what is there already is given back."""
        if was_too_large(request._request):
            raise too_large()
        said = TakeMediaSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        file = said.validated_data["file"]
        row = actions.take_media(
            active_organization(), file=file, size=file.size, name=file.name, alt=said.validated_data["alt"],
            by=self.member, at=clock.now(),
        )  # fmt: skip
        return Response(MediaSerializer(row).data, status=201)

    @extend_schema(request=DescribeMediaSerializer, responses=MediaSerializer)
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Say what is to be seen or heard."""
        row, said = self.get_object(), DescribeMediaSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.describe_media(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(MediaSerializer(row).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Remove what nothing uses."""
        actions.remove_media(self.get_object(), by=self.member, at=clock.now())
        return Response(status=204)

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str | None = None) -> HttpResponseBase:
        """The file itself."""
        row = self.get_object()
        return given(request._request, row.path, content_type=row.content_type, name=row.name, size=row.size)


class VariantMediaSerializer(serializers.ModelSerializer[VariantMedia]):
    """One of the media that go out with a variant; `alt` where it is said otherwise there than elsewhere."""

    class Meta:
        model = VariantMedia
        fields = ("id", "variant", "media", "position", "alt", "words")
        read_only_fields = fields


class AttachMediaSerializer(serializers.Serializer[Any]):
    """What goes out with which variant, and what is to be seen, where that is not said yet."""

    variant = serializers.PrimaryKeyRelatedField(queryset=Variant.objects.in_use())
    media = serializers.PrimaryKeyRelatedField(queryset=Media.objects.all())
    alt = serializers.CharField(max_length=1500, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False, help_text="Of the piece, as you know it: 409 if it is another.")


class MoveMediaSerializer(serializers.Serializer[Any]):
    """Where to."""

    to = serializers.ChoiceField(choices=["earlier", "later"])


class VariantMediaViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """The media that go out with variants."""

    serializer_class = VariantMediaSerializer
    http_method_names = ["get", "post", "put", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "create": "content.write",
        "create_once": "content.write",
        "update": "content.write",
        "move": "content.write",
        "destroy": "content.write",
    }

    def get_queryset(self) -> QuerySet[VariantMedia]:
        return VariantMedia.objects.select_related("media", "variant__piece__department", "variant__channel")

    @extend_schema(request=AttachMediaSerializer, responses={201: VariantMediaSerializer})
    def create_row(self, request: Request) -> Response:
        """Let media go out with a variant."""
        said = AttachMediaSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        variant = fields.pop("variant")
        row = variant_media.attach_media(variant, **fields, **self.acting())
        return Response(VariantMediaSerializer(row).data, status=201)

    @extend_schema(request=DescribeMediaSerializer, responses=VariantMediaSerializer)
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Say what is to be seen otherwise than elsewhere."""
        row, said = self.get_object(), DescribeMediaSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        alt = said.validated_data["alt"]
        row = variant_media.describe_there(row, alt=alt, **self.acting())
        return Response(VariantMediaSerializer(row).data)

    @extend_schema(request=MoveMediaSerializer, responses=VariantMediaSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str | None = None) -> Response:
        """Let it change places with its neighbour."""
        row, said = self.get_object(), MoveMediaSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        to = said.validated_data["to"]
        row = variant_media.move_media(row, to=to, **self.acting())
        return Response(VariantMediaSerializer(row).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Let it go out with this variant no more."""
        row = self.get_object()
        variant_media.detach_media(row, **self.acting())
        return Response(status=204)

    def acting(self) -> dict[str, Any]:
        """Who acts and when."""
        return {"by": self.member, "at": clock.now()}
