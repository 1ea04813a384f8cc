"""Servers that are in trouble, or ask for peace, are left alone by all their sources at once."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from listening.housekeeping import Claim, is_own
from listening.models import Host
from listening.networks.protocols import NetworkError, NotOurTurn, RateLimited, Unreachable

# One failure may be the place's own; only when nothing works is it the server.
PATIENCE = 3
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 3600.0
LONGEST_ASKED = 6 * 3600.0
LONGEST_LINE = timedelta(seconds=20)


def turn_at(host: str, *, at: datetime) -> float:
    """Take the next turn at a server, in one line with all who visit it; returns in how many seconds it comes."""
    rate = settings.FETCH_REQUESTS_PER_HOST_PER_SECOND
    if not host or rate <= 0 or is_own(host):
        return 0.0
    gap = timedelta(seconds=1 / rate)
    with transaction.atomic():
        Host.objects.bulk_create([Host(name=host[:255], next_visit_at=at)], ignore_conflicts=True)
        row = Host.objects.select_for_update().get(name=host[:255])
        turn = max(row.next_visit_at, row.closed_until or at, at)
        if turn > at + LONGEST_LINE:
            return (turn - at).total_seconds()  # too far away to be waited for: the turn is left to others
        row.next_visit_at = turn + gap
        row.save(update_fields=["next_visit_at"])
    return (turn - at).total_seconds()


def note_hosts(visits: Iterable[tuple[Claim, NetworkError | None]], *, at: datetime) -> None:
    """Note how the servers fared that were just visited."""
    fine: set[str] = set()
    troubled: dict[str, NetworkError] = {}
    for claim, error in visits:
        if not claim.host or claim.is_own:
            continue
        is_elsewhere = error is not None and error.host not in {"", claim.host}
        if isinstance(error, RateLimited | Unreachable) and not isinstance(error, NotOurTurn):
            troubled[error.host or claim.host] = error
        if is_elsewhere or not isinstance(error, RateLimited | Unreachable):
            fine.add(claim.host)
    if fine:
        well = Host.objects.filter(name__in=fine).exclude(name__in=_limiting(troubled))
        well.filter(Q(failures_in_row__gt=0) | ~Q(reason="")).update(failures_in_row=0, closed_until=None, reason="")
    for name, error in sorted(troubled.items()):
        if name not in fine or isinstance(error, RateLimited):
            _note_trouble(name, error, at=at)


def _limiting(troubled: dict[str, NetworkError]) -> list[str]:
    return [name for name, error in troubled.items() if isinstance(error, RateLimited)]


@transaction.atomic
def _note_trouble(name: str, error: NetworkError, *, at: datetime) -> None:
    host = Host.objects.select_for_update().filter(name=name).first()
    if host is None:
        return
    host.failures_in_row += 1
    host.reason = str(error)[:300]
    pause = 0.0
    if isinstance(error, RateLimited):
        pause = min(error.wait or FIRST_PAUSE, LONGEST_ASKED)
    elif host.failures_in_row >= PATIENCE:
        pause = min(FIRST_PAUSE * 2.0 ** min(host.failures_in_row - PATIENCE, 20), LONGEST_PAUSE)
        pause *= random.uniform(1.0, 1.2)  # noqa: S311
    if pause:
        until = at + timedelta(seconds=pause)
        host.closed_until = max(until, host.closed_until) if host.closed_until else until
    host.save()
