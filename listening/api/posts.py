"""Posts over the API, with what they said before."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.api.filters import Filter
from listening.api.searching import SEARCH_HELP, Searched
from listening.api.translated import TranslatedField
from listening.models import Author, Post, Revision
from roles.keys import LARGEST


class AuthorSerializer(serializers.ModelSerializer[Author]):
    """Who wrote a post."""

    class Meta:
        model = Author
        fields = ("id", "handle", "name", "url", "followers")
        read_only_fields = fields


class PostSerializer(serializers.ModelSerializer[Post]):
    """What was published at a network, normalised."""

    author = AuthorSerializer(allow_null=True, read_only=True)
    media = serializers.ListField(child=serializers.CharField(), read_only=True)
    problems = serializers.ListField(child=TranslatedField(), read_only=True)

    class Meta:
        model = Post
        fields: tuple[str, ...] = (
            "id", "network", "remote_id", "source", "author", "url", "title", "text", "language", "conversation",
            "in_reply_to", "media", "is_internal", "is_ours", "published_at", "edited_at", "captured_at",
            "withdrawn_at", "revision_count", "problems", "piece",
        )  # fmt: skip
        read_only_fields = fields


class RevisionSerializer(serializers.ModelSerializer[Revision]):
    """What a post said at one time."""

    class Meta:
        model = Revision
        fields = ("number", "title", "text", "seen_at")
        read_only_fields = fields


class PostInFullSerializer(PostSerializer):
    """A post with all its versions, the first one first; what was never edited has one."""

    revisions = serializers.SerializerMethodField()

    class Meta(PostSerializer.Meta):
        fields = (*PostSerializer.Meta.fields, "revisions")
        read_only_fields = fields

    @extend_schema(responses=RevisionSerializer(many=True))
    def get_revisions(self, post: Post) -> list[dict[str, Any]]:
        stored = list(post.revisions.all())
        if not stored and post.withdrawn_at is None:
            stored = [Revision(number=1, title=post.title, text=post.text, seen_at=post.captured_at)]
        return list(RevisionSerializer(stored, many=True).data)


class PostFilter(Filter):
    """Which posts to list."""

    source = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)  # type: ignore[assignment]
    network = serializers.CharField(required=False)
    piece = serializers.CharField(
        required=False, max_length=40, help_text="The piece that a post tells: all its tellings, in whatever source."
    )
    since = serializers.DateTimeField(required=False, help_text="Captured at this moment or later.")
    search = serializers.CharField(required=False, help_text=SEARCH_HELP)


@extend_schema_view(
    list=extend_schema(parameters=[PostFilter]),
    retrieve=extend_schema(responses=PostInFullSerializer),
)
class PostViewSet(ListModelMixin, RetrieveModelMixin, Searched):
    """What was published."""

    serializer_class = PostSerializer
    post_path = "pk"
    http_method_names = ["get", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {"list": "listening.read", "retrieve": "listening.read"}

    def get_queryset(self) -> QuerySet[Post]:
        rows = Post.objects.select_related("author")
        if self.action == "retrieve":
            return rows.prefetch_related(Prefetch("revisions", Revision.objects.order_by("number")))
        wanted = PostFilter.of(self.request)
        wanted.pop("search", None)
        if "since" in wanted:
            wanted["captured_at__gte"] = wanted.pop("since")
        return rows.filter(**wanted)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read a post with all its versions."""
        return Response(PostInFullSerializer(self.get_object()).data)
