"""Which posts search must look at anew, and which it must forget."""

from __future__ import annotations

from collections.abc import Sequence

from listening.models import PostToIndex, PostWords


def forget(post_ids: Sequence[int]) -> None:
    """Take posts out of search at once; and once more later, should a worker read their words at this moment."""
    PostWords.objects.filter(post__in=post_ids).delete()
    index_again(post_ids)


def index_again(post_ids: Sequence[int]) -> None:
    """Let a worker read the words of posts anew."""
    PostToIndex.objects.bulk_create(PostToIndex(post_id=key) for key in post_ids)
