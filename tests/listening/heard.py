"""Days in which an organization hears something, written at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count, islice

from listening.lookout.counting import STEP, step_of
from listening.models import Mention, MentionMatch, Post, TrackingQuery
from tests.stamp import write_each

_numbers = count(1)


def hear(
    times: list[datetime], *, query: TrackingQuery | None = None, text: str = "", said_at: datetime | None = None
) -> list[Mention]:
    """Capture one mention at each of these times."""
    numbers = list(islice(_numbers, len(times)))
    posts = write_each(
        Post(network="practice"),
        remote_id=[f"heard{number}" for number in numbers],
        text=[text or f"Word{number} about things of all kinds, number {number}" for number in numbers],
        published_at=[said_at or at for at in times],
        captured_at=times,
        content_digest=[f"{number:064d}" for number in numbers],
    )
    like = Mention(network="practice", query_ids=[query.pk] if query else [])
    mentions = write_each(like, post=posts, captured_at=times)
    if query:
        write_each(MentionMatch(query=query), mention=mentions)
    return list(Mention.objects.filter(pk__in=mentions).order_by("pk"))


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
