"""Posts that people work on, or have answered, are read again for edits and deletions, many in one call.

Work is rows with a due time. A worker takes some by moving that on for the length of a lease; one that dies leaves them
to be due again. Reading twice does no harm, and what was read goes the way of everything: through ingest.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded

from listening import networks
from listening.access import access_for_source
from listening.connections.tending import ask_for
from listening.identity import bare_id
from listening.ingest import Arrival, ingest_all
from listening.models import Mention, Revisit, Source
from listening.models.revisits import next_revisit
from listening.networks.protocols import (
    AccessExpired,
    AccessWithdrawn,
    NetworkError,
    Page,
    RateLimited,
    RemotePost,
    Revisits,
)
from listening.revisits.housekeeping import claim_revisits
from roles.background import turn_of

log = logging.getLogger(__name__)
IDS_AT_ONCE = 40
TRIED_AGAIN_AFTER = timedelta(minutes=15)
LONGEST_ASKED = timedelta(days=1)
WORKED_ON = (Mention.State.UNTRIAGED, Mention.State.ROUTED)


def revisit_due(*, now: Callable[[], datetime]) -> int:
    """Read again what is due, of whatever organization; returns how many posts were asked for."""
    claimed = claim_revisits(at=now())
    for organization, keys in claimed.items():
        with turn_of(organization):
            for source, rows in _by_way(keys):
                for start in range(0, len(rows), IDS_AT_ONCE):
                    _revisit(source, rows[start : start + IDS_AT_ONCE], now=now)
    return sum(map(len, claimed.values()))


def _by_way(keys: Sequence[int]) -> list[tuple[Source, list[Revisit]]]:
    """What is still to be read, by what it is read through; the other rows are done with."""
    rows = Revisit.objects.filter(pk__in=keys).select_related(
        "post__mention", "post__source__connection", "post__source__channel__connection", "post__source__organization"
    )
    over: list[int] = []
    found: defaultdict[tuple[str, int | None, int], list[Revisit]] = defaultdict(list)
    for row in rows.order_by("pk"):
        source = row.post.source
        if source is None or not _is_wanted(row) or not networks.can(source.network, Revisits):
            over.append(row.pk)
        else:
            way = 0 if source.connection_id is not None else source.pk
            found[source.network, source.connection_id, way].append(row)
    Revisit.objects.filter(pk__in=over).delete()
    return [(rows[0].post.source, rows) for rows in found.values() if rows[0].post.source is not None]


def _is_wanted(row: Revisit) -> bool:
    if row.post.withdrawn_at is not None or row.post.cleaned_at is not None:
        return False
    mention = getattr(row.post, "mention", None)
    return row.is_answered or (mention is not None and mention.state in WORKED_ON)


def _revisit(source: Source, rows: Sequence[Revisit], *, now: Callable[[], datetime]) -> None:
    network, at = networks.get(source.network), now()
    assert isinstance(network, Revisits)
    wait = timedelta()
    try:
        by_id = {bare_id(network, row.post.remote_id): row for row in rows}
        found = network.revisit(access_for_source(source, at=at), list(by_id))
        _take_in(source, by_id, found, at=now())
    except SoftTimeLimitExceeded:
        raise
    except NetworkError as problem:
        wait = TRIED_AGAIN_AFTER
        if isinstance(problem, RateLimited):
            wait = min(timedelta(seconds=problem.wait or 60.0), LONGEST_ASKED)
        if isinstance(problem, AccessExpired | AccessWithdrawn) and source.connection is not None:
            ask_for(source.connection, at=now())
    except Exception:  # what one network answers must not keep the others from being asked
        log.exception("Posts of source %s could not be read again.", source.pk)
        wait = TRIED_AGAIN_AFTER
    _settle(rows, wait, at=now())


def _take_in(source: Source, by_id: dict[str, Revisit], found: Sequence[RemotePost], *, at: datetime) -> None:
    """Take in what was read: each post at the source that brought it, and what came along at the one that was asked."""
    pages: defaultdict[int, list[RemotePost]] = defaultdict(list)
    sources = {source.pk: source}
    for post in found:
        home = by_id[post.id].post.source if post.id in by_id else source
        if home is not None:
            sources[home.pk] = home
            pages[home.pk].append(post)
    arrivals = [Arrival(sources[key], Page(posts=tuple(posts))) for key, posts in pages.items()]
    # A source's cursor says how far its lists were read: that is another matter.
    ingest_all(arrivals, at=at, conclude=lambda _arrivals: None)


def _settle(rows: Sequence[Revisit], wait: timedelta, *, at: datetime) -> None:
    over = []
    for row in rows:
        due_at = next_revisit(row.since, at)
        if due_at is None:
            over.append(row.pk)
        else:
            row.due_at = at + wait if wait else due_at
    Revisit.objects.bulk_update([row for row in rows if row.pk not in over], ["due_at"])
    Revisit.objects.filter(pk__in=over).delete()
