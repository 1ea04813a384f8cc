"""The comments of a piece as one reads them: each with its answers, open ones first, the newest always reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from content.models import Comment, Piece, Variant

# Beside a piece stand so many of each: open, settled, and the last answers of one. All others are one address away.
MOST, MOST_ANSWERS = 60, 20


@dataclass(frozen=True)
class Thread:
    """A comment and its last answers; `earlier` counts those before."""

    comment: Comment
    answers: Sequence[Comment] = field(default_factory=list)
    earlier: int = 0


@dataclass(frozen=True)
class Threads:
    """What is said about the body or a variant: what is open, in the order of the text, and what is settled.

    `more` counts those of each that are older than what is shown.
    """

    open: Sequence[Thread]
    settled: Sequence[Thread]
    more_open: int = 0
    more_settled: int = 0


def threads_of(piece: Piece, variant: Variant | None) -> Threads:
    """Return what was said about the body of a piece, or about one of its variants: the newest of it."""
    begun = list(
        Comment.objects.begun(piece, variant).newest_of_each(MOST).select_related("by__user", "resolved_by__user")
    )
    found = with_answers(sorted(begun, key=lambda one: (not one.quote, one.start, one.pk)))
    is_open = [one for one in found if one.comment.resolved_at is None]
    settled = [one for one in found if one.comment.resolved_at is not None]
    return Threads(is_open, settled, _more(is_open), _more(settled))


def _more(shown: Sequence[Thread]) -> int:
    return shown[0].comment.of_all - len(shown) if shown else 0  # type: ignore[attr-defined]


def with_answers(begun: Iterable[Comment]) -> list[Thread]:
    """Return comments, each with the last of its answers."""
    begun = list(begun)
    answers: defaultdict[int | None, list[Comment]] = defaultdict(list)
    for row in Comment.objects.last_answers(begun, most=MOST_ANSWERS).select_related("by__user").order_by("pk"):
        answers[row.answers_id].append(row)
    return [Thread(one, answers[one.pk], _earlier(answers[one.pk])) for one in begun]


def _earlier(shown: Sequence[Comment]) -> int:
    return shown[0].of_all - len(shown) if shown else 0  # type: ignore[attr-defined]
