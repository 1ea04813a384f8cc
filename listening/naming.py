"""What rows that are called by the words of others are called now, for the audit log, which keeps no such words."""

from __future__ import annotations

from collections.abc import Callable, Collection

from listening.models import Mention, Post, Story


def posts(keys: Collection[int]) -> dict[int, str]:
    """Posts by what they say, as long as that is kept."""
    rows = Post.objects.filter(pk__in=keys).only("title", "text", "url", "remote_id", "cleaned_at")
    return {row.pk: str(row) for row in rows}


def mentions(keys: Collection[int]) -> dict[int, str]:
    """Mentions by what their posts say."""
    by_mention = dict(Mention.objects.filter(pk__in=keys).values_list("pk", "post_id"))
    names = posts(set(by_mention.values()))
    return {key: names[post] for key, post in by_mention.items() if post in names}


def stories(keys: Collection[int]) -> dict[int, str]:
    """Stories by their headlines."""
    return {row.pk: str(row) for row in Story.objects.filter(pk__in=keys).only("headline")}


NAMES: dict[str, Callable[[Collection[int]], dict[int, str]]] = {
    "post": posts, "mention": mentions, "story": stories,
}  # fmt: skip
