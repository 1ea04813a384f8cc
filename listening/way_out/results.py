"""What came of what went out: networks are asked on a falling schedule, about many at once.

Work is rows with a due time. A worker takes some by moving that on for the length of a lease; one that dies leaves them
to be due again. Asking twice does no harm: it only reads, and an older answer never covers a newer one.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.utils.translation import gettext as _

from listening import networks
from listening.access import access_for_channel
from listening.connections.tending import ask_for
from listening.models import Channel
from listening.models.outgoing import Outgoing
from listening.models.told_results import ToldResult, next_look
from listening.networks.protocols import (
    AccessExpired,
    AccessWithdrawn,
    NetworkError,
    RateLimited,
    Results,
    TellsResults,
)
from roles.background import turn_of
from roles.models import Organization

log = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=15), timedelta(days=1)
LONGEST_ASKED = 30 * 86_400.0  # so many seconds a network can ask us to wait: then nothing is looked at any more
AT_ONCE = 200
LEASE = timedelta(minutes=5)
_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM {table} WHERE next_look_at <= %(at)s
    ORDER BY next_look_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE {table} AS result SET next_look_at = %(until)s
FROM due WHERE result.id = due.id RETURNING result.organization_id, result.id
"""
Row = TypeVar("Row", bound=ToldResult)


@dataclass(frozen=True)
class ResultLooks(Generic[Row]):
    """The looks at the results of one kind of what goes out; `about` is the field that leads to it."""

    rows: type[Row]
    about: str

    def begin(self, out: Outgoing, *, at: datetime) -> None:
        """Have a network asked about something that it took, if it tells; inside the transaction of that."""
        if out.remote_id and networks.can(out.channel.network, TellsResults):
            self.rows.objects.get_or_create(**{self.about: out}, defaults={"next_look_at": next_look(at, at)})

    def claim(self, *, at: datetime) -> dict[Organization, list[int]]:
        """Take rows that are to be looked at, for the length of a lease; by organization."""
        with connection.cursor() as cursor:
            statement = _CLAIM.format(table=self.rows._meta.db_table)
            cursor.execute(statement, {"at": at, "until": at + LEASE, "most": AT_ONCE})
            found = cursor.fetchall()
        known = Organization.objects.in_bulk({key for key, _row in found})
        return {house: [row for key, row in found if key == house.pk] for house in known.values()}

    def look(self, *, now: Callable[[], datetime]) -> int:
        """Ask networks what came of what is due, of whatever organization; returns how many were taken."""
        claimed = self.claim(at=now())
        for organization, keys in claimed.items():
            with turn_of(organization):
                rows: Any = self.rows.objects
                found = rows.filter(pk__in=keys).select_related(f"{self.about}__channel__connection")
                by_channel: defaultdict[Channel, list[Row]] = defaultdict(list)
                for row in found.order_by("pk"):
                    by_channel[self._out(row).channel].append(row)
                for channel, of_channel in by_channel.items():
                    self._look(channel, of_channel, now=now)
        return sum(map(len, claimed.values()))

    def _out(self, row: Row) -> Outgoing:
        out: Outgoing = getattr(row, self.about)
        return out

    def _look(self, channel: Channel, rows: Sequence[Row], *, now: Callable[[], datetime]) -> None:
        began_at = now()
        if not networks.can(channel.network, TellsResults):
            self._put_off(rows, _("This network does not tell any more."), None, at=began_at)
            return
        network = networks.get(channel.network)
        assert isinstance(network, TellsResults)
        try:
            ids = [self._out(row).remote_id for row in rows]
            found = network.results_of(access_for_channel(channel, at=began_at), ids)
            self._keep(rows, found, began_at=began_at, at=now())
        except SoftTimeLimitExceeded:
            raise
        except RateLimited as problem:
            self._put_off(rows, str(problem), timedelta(seconds=min(problem.wait or 0, LONGEST_ASKED)), at=now())
        except NetworkError as problem:
            if isinstance(problem, AccessExpired | AccessWithdrawn) and channel.connection is not None:
                ask_for(channel.connection, at=now())
            self._put_off(rows, str(problem), timedelta(), at=now())
        except Exception:  # what one adapter answers must not keep the others from being asked
            log.exception("Results of account %s could not be asked for, or not be kept.", channel.pk)
            self._put_off(rows, _("Touchline could not understand what the network answered."), timedelta(), at=now())

    @transaction.atomic
    def _keep(self, rows: Sequence[Row], found: Mapping[str, Results], *, began_at: datetime, at: datetime) -> None:
        """Write down what the network said; of what it does not know any more the last numbers stay."""
        for row in self._hold(rows):
            if row.fetched_at is not None and row.fetched_at > began_at:
                continue
            out = self._out(row)
            told = found.get(out.remote_id)
            if told is None:
                row.problem = _("It is not there any more.")
            else:
                row.likes, row.reposts, row.answers = told.likes, told.reposts, told.answers
                row.fetched_at, row.problem = at, ""
            row.failures = 0
            row.next_look_at = next_look(out.accepted_at or at, at)
            row.save()

    @transaction.atomic
    def _put_off(self, rows: Sequence[Row], problem: str, wait: timedelta | None, *, at: datetime) -> None:
        """Ask again later, ever later and at most until the last look would have been; without a wait never."""
        for row in self._hold(rows):
            row.failures += 1
            row.problem = problem[:500]
            last = next_look(self._out(row).accepted_at or at, at)
            row.next_look_at = None
            if wait is not None and last is not None:
                row.next_look_at = at + max(wait, min(FIRST_WAIT * 2 ** min(row.failures - 1, 10), LONGEST_WAIT))
            row.save(update_fields=["failures", "problem", "next_look_at"])

    def _hold(self, rows: Sequence[Row]) -> list[Row]:
        every: Any = self.rows.objects
        held = every.select_for_update(no_key=True, of=("self",)).select_related(self.about)
        return list(held.filter(pk__in=[row.pk for row in rows]).order_by("pk"))
