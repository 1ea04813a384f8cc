"""Versions of pieces over the API: read with what changed in each, and brought back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions.piece_versions import restore_version
from content.api.pieces import PieceSerializer
from content.models import Piece, PieceVersion
from content.piece_changes import Section, changes_between
from engagement.api.conflicts import EngagementViewSet
from roles import clock
from roles.keys import key_in


class PieceVersionSerializer(serializers.ModelSerializer[PieceVersion]):
    """That a piece was saved; what it said then stands in the one that is read."""

    class Meta:
        model = PieceVersion
        fields = ("id", "piece", "number", "by", "saved_at")
        read_only_fields = fields


class ChangedSectionSerializer(serializers.Serializer[Any]):
    """The text, or one variant, and what in it is otherwise than in the version before."""

    title = serializers.CharField()
    network = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(["changed", "new", "gone"])
    fields_changed = serializers.SerializerMethodField(help_text="As a page calls them.")

    def get_fields_changed(self, section: Section) -> list[str]:
        """The fields by their labels."""
        return [change.label for change in section.changes]


class ReadPieceVersionSerializer(PieceVersionSerializer):
    """One version with all that the piece and its variants said, and what changed in it."""

    document = serializers.JSONField(help_text="“piece” and, by their ids, “variants”.")
    changed = serializers.SerializerMethodField(help_text="Against the version before.")

    class Meta(PieceVersionSerializer.Meta):
        fields = (*PieceVersionSerializer.Meta.fields, "document", "changed")  # type: ignore[assignment]

    @extend_schema_field(ChangedSectionSerializer(many=True))
    def get_changed(self, row: PieceVersion) -> Any:
        """What changed against the version before."""
        before = PieceVersion.objects.filter(piece=row.piece_id, number__lt=row.number).order_by("-number").first()
        found = changes_between(before.document if before else None, row.document)
        return ChangedSectionSerializer(found, many=True).data


@extend_schema_view(list=extend_schema(parameters=[OpenApiParameter("piece", int, description="Only those of one.")]))
class PieceVersionViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What pieces said in each of their versions."""

    serializer_class = PieceVersionSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "restore": "content.write",
    }

    def get_queryset(self) -> QuerySet[PieceVersion]:
        rows = PieceVersion.objects.select_related("piece__department")
        if self.action != "list":
            return rows
        if key := key_in(self.request.query_params.get("piece", "")):
            rows = rows.filter(piece_id=key)
        return rows.defer("document")

    @extend_schema(responses=ReadPieceVersionSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read all that the piece said, and what changed against the version before."""
        return Response(ReadPieceVersionSerializer(self.get_object()).data)

    @extend_schema(request=None, responses=PieceSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Bring back the words of this version, as a new version."""
        row: PieceVersion = self.get_object()
        piece = restore_version(row.piece, number=row.number, by=self.member, at=clock.now())
        return Response(PieceSerializer(Piece.objects.with_variants().get(pk=piece.pk)).data)
