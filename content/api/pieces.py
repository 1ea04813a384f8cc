"""Pieces over the API: read, begin, edit, drop, pick up; what two people changed at once is told to both."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import pieces as actions
from content.actions.variants import order_variants
from content.models import Campaign, Idea, Piece, Series
from content.piece_filters import PieceFilter
from content.standing import Standing, standing_of
from engagement.api.conflicts import EngagementViewSet
from engagement.models.joinings import Step
from listening.languages import languages
from listening.models import Topic
from roles import clock
from roles.models import Department

VERSION = "The version that was read. What others changed meanwhile stays; the same words changed twice are a conflict."


class PieceSerializer(serializers.ModelSerializer[Piece]):
    """A work, its body and how far it has come."""

    standing = serializers.SerializerMethodField()
    variants = serializers.SerializerMethodField(help_text="Their ids, in order.")

    class Meta:
        model = Piece
        fields = ("id", "title", "body", "kind", "step", "language", "topic", "department", "campaign", "series",
                  "series_number", "idea", "from_piece", "rests_days", "author", "state", "standing", "variants",
                  "version", "created_at", "saved_at", "saved_by")  # fmt: skip
        read_only_fields = fields

    def get_standing(self, row: Piece) -> str:
        """How far it has come."""
        return standing_of(row).value

    def get_variants(self, row: Piece) -> list[int]:
        """The variants in use."""
        return [variant.pk for variant in row.variants_in_use]  # type: ignore[attr-defined]


class EditPieceSerializer(serializers.Serializer[Any]):
    """What of a piece to write."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text=VERSION)
    title = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=200_000, allow_blank=True, required=False, trim_whitespace=False)
    kind = serializers.ChoiceField(Piece.Kind.choices, required=False)
    step = serializers.ChoiceField(Step.choices, required=False)
    language = serializers.ChoiceField([("", ""), *languages()], required=False, allow_blank=True)
    topic = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), required=False, allow_null=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    campaign = serializers.PrimaryKeyRelatedField(queryset=Campaign.objects.all(), required=False, allow_null=True)
    series = serializers.PrimaryKeyRelatedField(queryset=Series.objects.all(), required=False, allow_null=True)
    series_number = serializers.IntegerField(min_value=1, max_value=100_000, required=False, allow_null=True)
    rests_days = serializers.IntegerField(min_value=1, max_value=3650, required=False, allow_null=True)


class BeginPieceSerializer(EditPieceSerializer):
    """A piece to begin, and what it comes from."""

    version = None  # type: ignore[assignment]
    idea = serializers.PrimaryKeyRelatedField(queryset=Idea.objects.all(), required=False, allow_null=True)
    from_piece = serializers.PrimaryKeyRelatedField(queryset=Piece.objects.all(), required=False, allow_null=True)


class OrderSerializer(serializers.Serializer[Any]):
    """The variants of a piece in the order in which they are wanted."""

    variants = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=200)


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("q", str, description="Words of title and body."),
            OpenApiParameter("standing", str, enum=Standing.values),
            OpenApiParameter("kind", str, enum=Piece.Kind.values),
            OpenApiParameter("step", str, enum=Step.values),
            *(OpenApiParameter(name, int) for name in ("channel", "campaign", "series", "department")),
            OpenApiParameter("whose", str, description="“me”, or the id of a member."),
        ]
    )
)
class PieceViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What is being written."""

    serializer_class = PieceSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "create": "content.write",
        "create_once": "content.write",
        "partial_update": "content.write",
        "drop": "content.write",
        "pick_up": "content.write",
        "order": "content.write",
    }

    def get_queryset(self) -> QuerySet[Piece]:
        rows = Piece.objects.with_variants()
        if self.action != "list":
            return rows
        self.asked_for("standing", Standing.values)
        return PieceFilter.of(self.request.query_params.dict()).narrow(rows, self.member)

    @extend_schema(request=BeginPieceSerializer, responses={201: PieceSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin a piece."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = BeginPieceSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.begin_piece(**said.validated_data, by=self.member, at=clock.now())
        return Response(self._shown(row), status=201)

    @extend_schema(request=EditPieceSerializer(partial=True), responses=PieceSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change fields of a piece."""
        row: Piece = self.get_object()
        said = EditPieceSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        return Response(self._shown(actions.edit_piece(row, **said.validated_data, by=self.member, at=clock.now())))

    @extend_schema(request=None, responses=PieceSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str | None = None) -> Response:
        """Put it aside."""
        return Response(self._shown(actions.drop_piece(self.get_object(), by=self.member, at=clock.now())))

    @extend_schema(request=None, responses=PieceSerializer)
    @action(detail=True, methods=["post"], url_path="pick-up")
    def pick_up(self, request: Request, pk: str | None = None) -> Response:
        """Go on with it."""
        return Response(self._shown(actions.pick_up_piece(self.get_object(), by=self.member, at=clock.now())))

    @extend_schema(request=OrderSerializer, responses=PieceSerializer)
    @action(detail=True, methods=["post"])
    def order(self, request: Request, pk: str | None = None) -> Response:
        """Put its variants in order; those that are not named come after."""
        row: Piece = self.get_object()
        said = OrderSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        keys = said.validated_data["variants"]
        return Response(self._shown(order_variants(row, keys=keys, by=self.member, at=clock.now())))

    def _shown(self, row: Piece) -> Any:
        return PieceSerializer(Piece.objects.with_variants().get(pk=row.pk)).data
