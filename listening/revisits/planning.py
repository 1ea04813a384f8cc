"""Which posts are read again, written down as they are captured or answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from listening import networks
from listening.models import Mention, Post, Revisit
from listening.models.revisits import AFTER, next_revisit
from listening.networks.protocols import Revisits


def plan(network: str, mentions: Sequence[Mention], *, at: datetime) -> None:
    """Have new mentions read again, where their network can; one statement, inside the transaction of the ingest."""
    if not mentions or not networks.can(network, Revisits):
        return
    rows = []
    for mention in mentions:
        since = min(mention.post.published_at or at, at)
        if (due_at := next_revisit(since, at)) is not None:
            rows.append(Revisit(post_id=mention.post_id, since=since, due_at=due_at))
    Revisit.objects.bulk_create(rows, ignore_conflicts=True)


def go_on(post: Post, *, at: datetime) -> None:
    """Read a post again for as long after it was answered as after it was said. Inside a transaction."""
    if not networks.can(post.network, Revisits):
        return
    known = {"since": at, "is_answered": True, "due_at": at + AFTER[0]}
    Revisit.objects.update_or_create(post=post, defaults=known)
