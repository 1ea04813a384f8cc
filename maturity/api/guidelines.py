"""Guidelines over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.models import Piece
from listening.difference import compare
from listening.models import Topic
from maturity.actions import guideline_address
from maturity.actions import guidelines as actions
from maturity.actions.reading import acknowledge_guidelines
from maturity.models import GapReport, GuidelineAddress, GuidelineSection, GuidelineVersion
from maturity.reading import Reader
from maturity.reading import readers as everybody
from roles import clock
from roles.api.views import ApiViewSet
from roles.keys import key_in
from roles.links import outside_address
from roles.permissions import decide
from roles.tenancy import active_organization


class GuidelineVersionSerializer(serializers.ModelSerializer[GuidelineVersion]):
    """What a section said from a moment on."""

    class Meta:
        model = GuidelineVersion
        fields = ("id", "number", "title", "text", "is_small", "written_at", "by")


class GuidelineSerializer(serializers.ModelSerializer[GuidelineSection]):
    """A section of the guidelines, as it is now."""

    topics = serializers.SerializerMethodField(help_text="Keys of the topics on which it bears; none: on everything.")
    text = serializers.SerializerMethodField(help_text="In Markdown.")

    class Meta:
        model = GuidelineSection
        fields = (
            "id", "title", "text", "topics", "position", "version", "asks_from", "is_internal", "created_at",
            "retired_at",
        )  # fmt: skip

    def get_topics(self, section: GuidelineSection) -> list[int]:
        return sorted(row.topic_id for row in section.topics.all())

    def get_text(self, section: GuidelineSection) -> str:
        return next((row.text for row in section.versions.all() if row.number == section.version), "")


class NewGuidelineSerializer(serializers.Serializer[Any]):
    """A section to be written."""

    title = serializers.CharField(max_length=120)
    text = serializers.CharField(max_length=actions.LONGEST, trim_whitespace=False)
    topics = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), many=True, required=False)
    is_internal = serializers.BooleanField(required=False, help_text="It is left out at the public address.")
    gaps = serializers.PrimaryKeyRelatedField(
        queryset=GapReport.objects.all(), many=True, required=False, help_text="Gap reports that it closes."
    )


class ChangedGuidelineSerializer(NewGuidelineSerializer):
    """A section as it is to be, and the version that was read."""

    is_small = serializers.BooleanField(required=False, help_text="Nobody has to say yes again.")
    version = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)


class MoveSerializer(serializers.Serializer[Any]):
    """Where to."""

    up = serializers.BooleanField(help_text="One place earlier; false: later.")


class YesSerializer(serializers.Serializer[Any]):
    """The versions that were read."""

    versions = serializers.PrimaryKeyRelatedField(queryset=GuidelineVersion.objects.all(), many=True)


class SpanSerializer(serializers.Serializer[Any]):
    """Two versions to compare; where none is named, the newest with the one before."""

    before = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    after = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class PartSerializer(serializers.Serializer[Any]):
    """A paragraph, item or heading, and what changed in it; or how many that stayed as they were are left out."""

    kind = serializers.CharField(help_text="same, changed, gone, new, left_out")
    shape = serializers.CharField(help_text="text, item, heading")
    pieces = serializers.ListField(child=serializers.ListField(child=serializers.CharField(trim_whitespace=False)))
    count = serializers.IntegerField()


class ReaderSerializer(serializers.Serializer[Any]):
    """Somebody who is asked for a yes, and to which sections they have not given it."""

    member = serializers.IntegerField(source="member.pk")
    name = serializers.CharField(source="member")
    missing = serializers.SerializerMethodField()
    said_at = serializers.DateTimeField(allow_null=True)

    def get_missing(self, reader: Reader) -> list[int]:
        return [section.pk for section in reader.missing]


class AddressSerializer(serializers.ModelSerializer[GuidelineAddress]):
    """The address at which anybody may read them."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = GuidelineAddress
        fields = ("id", "url", "opened_at", "opened_by", "revoked_at", "revoked_by")

    def get_url(self, row: GuidelineAddress) -> str:
        return "" if row.revoked_at else outside_address("maturity:public_guidelines", row.token)


@extend_schema_view(
    list=extend_schema(
        parameters=[OpenApiParameter("piece", int, description="Only those that bear on what this piece is about.")]
    )
)
class GuidelineViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """How we take part: sections in the order in which they are read."""

    serializer_class = GuidelineSerializer
    http_method_names = ["get", "post", "put", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read",
        "retrieve": "maturity.read",
        "create": "maturity.manage_guidelines",
        "create_once": "maturity.manage_guidelines",
        "update": "maturity.manage_guidelines",
        "retire": "maturity.manage_guidelines",
        "take_up": "maturity.manage_guidelines",
        "move": "maturity.manage_guidelines",
        "versions": "maturity.read",
        "changes": "maturity.read",
        "unread": "maturity.acknowledge",
        "acknowledge": "maturity.acknowledge",
        "readers": "maturity.manage_guidelines",
        "publish": "maturity.publish_guidelines",
        "unpublish": "maturity.publish_guidelines",
    }

    def get_queryset(self) -> QuerySet[GuidelineSection]:
        rows = GuidelineSection.objects.prefetch_related("topics", "versions").in_order()
        if self.action == "list" and (said := self.request.query_params.get("piece")):
            if not decide(self.member, "content.read"):
                raise NotFound
            piece = get_object_or_404(Piece, pk=key_in(said))
            rows = rows.filter(pk__in=GuidelineVersion.objects.current().about(piece.topic_id).values("section"))
        return rows

    def _shown(self, section: GuidelineSection, status: int = 200) -> Response:
        return Response(GuidelineSerializer(self.get_queryset().get(pk=section.pk)).data, status=status)

    @extend_schema(request=NewGuidelineSerializer, responses={201: GuidelineSerializer})
    def create_row(self, request: Request) -> Response:
        """Write a section; it stands last, and holds from now on."""
        said = NewGuidelineSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        made = actions.add_guideline(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return self._shown(made, 201)

    @extend_schema(request=ChangedGuidelineSerializer, responses=GuidelineSerializer)
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Say it otherwise: other words are a new version."""
        row, said = self.get_object(), ChangedGuidelineSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        kept = {
            "topics": [link.topic for link in row.topics.select_related("topic")],
            "is_internal": row.is_internal,
        }
        fields = {**kept, **said.validated_data}
        return self._shown(actions.change_guideline(row, **fields, by=self.member, at=clock.now()))

    @extend_schema(request=None, responses=GuidelineSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str | None = None) -> Response:
        """Say that it holds no longer."""
        return self._shown(actions.retire_guideline(self.get_object(), by=self.member, at=clock.now()))

    @extend_schema(request=None, responses=GuidelineSerializer)
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> Response:
        """Have it hold again."""
        return self._shown(actions.take_up_guideline(self.get_object(), by=self.member, at=clock.now()))

    @extend_schema(request=MoveSerializer, responses=GuidelineSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str | None = None) -> Response:
        """Have it read one place earlier or later; at either end it stays."""
        row, said = self.get_object(), MoveSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        actions.move_guideline(row, **said.validated_data, by=self.member, at=clock.now())
        return self._shown(row)

    @extend_schema(responses=GuidelineVersionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, pk: str | None = None) -> Response:
        """Everything that it ever said, the newest first."""
        return Response(GuidelineVersionSerializer(self.get_object().versions.all(), many=True).data)

    @extend_schema(parameters=[SpanSerializer], responses=PartSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def changes(self, request: Request, pk: str | None = None) -> Response:
        """What changed between two versions, by words."""
        row, said = self.get_object(), SpanSerializer(data=request.query_params)
        said.is_valid(raise_exception=True)
        after = said.validated_data.get("after", row.version)
        before = said.validated_data.get("before", after - 1)
        texts = {one.number: one.text for one in row.versions.filter(number__in=[before, after])}
        if before not in texts or after not in texts:
            raise NotFound
        return Response(PartSerializer(compare(texts[before], texts[after]), many=True).data)

    @extend_schema(responses=GuidelineSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def unread(self, request: Request) -> Response:
        """The sections that wait for the member's yes."""
        rows = self.get_queryset().filter(pk__in=GuidelineSection.objects.unread_by(self.member))
        return Response(GuidelineSerializer(rows, many=True).data)

    @extend_schema(request=YesSerializer, responses={204: None})
    @action(detail=False, methods=["post"])
    def acknowledge(self, request: Request) -> Response:
        """Say yes to versions that one has read."""
        said = YesSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        acknowledge_guidelines(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(status=204)

    @extend_schema(responses=ReaderSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def readers(self, request: Request) -> Response:
        """Everybody who is asked for a yes, those who miss most first."""
        return Response(ReaderSerializer(everybody(), many=True).data)

    @extend_schema(request=None, responses=AddressSerializer)
    @action(detail=False, methods=["post"])
    def publish(self, request: Request) -> Response:
        """Open an address at which anybody may read them; where one is open, that is it."""
        row = guideline_address.publish_guidelines(active_organization(), by=self.member, at=clock.now())
        return Response(AddressSerializer(row).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=False, methods=["post"])
    def unpublish(self, request: Request) -> Response:
        """Revoke the address that is open, if any."""
        for row in GuidelineAddress.objects.filter(revoked_at=None):
            guideline_address.unpublish_guidelines(row, by=self.member, at=clock.now())
        return Response(status=204)
