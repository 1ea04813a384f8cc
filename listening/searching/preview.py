"""What a query would have found in the last 30 days, before it is saved; exact as far as that is quick, else estimated.

Where only few posts may match, each is asked. Where many may, an even sample of all that came in is asked, and every
number says how far it may be off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from math import ceil, sqrt

from django.db.models import Min
from django.utils import timezone

from listening.judging import matcher
from listening.learning.lexicon import lines
from listening.matching import Query, Span
from listening.matching.folding import fold
from listening.matching.tree import Node, Or, spans
from listening.models import Mention, Post, PostWords, TrackingQuery
from listening.search_querysets import PostWordsQuerySet
from listening.searching.compiling import clause
from listening.searching.documents import document_of
from listening.searching.search import patience, through_the_index
from listening.searching.width import Width

DAYS = 30
# How many posts are asked themselves, how many finds are asked which other queries find them, how many are shown.
ASKED_AT_MOST = 2_000
COMPARED_AT_MOST = 1_000
SHOWN = 6
COUNTED_AT_MOST = 2_000_000
NOISY_FROM = 5


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another query that finds some of the same posts."""

    query: TrackingQuery
    posts: int


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a query's outermost OR: how many posts it finds, and how many that no other side does."""

    node: Node
    posts: int
    alone: int


@dataclass(frozen=True, slots=True)
class Noise:
    """A word that much of what was dismissed says, and little of what was relevant: one to exclude."""

    word: str
    dismissed: int
    relevant: int


@dataclass(slots=True)
class Preview:
    """What a query would have found; numbers are estimates within `margin` if `is_sample`."""

    since: datetime
    days: list[tuple[date, int]]
    came_in: int
    found: int = 0
    asked: int = 0
    is_sample: bool = False
    margin: int = 0
    only: int = 0
    overlaps: list[Overlap] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    noise: list[Noise] = field(default_factory=list)
    samples: list[tuple[Post, tuple[Span, ...]]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """What part of everything that came in it finds, from 0 to 1."""
        return self.found / self.came_in if self.came_in else 0.0

    @property
    def a_day(self) -> float:
        """How many posts a day, over the days on which anything was captured at all."""
        return self.found / max(1, len(self.days))

    @property
    def decided(self) -> int:
        """How many of its finds people or rules have placed or dismissed."""
        return self.states.get(Mention.State.ROUTED, 0) + self.states.get(Mention.State.DISMISSED, 0)

    @property
    def relevant(self) -> float | None:
        """What part of those was relevant, from 0 to 1; None where nothing was decided."""
        return self.states.get(Mention.State.ROUTED, 0) / self.decided if self.decided else None

    @property
    def width(self) -> Width:
        """How much that is, and whether it is too much."""
        return Width(self.share, self.a_day, self.relevant, self.decided)

    @property
    def widest(self) -> Part | None:
        """The side of an OR that brings most by itself, if it brings most of it all."""
        part = max(self.parts, key=lambda one: one.alone, default=None)
        return part if part and part.alone * 2 > self.found else None


def preview(query: Query, *, at: datetime, besides: TrackingQuery | None = None) -> Preview:
    """Ask a query of what came in during the last 30 days; `besides` is left out of the comparison with the others.

    Raises TooWide where the database would keep people waiting.
    """
    since = at - timedelta(days=DAYS)
    window = PostWords.objects.filter(captured_at__gte=since, captured_at__lte=at)
    with patience():
        came_in = window[:COUNTED_AT_MOST].count()
        first = window.aggregate(first=Min("captured_at"))["first"] or at
        keys, is_sample = _posts_to_ask(window, query, came_in)
        posts = _read(keys)
    found = [post for post in posts if not post.is_ours and query.rule.holds(document_of(post).folded)]
    scale = came_in / len(posts) if is_sample and posts else 1.0
    result = Preview(
        since=since,
        days=_by_day(found, first, at, scale),
        came_in=came_in,
        found=round(len(found) * scale),
        asked=len(posts),
        is_sample=is_sample,
        margin=_margin(len(found), len(posts), came_in) if is_sample else 0,
        states={
            state: round(number * scale)
            for state, number in Counter(post.mention.state for post in found if hasattr(post, "mention")).items()
        },
        parts=_parts(query.rule, found, scale),
        noise=_noise(found, query),
        samples=[(post, spans(query.rule, document_of(post).folded)) for post in found[:SHOWN]],
    )
    _compare(result, found, scale, besides)
    return result


def _posts_to_ask(window: PostWordsQuerySet, query: Query, came_in: int) -> tuple[list[int], bool]:
    """The keys of all posts that may match, or of an even sample of everything where those are too many."""
    with through_the_index():
        keys = list(window.that(clause(query.rule)).values_list("post", flat=True)[: ASKED_AT_MOST + 1])
    if len(keys) <= ASKED_AT_MOST:
        return keys, False
    if came_in <= ASKED_AT_MOST:
        return list(window.values_list("post", flat=True)), False
    one_in = ceil(came_in / ASKED_AT_MOST)
    return list(window.one_in(one_in).values_list("post", flat=True)[: 2 * ASKED_AT_MOST]), True


def _read(keys: Iterable[int]) -> list[Post]:
    rows = Post.objects.filter(pk__in=list(keys)).select_related("author", "source", "mention")
    return list(rows.newest_first())


def _by_day(found: Iterable[Post], first: datetime, at: datetime, scale: float) -> list[tuple[date, int]]:
    counted = Counter(timezone.localdate(post.captured_at) for post in found)
    begins, ends = timezone.localdate(first), timezone.localdate(at)
    days = [begins + timedelta(days=number) for number in range((ends - begins).days + 1)]
    return [(day, round(counted[day] * scale)) for day in days]


def _margin(found: int, asked: int, of: int) -> int:
    """How far the estimate may be off, 19 times out of 20."""
    share = (found + 2) / (asked + 4)
    return round(1.96 * sqrt(share * (1 - share) / (asked + 4)) * of)


def _parts(rule: Node, found: list[Post], scale: float) -> list[Part]:
    if not isinstance(rule, Or):
        return []
    holds = [[part.holds(document_of(post).folded) for part in rule.parts] for post in found[:COMPARED_AT_MOST]]
    scale *= len(found) / max(1, len(holds))
    return [
        Part(
            part,
            round(sum(row[number] for row in holds) * scale),
            round(sum(row[number] and sum(row) == 1 for row in holds) * scale),
        )
        for number, part in enumerate(rule.parts)
    ]


def _noise(found: list[Post], query: Query) -> list[Noise]:
    """Words that tell what was dismissed from what was relevant."""
    said: dict[str, Counter[str]] = {Mention.State.ROUTED: Counter(), Mention.State.DISMISSED: Counter()}
    for post in found:
        if hasattr(post, "mention") and post.mention.state in said:
            said[post.mention.state].update(set(document_of(post).folded.words.split()))
    routed, dismissed = said[Mention.State.ROUTED], said[Mention.State.DISMISSED]
    asked = set(fold(query.source).split())
    often = [
        Noise(word, number, routed[word])
        for word, number in dismissed.items()
        if number >= NOISY_FROM and len(word) > 2 and word.isalpha() and word not in asked and word not in _little()
        if routed[word] * 10 <= number
    ]
    return sorted(often, key=lambda one: one.relevant - one.dismissed)[:3]


@cache
def _little() -> frozenset[str]:
    """Words that stand in every text, as they are folded: nobody means to exclude them."""
    return frozenset(
        fold(word).strip() for name in ("small", "little") for _language, words in lines(name) for word in words
    )


def _compare(result: Preview, found: list[Post], scale: float, besides: TrackingQuery | None) -> None:
    """Ask all the other queries of what this one found."""
    every, mine = matcher(), besides.pk if besides else None
    counted: Counter[int] = Counter()
    alone = 0
    compared = found[:COMPARED_AT_MOST]
    for post in compared:
        others = every.match(document_of(post)).keys() - {mine}
        counted.update(others)
        alone += not others
    scale *= len(found) / max(1, len(compared))
    result.only = round(alone * scale)
    names = TrackingQuery.objects.in_bulk([key for key, _number in counted.most_common(5)])
    result.overlaps = [
        Overlap(names[key], round(number * scale)) for key, number in counted.most_common(5) if key in names
    ]
