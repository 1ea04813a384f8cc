"""What one visit means for a source: its outcome in words, its health, and when it is looked at again."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from listening.identity import clean, with_moments
from listening.models import Poll, Source
from listening.networks import UnknownNetwork, get
from listening.networks.protocols import (
    AccessExpired,
    AccessWithdrawn,
    NetworkError,
    Page,
    RateLimited,
    RemotePost,
    Unreachable,
    Unreadable,
)

LONGEST_WAIT = 24 * 3600.0
FIRST_RETRY = 300.0
# So long after its access has run out a source is tried again: by then it is renewed.
RENEWED_WITHIN = 60.0
RECENT_ITEMS = 20
LONGEST_USUAL = 400 * 86_400
MOVED_FOR_GOOD = 3
JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is stored of one visit."""

    outcome: str
    problem: str = ""
    succeeded: bool = False
    wait: float = 0.0
    interval_seconds: int = 0
    status: int | None = None
    seen: int = 0
    gap: bool = False
    cursor: dict[str, Any] | None = None
    rate_limits: int = 0
    network_failures: int = 0
    parse_failures: int = 0
    moved_in_row: int = 0
    moved_to: str = ""
    closed: str = ""
    name: str = ""
    last_item_at: datetime | None = None
    usual_seconds: int | None = None


def on_page(source: Source, page: Page, *, at: datetime) -> Verdict:
    """Judge a visit that worked."""
    page = replace(page, posts=tuple(map(with_moments, page.posts)))
    interval = _interval(source, page, at)
    said = [post.published_at for post in page.posts if post.published_at and post.published_at <= at]
    moved_to = clean(page.moved_to, 2000)
    return Verdict(
        outcome=Poll.Outcome.UNCHANGED if page.unchanged else Poll.Outcome.TAKEN,
        problem=clean("; ".join(page.problems), 500) if page.gap or not page.posts else "",
        succeeded=True,
        wait=_spread(max(interval, min(page.wait or 0.0, LONGEST_WAIT)), floor=page.wait or 0.0),
        interval_seconds=int(interval),
        status=page.status or None,
        seen=len(page.posts),
        gap=page.gap,
        # What is stored already need not be stored again.
        cursor=dict(page.cursor) if page.cursor != source.cursor else None,
        moved_to=moved_to,
        moved_in_row=(source.moved_in_row + 1 if moved_to == source.moved_to else 1) if moved_to else 0,
        name=clean(" ".join(page.title.split()), 200),
        last_item_at=max(said, default=None),
        usual_seconds=_usual(page.posts, at),
    )


def on_error(source: Source, error: NetworkError) -> Verdict:
    """Judge a visit that failed; it is tried again later and later, and never given up but for a place that is gone."""
    counts = {
        "rate_limits": source.rate_limits_in_row,
        "network_failures": source.network_failures_in_row,
        "parse_failures": source.parse_failures_in_row,
    }
    closed = ""
    if isinstance(error, AccessExpired):
        return _put_off(source, error)
    match error:
        case RateLimited():
            kind, outcome = "rate_limits", Poll.Outcome.RATE_LIMITED
        case Unreadable():
            kind, outcome = "parse_failures", Poll.Outcome.UNREADABLE
        case AccessWithdrawn() if source.connection_id is None:
            kind, outcome, closed = "network_failures", Poll.Outcome.GONE, clean(str(error), 300)
        case Unreachable():
            kind, outcome = "network_failures", Poll.Outcome.UNREACHABLE
        case _:
            kind, outcome = "network_failures", Poll.Outcome.REFUSED
    counts[kind] += 1
    asked = min((error.wait or 0.0) if isinstance(error, RateLimited) else 0.0, LONGEST_WAIT)
    return Verdict(
        outcome=outcome,
        problem=clean(str(error), 500) or _("The visit failed; no reason was given."),
        wait=_spread(max(asked, _retry_after(source, counts[kind])), floor=asked),
        interval_seconds=source.interval_seconds,
        moved_in_row=source.moved_in_row,
        moved_to=source.moved_to,
        closed=closed,
        rate_limits=counts["rate_limits"],
        network_failures=counts["network_failures"],
        parse_failures=counts["parse_failures"],
    )


def _put_off(source: Source, error: AccessExpired) -> Verdict:
    """Come back once the access is renewed; that is nobody's failure."""
    return Verdict(
        outcome=Poll.Outcome.REFUSED,
        problem=clean(str(error), 500),
        wait=_spread(RENEWED_WITHIN, floor=0.0),
        interval_seconds=source.interval_seconds,
        moved_in_row=source.moved_in_row,
        moved_to=source.moved_to,
        rate_limits=source.rate_limits_in_row,
        network_failures=source.network_failures_in_row,
        parse_failures=source.parse_failures_in_row,
    )


def _retry_after(source: Source, failures: int) -> float:
    first = _own_pace(source) or min(float(source.interval_seconds), FIRST_RETRY)
    return min(first * 2.0 ** min(failures - 1, 20), float(settings.POLL_CEILING_SECONDS))


def _interval(source: Source, page: Page, at: datetime) -> float:
    """Half the usual time between two items, within the bounds that are set; a quiet place is asked less and less."""
    if pace := _own_pace(source):
        return pace
    interval = float(source.interval_seconds)
    gaps = _gaps(page.posts, at)
    if gaps:
        interval = median(gaps) / 2
    elif page.unchanged and source.last_item_at and (at - source.last_item_at).total_seconds() > 4 * interval:
        interval *= 1.25
    return min(max(interval, float(settings.POLL_FLOOR_SECONDS)), float(settings.POLL_CEILING_SECONDS))


def _own_pace(source: Source) -> float | None:
    """The pace that a network sets for itself, where looking often burdens nobody."""
    try:
        pace: float | None = getattr(get(source.network), "poll_floor_seconds", None)
    except UnknownNetwork:  # its package was taken out of the installation
        return None
    return pace


def _gaps(posts: tuple[RemotePost, ...], at: datetime) -> list[float]:
    """The times between recent items in seconds, the one that runs now included if it is longer than usual."""
    moments = _recent(posts, at)
    gaps = _between(moments)
    if gaps:
        gaps.append(max((at - moments[0]).total_seconds(), median(gaps)))
    return gaps


def _usual(posts: tuple[RemotePost, ...], at: datetime) -> int | None:
    """The time within which nine of ten recent items followed the one before, in seconds."""
    gaps = sorted(_between(_recent(posts, at)))
    return min(int(gaps[ceil(0.9 * len(gaps)) - 1]), LONGEST_USUAL) if gaps else None


def _recent(posts: tuple[RemotePost, ...], at: datetime) -> list[datetime]:
    said = {post.published_at for post in posts if post.published_at and post.published_at <= at}
    return sorted(said, reverse=True)[:RECENT_ITEMS]


def _between(moments: list[datetime]) -> list[float]:
    return [(later - earlier).total_seconds() for later, earlier in pairwise(moments)]


def _spread(seconds: float, *, floor: float) -> float:
    """Move a time a little, so that what began together does not stay together; never before `floor`."""
    return max(seconds * random.uniform(1 - JITTER, 1 + JITTER), floor)  # noqa: S311


def next_poll_at(verdict: Verdict, at: datetime) -> datetime:
    """Return when the source is due again."""
    return at + timedelta(seconds=verdict.wait)
