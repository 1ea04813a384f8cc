"""Comments on pieces over the API: read, said, answered, settled."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from content.actions import comments as actions
from content.models import Comment, Piece, Variant
from engagement.api.conflicts import EngagementViewSet
from roles import clock
from roles.keys import key_in
from roles.models import Member


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """What somebody said about a passage, or in answer to a comment."""

    class Meta:
        model = Comment
        fields = ("id", "piece", "variant", "answers", "by", "text", "quote", "start", "is_changed", "written_at",
                  "resolved_at", "resolved_by")  # fmt: skip
        read_only_fields = fields


class NewCommentSerializer(serializers.Serializer[Any]):
    """Something to say."""

    piece = serializers.PrimaryKeyRelatedField(queryset=Piece.objects.select_related("department"))
    variant = serializers.PrimaryKeyRelatedField(queryset=Variant.objects.all(), required=False, allow_null=True)
    answers = serializers.PrimaryKeyRelatedField(queryset=Comment.objects.all(), required=False, allow_null=True)
    text = serializers.CharField(max_length=4000)
    quote = serializers.CharField(max_length=1000, required=False, help_text="Words of the text as it was saved.")
    near = serializers.IntegerField(
        min_value=0, required=False, help_text="Where they begin, if they stand there often."
    )
    to = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Keep what belongs to one piece together."""
        for name in ("variant", "answers"):
            if attrs.get(name) is not None and attrs[name].piece_id != attrs["piece"].pk:
                raise ValidationError({name: ["It belongs to another piece."]})
        return attrs


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("piece", int),
            OpenApiParameter("variant", int),
            OpenApiParameter("waits_for_me", bool, description="Only what waits for a word of the token's member."),
        ]
    )
)
class CommentViewSet(ListModelMixin, RetrieveModelMixin, EngagementViewSet):
    """What the team says about pieces."""

    serializer_class = CommentSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "content.read",
        "retrieve": "content.read",
        "create": "content.comment",
        "create_once": "content.comment",
        "resolve": "content.comment",
        "reopen": "content.comment",
    }

    def get_queryset(self) -> QuerySet[Comment]:
        rows = Comment.objects.select_related("piece__department")
        if self.action == "list":
            for name in ("piece", "variant"):
                if key := key_in(self.request.query_params.get(name, "")):
                    rows = rows.filter(**{f"{name}_id": key})
            if self.request.query_params.get("waits_for_me") in {"true", "1"}:
                rows = rows.waiting_for(self.member)
        return rows

    @extend_schema(request=NewCommentSerializer, responses={201: CommentSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say something."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        asked = NewCommentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        row = actions.comment(said.pop("piece"), **said, by=self.member, at=clock.now())
        return Response(CommentSerializer(row).data, status=201)

    @extend_schema(request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str | None = None) -> Response:
        """Say that it is settled, with its answers."""
        row = actions.resolve_comment(self.get_object(), by=self.member, at=clock.now())
        return Response(CommentSerializer(row).data)

    @extend_schema(request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        """Say that it is not settled after all."""
        row = actions.reopen_comment(self.get_object(), by=self.member, at=clock.now())
        return Response(CommentSerializer(row).data)
