"""What came of replies: their networks are asked on a falling schedule, many replies at once.

Work is rows with a due time. A worker takes some by moving that on for the length of a lease; one that dies leaves them
to be due again. Asking twice does no harm: it only reads, and an older answer never covers a newer one.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils.translation import gettext as _

from engagement import housekeeping
from engagement.models import ReplyResult
from engagement.models.results import next_look
from listening import networks
from listening.access import access_for_channel
from listening.connections.tending import ask_for
from listening.models import Channel
from listening.networks.protocols import (
    AccessExpired,
    AccessWithdrawn,
    NetworkError,
    RateLimited,
    Results,
    TellsResults,
)
from roles.background import turn_of
from roles.live import look_again

log = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=15), timedelta(days=1)
LONGEST_ASKED = 30 * 86_400.0  # so many seconds a network can ask us to wait: then nothing is looked at any more


def look_at_results(*, now: Callable[[], datetime]) -> int:
    """Ask networks what came of the replies that are due, of whatever organization; returns how many were taken."""
    claimed = housekeeping.claim_results(at=now())
    for organization, keys in claimed.items():
        with turn_of(organization):
            rows = ReplyResult.objects.filter(pk__in=keys).select_related("reply__channel__connection").order_by("pk")
            by_channel: defaultdict[Channel, list[ReplyResult]] = defaultdict(list)
            for row in rows:
                by_channel[row.reply.channel].append(row)
            for channel, of_channel in by_channel.items():
                _look(channel, of_channel, now=now)
    return sum(map(len, claimed.values()))


def _look(channel: Channel, rows: Sequence[ReplyResult], *, now: Callable[[], datetime]) -> None:
    began_at = now()
    if not networks.can(channel.network, TellsResults):
        _put_off(rows, _("This network does not tell any more."), None, at=began_at)
        return
    network = networks.get(channel.network)
    assert isinstance(network, TellsResults)
    try:
        found = network.results_of(access_for_channel(channel, at=began_at), [row.reply.remote_id for row in rows])
        _keep(rows, found, began_at=began_at, at=now())
    except SoftTimeLimitExceeded:
        raise
    except RateLimited as problem:
        _put_off(rows, str(problem), timedelta(seconds=min(problem.wait or 0, LONGEST_ASKED)), at=now())
    except NetworkError as problem:
        if isinstance(problem, AccessExpired | AccessWithdrawn) and channel.connection is not None:
            ask_for(channel.connection, at=now())
        _put_off(rows, str(problem), timedelta(), at=now())
    except Exception:  # what one adapter answers must not keep the others from being asked
        log.exception("Results of account %s could not be asked for, or not be kept.", channel.pk)
        _put_off(rows, _("What the network answered could not be understood."), timedelta(), at=now())


@transaction.atomic
def _keep(rows: Sequence[ReplyResult], found: Mapping[str, Results], *, began_at: datetime, at: datetime) -> None:
    """Write down what the network said; of what it does not know any more the last numbers stay."""
    for row in _hold(rows):
        if row.fetched_at is not None and row.fetched_at > began_at:
            continue
        told = found.get(row.reply.remote_id)
        if told is None:
            row.problem = _("It is not there any more.")
        else:
            row.likes, row.reposts, row.answers = told.likes, told.reposts, told.answers
            row.fetched_at, row.problem = at, ""
        row.failures = 0
        row.next_look_at = next_look(row.reply.accepted_at or at, at)
        row.save()
    look_again("measure")


@transaction.atomic
def _put_off(rows: Sequence[ReplyResult], problem: str, wait: timedelta | None, *, at: datetime) -> None:
    """Ask again later, ever later and at most until the last look would have been; without a wait never."""
    for row in _hold(rows):
        row.failures += 1
        row.problem = problem[:500]
        last = next_look(row.reply.accepted_at or at, at)
        row.next_look_at = None
        if wait is not None and last is not None:
            row.next_look_at = at + max(wait, min(FIRST_WAIT * 2 ** min(row.failures - 1, 10), LONGEST_WAIT))
        row.save(update_fields=["failures", "problem", "next_look_at"])


def _hold(rows: Sequence[ReplyResult]) -> list[ReplyResult]:
    held = ReplyResult.objects.select_for_update(no_key=True, of=("self",)).select_related("reply")
    return list(held.filter(pk__in=[row.pk for row in rows]).order_by("pk"))
