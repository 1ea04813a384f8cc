"""The way out: what goes out is attempted once, under a lease, and ends accepted, refused or unknown.

Whatever dies, the rows say how far it came. Before the call an attempt is written and committed, so a row in state
`sending` may have gone out; when its lease runs out it becomes `unknown` and is looked for at the network. A look only
reads. What it does not find is put before a person, who alone may have it sent again.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from listening.access import access_for_channel
from listening.models.outgoing import Attempt
from listening.networks.protocols import (
    Accepted,
    Access,
    AccessExpired,
    AccessWithdrawn,
    NetworkError,
    NotSent,
    RateLimited,
    Refused,
    Unreachable,
)
from listening.way_out import housekeeping, states
from listening.way_out.housekeeping import LOOKS, Claimed
from listening.way_out.looking import Kind, Looking, Now, Row
from roles.statements import by_key
from roles.tenancy import acting_for

log = logging.getLogger(__name__)
LEAST_WAIT, LONGEST_WAIT = 15.0, 3600.0
# How long it waits for its access, in seconds; one that works again has what waits for it sent at once.
WAIT_FOR_RENEWAL, WAIT_FOR_A_PERSON = 30.0, 600.0
# Where no connection to the network came about at all.
WAIT_UNTIL_REACHED = 60.0
TRIED_WITHOUT_ACCESS = 3
# A network that calls credentials expired whatever is renewed: tried for some hours, the first times soon.
TRIED_WITH_EXPIRED = 20


class WayOut(Looking[Row]):
    """How rows of one kind go out; what is theirs alone is said by a subclass, once for each kind.

    `about` is the name by which an attempt knows its row.
    """

    # What a kind of rows says of itself.

    @abstractmethod
    def go_through(self) -> None:
        """Be one of those who let something out until the transaction ends: a crisis stop waits for them."""

    @abstractmethod
    def forbids(self, row: Row) -> str:
        """Why it may not go out any more, now that it is its turn; empty if it may."""

    @abstractmethod
    def keeps_back(self, row: Row, *, at: datetime) -> bool:
        """Whether it may not go out yet; then it is in another state now."""

    @abstractmethod
    def send(self, access: Access, row: Row) -> Accepted:
        """The one call that lets it out."""

    @abstractmethod
    def refused(self, row: Row, problem: str, *, at: datetime) -> None:
        """Write down that it surely did not go out, and what follows from that."""

    @abstractmethod
    def lost(self, row: Row, *, at: datetime) -> None:
        """Record that nobody knows whether it arrived; the row says so already."""

    # What workers do.

    def deliver_next(self, *, now: Now) -> bool:
        """Deliver one row that is due, of whatever organization; returns whether there was one.

        `now` is asked before and after the call: how long the network took is part of what happened.
        """
        claimed = self.claim_ready(at=now())
        if claimed is None:
            return False
        with acting_for(claimed.organization):
            self._deliver(claimed, now=now)
        return True

    def claim_ready(self, *, at: datetime) -> Claimed | None:
        """Take one row that is to be sent, for the length of a lease."""
        return housekeeping.claim_ready(self.rows, at=at)

    def expire_leases(self, *, at: datetime) -> int:
        """Mark as unknown what dead workers had in their hands; returns how many rows."""
        # One transaction for the claim and its news, so that no row is marked with nobody told.
        with transaction.atomic():
            dead = housekeeping.expire_leases(self.rows, at=at)
            for claimed in dead:
                with acting_for(claimed.organization):
                    row = by_key(self.whole(), claimed.key)
                    self._attempts(row, kind=Kind.SEND, finished_at=None).update(finished_at=at, outcome="unknown")
                    self._unknown(row, at=at)
        return len(dead)

    def doubt(self, *, at: datetime) -> int:
        """Have what is due looked for instead of sent, since it may have gone out unknown to us; returns how many rows.

        So it is in a database that was brought back as it was some hours ago.
        """
        number = housekeeping.doubt_ready(self.rows, at=at)
        while self.expire_leases(at=at):
            pass
        return number

    def settled(self, row: Row, decision: str, *, at: datetime) -> None:
        """Write down what a person decided about it, beside the attempts."""
        self._attempted(row, kind=Kind.PERSON, started_at=at, finished_at=at, outcome=decision)

    # The steps of one attempt.

    def _deliver(self, claimed: Claimed, *, now: Now) -> None:
        begun = self._begin(claimed, now=now)
        if begun is None:
            return
        attempt, access = begun
        row = by_key(self.whole(), claimed.key)
        try:
            found = self.send(access, row)
        except RateLimited as problem:
            wait = min(max(problem.wait or 60.0, LEAST_WAIT), LONGEST_WAIT)
            self._wait(claimed, attempt, problem, "rate_limited", wait=wait, at=now())
        except (AccessExpired, AccessWithdrawn) as problem:
            self._without_access(claimed, attempt, problem, row, at=now())
        except NotSent as problem:
            self._wait(claimed, attempt, problem, "not_sent", wait=WAIT_UNTIL_REACHED, at=now())
        except Refused as problem:
            self._refuse(claimed, attempt, str(problem), at=now())
        except Exception as problem:  # whatever went wrong, it may have arrived
            if not isinstance(problem, Unreachable):
                log.exception("A delivery ended in a way that its network does not name.")
            self._lose(claimed, attempt, str(problem), at=now())
        else:
            self._accept(claimed, attempt, found, at=now())

    def _begin(self, claimed: Claimed, *, now: Now) -> tuple[Attempt, Access] | None:
        """Commit that an attempt begins, with a whole lease before it; returns it with the means.

        None where the lease was lost meanwhile, or where it may not go out any more: then it is refused, in the same
        transaction that would have let it go; and where it may not go out yet, or there is no access now: then it is
        kept back or put off in this transaction, without an attempt.
        """
        with transaction.atomic():
            self.go_through()
            row = self._mine(claimed)
            if row is None:
                return None
            reason, at = self.forbids(row), now()
            if reason:
                self.refused(row, reason, at=at)
                return None
            if self.keeps_back(row, at=at):
                return None
            try:
                access = access_for_channel(row.channel, at=now())
            except NetworkError as problem:
                self._put_off(row, problem, wait=_wait_for_access(problem), at=now())
                return None
            at = now()  # the lease begins when the checks are done, however long they took
            row.lease_until = at + timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
            row.save(update_fields=["lease_until"])
            return self._attempted(row, kind=Kind.SEND, started_at=at), access

    def _mine(self, claimed: Claimed) -> Row | None:
        """Hold the row if it is still in this worker's hands, else None."""
        row = self.hold(claimed)
        return row if row.lease_key == claimed.lease_key and row.state == row.SENDING else None

    @transaction.atomic
    def _accept(self, claimed: Claimed, attempt: Attempt, found: Accepted, *, at: datetime) -> None:
        """Write down that the network has it; an answer that comes after the lease is the truth all the same."""
        # The row before its attempts, as when a lease runs out: the other way round both would wait for each other.
        row = self.hold(claimed)
        _end(attempt, "accepted", at=at)
        if row.state != row.ACCEPTED and (row.lease_key == claimed.lease_key or row.state != row.SENDING):
            looks_left = self.can_look(row)
            self.accepted(row, remote_id=found.id, remote_url=found.url, at=at, looks_left=looks_left, seen=False)

    @transaction.atomic
    def _refuse(self, claimed: Claimed, attempt: Attempt, problem: str, *, at: datetime) -> None:
        row = self._mine(claimed)
        _end(attempt, "refused", at=at, problem=problem)
        if row:
            self.refused(row, problem, at=at)

    @transaction.atomic
    def _wait(
        self, claimed: Claimed, attempt: Attempt, problem: NetworkError, outcome: str, *, wait: float, at: datetime
    ) -> None:
        """It was surely not taken, for a reason that passes: it goes out later by itself."""
        row = self._mine(claimed)
        _end(attempt, outcome, at=at, problem=str(problem))
        if row:
            self._put_off(row, problem, wait=wait, at=at)

    def _put_off(self, row: Row, problem: NetworkError, *, wait: float, at: datetime) -> None:
        states.put_off(row, problem, wait=wait, at=at)
        self.told(row, at=at)

    def _without_access(
        self, claimed: Claimed, attempt: Attempt, problem: NetworkError, row: Row, *, at: datetime
    ) -> None:
        """The credentials were not accepted, so it did not go out: they are looked at now, and it is tried again.

        Where that was in vain so often that a person must know, whatever the connection says, it is refused.
        """
        tried, is_expired = self._times_without_access(row), isinstance(problem, AccessExpired)
        is_in_vain = tried >= (TRIED_WITH_EXPIRED if is_expired else TRIED_WITHOUT_ACCESS)
        if is_in_vain or (not is_expired and row.channel.connection is None):
            self._refuse(claimed, attempt, str(problem), at=at)
            return
        wait = _wait_for_access(problem) if tried < TRIED_WITHOUT_ACCESS else WAIT_FOR_A_PERSON
        self._wait(claimed, attempt, problem, "expired", wait=wait, at=at)

    def _times_without_access(self, row: Row) -> int:
        """How often in a row it was tried without access until now."""
        last = self._attempts(row, kind=Kind.SEND).exclude(outcome="").order_by("-pk")[:TRIED_WITH_EXPIRED]
        outcomes = [one.outcome for one in last]
        return next((count for count, outcome in enumerate(outcomes) if outcome != "expired"), len(outcomes))

    @transaction.atomic
    def _lose(self, claimed: Claimed, attempt: Attempt, problem: str, *, at: datetime) -> None:
        row = self._mine(claimed)
        _end(attempt, "unknown", at=at, problem=problem)
        if row:
            row.state, row.looks, row.lease_until = row.UNKNOWN, 0, None
            row.next_attempt_at = at + timedelta(seconds=LOOKS[0])
            self._unknown(row, at=at)

    def _unknown(self, row: Row, *, at: datetime) -> None:
        """Save a row of which nobody knows whether it arrived; where nobody can look, a person must."""
        if self.can_look(row):
            row.problem = _("No answer came. Touchline is checking whether it arrived.")
        else:
            row.problem = _("No answer came, and this network cannot be asked. Look there, then say how it is.")
            row.looks = len(LOOKS)
            self._put_before_a_person(row, at=at)
        row.save(
            update_fields=[
                "state", "looks", "lease_until", "next_attempt_at", "problem", "put_before_person_at", "owner",
            ]
        )  # fmt: skip
        self.lost(row, at=at)
        self.told(row, at=at)


def _end(attempt: Attempt, outcome: str, *, at: datetime, problem: str = "") -> None:
    attempt.finished_at, attempt.outcome, attempt.problem = at, outcome, problem[:500]
    attempt.save(update_fields=["finished_at", "outcome", "problem"])


def _wait_for_access(problem: NetworkError) -> float:
    return WAIT_FOR_RENEWAL if isinstance(problem, AccessExpired) else WAIT_FOR_A_PERSON
