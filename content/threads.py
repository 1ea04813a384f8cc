"""The comments of a piece as one reads them: each with its answers, open ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from content.models import Comment, Piece, Variant

MOST = 300


@dataclass(frozen=True)
class Thread:
    """A comment and its answers."""

    comment: Comment
    answers: list[Comment] = field(default_factory=list)


@dataclass(frozen=True)
class Threads:
    """What is said about the body or a variant: what is open, in the order of the text, and what is settled."""

    open: Sequence[Thread]
    settled: Sequence[Thread]


def threads_of(piece: Piece, variant: Variant | None) -> Threads:
    """Return what was said about the body of a piece, or about one of its variants."""
    rows = Comment.objects.filter(piece=piece, variant=variant).select_related("by__user", "resolved_by__user")
    threads: dict[int, Thread] = {}
    for row in rows.order_by("pk")[:MOST]:
        if row.answers_id is None:
            threads[row.pk] = Thread(row)
        elif row.answers_id in threads:
            threads[row.answers_id].answers.append(row)
    found = sorted(threads.values(), key=lambda one: (not one.comment.quote, one.comment.start, one.comment.pk))
    return Threads(
        open=[one for one in found if one.comment.resolved_at is None],
        settled=[one for one in found if one.comment.resolved_at is not None],
    )
