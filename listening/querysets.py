"""Reads of listening that have a name; the only place of the app for raw SQL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from listening.models import Mention, Poll, Post, Source  # noqa: F401


class SourceQuerySet(OwnedQuerySet["Source"]):
    """Sources of the active organization."""

    def active(self) -> Self:
        """Those that are polled."""
        return self.filter(state="active")

    def by_name(self) -> Self:
        """In the order of names."""
        return self.order_by("name", "pk")

    def in_trouble(self) -> Self:
        """Those whose last polls failed."""
        return self.filter(
            Q(rate_limits_in_row__gt=0) | Q(network_failures_in_row__gt=0) | Q(parse_failures_in_row__gt=0)
        )


class PollQuerySet(OwnedQuerySet["Poll"]):
    """Polls of the active organization."""


class PostQuerySet(OwnedQuerySet["Post"]):
    """Posts of the active organization."""

    def in_conversation(self, post: Post) -> Self:
        """All posts of the post's conversation, the oldest first."""
        if not post.conversation:
            return self.filter(pk=post.pk)
        rows = self.filter(network=post.network, conversation=post.conversation)
        return rows.order_by("published_at", "pk")


class MentionQuerySet(OwnedQuerySet["Mention"]):
    """Mentions of the active organization."""

    def untriaged(self) -> Self:
        """The stream: what nobody and no rule has placed yet."""
        return self.filter(state="untriaged")

    def captured_between(self, start: datetime, end: datetime) -> Self:
        """Captured from start until before end."""
        return self.filter(captured_at__gte=start, captured_at__lt=end)

    def matched_by(self, query_id: int) -> Self:
        """Matched by one query."""
        return self.filter(matches__query_id=query_id)

    def with_posts(self) -> Self:
        """With post, author and source read along."""
        return self.select_related("post__author", "source", "channel", "department")
