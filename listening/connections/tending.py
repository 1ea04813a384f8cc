"""Looking after connections: each is checked and renewed when it is due, by one worker at a time.

Only tending renews. A state is changed by what the network says in so many words, never by its silence: what does not
answer is in trouble and asked again ever later; what says twice that the credentials are not accepted is withdrawn.
"""

from __future__ import annotations

import logging
import random
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from listening import networks
from listening.access import access_as_found, access_to_tend
from listening.connections.housekeeping import Turn, claim_due
from listening.connections.keeping import AnotherAccount, keep, keep_credentials, keep_offered
from listening.connections.telling import tell_who_can_mend
from listening.identity import clean
from listening.models import Connection
from listening.networks.connecting import Connected, Connects, OffersPlaces, Renews
from listening.networks.protocols import Access, AccessExpired, AccessWithdrawn, NetworkError, RateLimited, Unreadable
from roles.audit import record
from roles.background import hint, turn_of
from roles.live import look_again
from roles.tenancy import acting_for

log = logging.getLogger(__name__)
TASK = "listening.tasks.tend_connections"
REFUSALS_THAT_COUNT = 2
ASKED_AGAIN_AFTER = timedelta(minutes=2)
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=6)
# So long at most while a reply or a source waits for it.
LONGEST_WHILE_WANTED = timedelta(minutes=15)
LONGEST_ASKED = timedelta(days=1)
# So often in a row it must have failed to answer before somebody is written to.
TOLD_AFTER = 5
# What was checked so lately need not be looked at again because of an answer that was on its way then.
JUST_NOW = timedelta(seconds=60)
MOST_AT_ONCE = 50

State = Connection.State


def ask_for(connection: Connection, *, at: datetime) -> None:
    """Have a connection looked at now: its credentials were found expired, or were not accepted.

    One that gave no good answer keeps the time at which it is asked again, or everything that waits for it would ask
    in its stead; while something waits, that time is not hours away.
    """
    lately = Q(checked_at__gt=at - JUST_NOW)
    with acting_for(connection.organization):
        rows = Connection.objects.filter(pk=connection.pk).exclude(state=State.WITHDRAWN)
        due = {"check_due_at": at}
        if networks.can(connection.network, Renews) and connection.runs_out(timedelta(hours=1), at=at):
            due["renew_due_at"] = at
        if rows.filter(~lately, failures_in_row=0, refusals_in_row=0).update(**due):
            hint(TASK)
        else:
            silent = rows.filter(failures_in_row__gt=0, check_due_at__gt=at + LONGEST_WHILE_WANTED)
            silent.update(check_due_at=at + LONGEST_WHILE_WANTED)


def tend_due(*, now: Callable[[], datetime]) -> int:
    """Check or renew the connections that are due, of whatever organization; returns how many were looked at.

    What becomes due meanwhile is for the next time, so that none is asked twice in one.
    """
    count, begun = 0, now()
    at = begun
    while count < MOST_AT_ONCE and (turn := claim_due(due=begun, at=at)) is not None:
        with turn_of(turn.organization):
            tend(turn, now=now)
        count, at = count + 1, now()
    return count


def is_refused(row: Connection) -> str:
    """Ask a network whether the credentials work, and write nothing; returns what is wrong, or nothing."""
    if row.is_withdrawn:
        return row.problem or _("It has to be connected again.")
    try:
        _ask(row, access_to_tend(row), renews=False, may_renew=False)
    except AccessExpired:
        return "" if networks.can(row.network, Renews) else _("The access has run out. Connect again.")
    except NetworkError as problem:
        return str(problem)
    except Exception as problem:  # noqa: BLE001 - whatever its adapter does, the others are looked at
        return type(problem).__name__
    return ""


def tend(turn: Turn, *, now: Callable[[], datetime]) -> None:
    """Ask a connection's network once, and write down what came of it."""
    row = Connection.objects.get(pk=turn.connection_id)
    found: Connected | None = None
    problem: NetworkError | None = None
    offered: object = None
    access: Access | None = None
    try:
        access = access_to_tend(row)
        found = _ask(row, access, renews=turn.renews)
        _keep_at_once(turn, found, old=access.credentials)
        offered = _offered(row, access, found)
    except SoftTimeLimitExceeded:
        raise
    except NetworkError as error:
        problem = error
    except Exception as error:  # noqa: BLE001 - an adapter's mistake must not withdraw anything
        # Where it happened and what kind it was; its words may name a secret.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("The adapter of %s failed (%s) at\n%s", row.network, type(error).__name__, where)  # noqa: TRY400
        problem = Unreadable(_("Touchline could not understand what the network answered."))
    _settle(turn, found, problem, offered, old=access.credentials if access else {}, at=now())


def _ask(row: Connection, access: Access, *, renews: bool, may_renew: bool = True) -> Connected:
    if not networks.is_installed(row.network):
        raise Unreadable(_("This network is not installed any more."))
    network = networks.get(row.network)
    if renews and isinstance(network, Renews):
        return network.renew(access)
    if not isinstance(network, Connects):
        raise Unreadable(_("This network cannot be asked whether it works."))
    try:
        return network.check(access)
    except AccessExpired:
        if not may_renew:
            raise
        if not isinstance(network, Renews):
            raise AccessWithdrawn(_("The access has run out. Connect again.")) from None
        return network.renew(access)


def _offered(row: Connection, access: Access, found: Connected) -> object:
    """Which places can be listened to at once; None where that cannot be told now."""
    network = networks.get(row.network)
    if not isinstance(network, OffersPlaces):
        return []
    try:
        return list(network.offered_places(access_as_found(access, found)))
    except NetworkError:
        return None


@transaction.atomic
def _keep_at_once(turn: Turn, found: Connected, *, old: Mapping[str, str]) -> None:
    """Keep new credentials before anything else is asked: what they came for, such as a refresh token, works once."""
    row = Connection.objects.select_for_update(of=("self",)).filter(pk=turn.connection_id).first()
    if row is None or row.lease_key != turn.lease_key:
        return
    with suppress(AnotherAccount):
        if keep_credentials(row, found, old=old):
            row.save(update_fields=["sealed"])


@transaction.atomic
def _settle(
    turn: Turn,
    found: Connected | None,
    problem: NetworkError | None,
    offered: object,
    *,
    old: Mapping[str, str],
    at: datetime,
) -> None:
    row = Connection.objects.select_for_update(of=("self",)).filter(pk=turn.connection_id).first()
    if row is None or row.lease_key != turn.lease_key:
        return  # connected again or disconnected meanwhile: what a person did counts
    before = row.state
    if found is not None:
        try:
            keep(row, found, old=old, at=at)
        except AnotherAccount as another:
            problem = Unreadable(str(another))
        else:
            if offered is not None:
                keep_offered(row, offered)
    if problem is not None:
        _note(row, problem, at=at)
    row.lease_until, row.lease_key = None, ""
    row.save()
    if row.state != before:
        _changed(row, before, at=at)
    _tell(row, at=at)


def _note(row: Connection, problem: NetworkError, *, at: datetime) -> None:
    """Write down why there is no good answer, and when the network is asked again."""
    row.problem = clean(str(problem), 500)
    if isinstance(problem, RateLimited):
        wait = min(timedelta(seconds=problem.wait or 60.0), LONGEST_ASKED)
    elif isinstance(problem, AccessWithdrawn):
        row.refusals_in_row += 1
        row.state = State.WITHDRAWN if row.refusals_in_row >= REFUSALS_THAT_COUNT else State.TROUBLE
        wait = ASKED_AGAIN_AFTER
    else:
        row.failures_in_row += 1
        row.refusals_in_row = 0
        row.state = State.TROUBLE
        wait = min(FIRST_RETRY * 2 ** min(row.failures_in_row - 1, 10), LONGEST_RETRY)
        wait *= random.uniform(0.9, 1.1)  # noqa: S311
    row.check_due_at = at + wait
    if row.renew_due_at is not None:
        row.renew_due_at = max(row.renew_due_at, at + wait)


def _changed(row: Connection, before: str, *, at: datetime) -> None:
    if row.state == State.WITHDRAWN:
        record("withdraw_connection", row, by=None, at=at, before={"state": before}, after={"problem": row.problem})
    look_again("connections", "sources")


def _tell(row: Connection, *, at: datetime) -> None:
    """Write once to those who can mend it."""
    if row.told_at is None and (row.is_withdrawn or row.failures_in_row >= TOLD_AFTER):
        tell_who_can_mend(row, at=at)
        row.told_at = at
        row.save(update_fields=["told_at"])
