"""What must look across organizations: for which sources a line can be kept open, and what was heard on it.

A line is kept by the process that holds its lease. Nothing hangs on it: a source whose line is dead is polled as ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import F

from listening import networks
from listening.models import OpenLine, Source
from listening.networks.protocols import Hints
from roles.background import hint
from roles.live import look_again
from roles.tenancy import acting_for

LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Ended:
    """A line that ended, why, and when it is tried again; `lived` is whether it stood long enough to count as well."""

    source_id: int
    problem: str
    wait: float
    lived: bool = False


def hold(key: str, *, at: datetime) -> dict[int, str]:
    """Lengthen the leases of a process, and return its sources that still want a line, each with a mark of its access.

    Whatever changes the mark wants the line to be made anew.
    """
    with database.cursor() as cursor:
        cursor.execute(_HOLD.replace("{wanted}", _WANTED), {"key": key, "until": at + LEASE, "names": _names()})
        return dict(cursor.fetchall())


def claim(key: str, *, at: datetime, limit: int) -> list[Source]:
    """Take sources that could have a line and have none."""
    if limit <= 0:
        return []
    values: dict[str, Any] = {"key": key, "at": at, "until": at + LEASE, "names": _names(), "limit": limit}
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute(_CLAIM.replace("{wanted}", _WANTED), values)
        keys = [row[0] for row in cursor.fetchall()]
    rows = Source.everywhere.select_related("organization", "connection", "channel")
    return list(rows.filter(pk__in=keys).order_by("pk"))


@transaction.atomic
def opened(key: str, sources: Collection[int], *, at: datetime) -> None:
    """Write down that lines stand."""
    rows = OpenLine.everywhere.filter(source__in=sources, lease_key=key, opened_at=None)
    told = list(rows.select_related("organization"))
    rows.update(opened_at=at, problem="")
    _look_again(told)


@transaction.atomic
def hinted(key: str, sources: Collection[int], *, at: datetime) -> int:
    """Have sources read now; one whose server asked for a rest keeps it. Returns how many."""
    rows = Source.everywhere.select_related("organization").filter(pk__in=sources, state=Source.State.ACTIVE)
    due = list(rows.filter(rate_limits_in_row=0).select_for_update(of=("self",)).order_by("pk"))
    # What is being polled may have looked too early: it is polled once more.
    waiting = [row.pk for row in due if row.next_poll_at > at or (row.lease_until and row.lease_until > at)]
    Source.everywhere.filter(pk__in=waiting).update(next_poll_at=at)
    OpenLine.everywhere.filter(source__in=sources, lease_key=key).update(last_hint_at=at)
    if due:
        with acting_for(due[0].organization):
            hint("listening.tasks.poll_due")
    return len(due)


@transaction.atomic
def ended(key: str, lines: Iterable[Ended], *, at: datetime) -> None:
    """Write down which lines ended, and when each is tried again."""
    for line in lines:
        rows = OpenLine.everywhere.filter(source=line.source_id, lease_key=key)
        told = list(rows.select_related("organization"))
        rows.update(
            opened_at=None,
            problem=line.problem[:300],
            failures_in_row=1 if line.lived else F("failures_in_row") + 1,
            next_try_at=at + timedelta(seconds=line.wait),
            lease_until=None,
            lease_key="",
        )
        _look_again(told)


def give_back(key: str, sources: Collection[int] | None = None) -> None:
    """Let go of lines, all or some, without a word against them: whoever runs takes them."""
    rows = OpenLine.everywhere.filter(lease_key=key)
    rows = rows if sources is None else rows.filter(source__in=sources)
    rows.update(opened_at=None, lease_until=None, lease_key="")


def failures(sources: Collection[int]) -> Mapping[int, int]:
    """How often in a row the lines of sources failed."""
    return dict(OpenLine.everywhere.filter(source__in=sources).values_list("source", "failures_in_row"))


def wanted_and_held(at: datetime) -> tuple[int, int]:
    """How many sources could have a line, and how many of those a living process looks after."""
    with database.cursor() as cursor:
        cursor.execute(_COUNT.replace("{wanted}", _WANTED), {"at": at, "names": _names()})
        wanted, held = cursor.fetchone()
    return wanted, held


def _names() -> list[str]:
    return [network.name for network in networks.all_networks() if isinstance(network, Hints)]


def _look_again(lines: Iterable[OpenLine]) -> None:
    for organization in {line.organization for line in lines}:
        with acting_for(organization):
            look_again("sources")


_WANTED = """
    FROM listening_source source
    JOIN listening_connection through ON through.id = source.connection_id AND through.state <> 'withdrawn'
    LEFT JOIN listening_openline line ON line.source_id = source.id
    WHERE source.state = 'active' AND source.network = ANY (%(names)s)
"""

_HOLD = """
WITH held AS (
    SELECT source.id, md5(through.sealed || ' ' || through.server || ' ' || source.place) AS mark {wanted}
        AND line.lease_key = %(key)s
)
UPDATE listening_openline line SET lease_until = %(until)s FROM held WHERE line.source_id = held.id
RETURNING held.id, held.mark
"""

_CLAIM = """
WITH free AS (
    SELECT source.id, source.organization_id {wanted}
        AND (line.lease_until IS NULL OR line.lease_until <= %(at)s)
        AND (line.next_try_at IS NULL OR line.next_try_at <= %(at)s)
    ORDER BY line.next_try_at NULLS FIRST, source.id LIMIT %(limit)s
    FOR NO KEY UPDATE OF source SKIP LOCKED
)
INSERT INTO listening_openline AS line
    (organization_id, source_id, failures_in_row, next_try_at, problem, lease_until, lease_key)
SELECT organization_id, id, 0, %(at)s, '', %(until)s, %(key)s FROM free
ON CONFLICT (source_id) DO UPDATE
SET lease_until = excluded.lease_until, lease_key = excluded.lease_key, opened_at = NULL
WHERE line.lease_until IS NULL OR line.lease_until <= %(at)s
RETURNING source_id
"""

_COUNT = """
SELECT count(*), count(*) FILTER (WHERE line.lease_until > %(at)s OR line.next_try_at > %(at)s) {wanted}
"""
