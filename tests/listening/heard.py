"""Days in which an organization hears something, written at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from listening.lookout.counting import STEP, step_of
from listening.models import Mention, MentionMatch, Post, TrackingQuery

_numbers = count(1)


def hear(
    times: list[datetime], *, query: TrackingQuery | None = None, text: str = "", said_at: datetime | None = None
) -> list[Mention]:
    """Capture one mention at each of these times."""
    posts = Post.objects.bulk_create(
        Post(
            network="practice",
            remote_id=f"heard{number}",
            text=text or f"Word{number} about things of all kinds, number {number}",
            published_at=said_at or at,
            captured_at=at,
            content_digest=f"{number:064d}",
        )
        for at, number in zip(times, _numbers, strict=False)
    )
    keys = [query.pk] if query else []
    mentions = Mention.objects.bulk_create(
        Mention(post=post, network="practice", captured_at=post.captured_at, query_ids=keys) for post in posts
    )
    if query:
        MentionMatch.objects.bulk_create(MentionMatch(mention=mention, query=query) for mention in mentions)
    return mentions


def hear_days(
    days: float, until: datetime, how_many: Callable[[datetime], int], *, query: TrackingQuery | None = None
) -> None:
    """Capture as many mentions in each step of some days as the function says."""
    step, times = step_of(until - timedelta(days=days)), []
    while step < step_of(until):
        times += [step + timedelta(seconds=number + 1) for number in range(how_many(step))]
        step += STEP
    hear(times, query=query)


def burst(at: datetime, size: int) -> list[datetime]:
    """So many moments within the step that was over shortly before `at`."""
    begin = step_of(at - timedelta(seconds=30)) - STEP
    return [begin + timedelta(seconds=200 * number / size + 10) for number in range(size)]
