"""The way out: a reply is attempted once, under a lease, and ends accepted, refused or unknown.

Whatever dies, the rows say how far it came. Before the call a delivery is written and committed, so a reply in state
`sending` may have gone out; when its lease runs out it becomes `unknown` and is looked for at the network. A look only
reads. What it does not find is put before a person, who alone may have it sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from engagement import housekeeping
from engagement.changes import told
from engagement.gate import kept_back
from engagement.housekeeping import Claimed
from engagement.meanwhile import forbids_sending
from engagement.models import Assignment, Delivery, Reply
from engagement.outcomes import ABSENT_IS_SURE_AFTER, LOOKS, SEEN_LOOKS, accepted, put_off, refused
from engagement.owners import put_before_a_person
from engagement.stop_querysets import go_through
from listening import networks
from listening.access import access_for_channel
from listening.models import Post, Source
from listening.networks.protocols import (
    Accepted,
    Access,
    AccessExpired,
    AccessWithdrawn,
    NetworkError,
    NotSent,
    OutgoingReply,
    RateLimited,
    Reconciles,
    Refused,
    RemoteAuthor,
    Replies,
    Unreachable,
)  # fmt: skip
from roles.audit import record
from roles.permissions import decide
from roles.tenancy import acting_for

log = logging.getLogger(__name__)
State, Kind = Reply.State, Delivery.Kind
Now = Callable[[], datetime]
LEAST_WAIT, LONGEST_WAIT = 15.0, 3600.0
# How long a reply waits for its access, in seconds; one that works again has what waits for it sent at once.
WAIT_FOR_RENEWAL, WAIT_FOR_A_PERSON = 30.0, 600.0
# Where no connection to the network came about at all.
WAIT_UNTIL_REACHED = 60.0
TRIED_WITHOUT_ACCESS = 3
# A network that calls credentials expired whatever is renewed: tried for some hours, the first times soon.
TRIED_WITH_EXPIRED = 20


def deliver_next(*, now: Now) -> bool:
    """Deliver one reply that is due, of whatever organization; returns whether there was one.

    `now` is asked before and after the call: how long the network took is part of what happened.
    """
    claimed = housekeeping.claim_ready(at=now())
    if claimed is None:
        return False
    with acting_for(claimed.organization):
        _deliver(claimed, now=now)
    return True


def _deliver(claimed: Claimed, *, now: Now) -> None:
    begun = _begin(claimed, now=now)
    if begun is None:
        return
    attempt, access = begun
    reply = Reply.objects.with_everything().get(pk=claimed.reply_id)
    network = networks.get(reply.channel.network)
    assert isinstance(network, Replies)
    try:
        found = network.reply(access, _outgoing(reply))
    except RateLimited as problem:
        wait = min(max(problem.wait or 60.0, LEAST_WAIT), LONGEST_WAIT)
        _wait(claimed, attempt, problem, "rate_limited", wait=wait, at=now())
    except (AccessExpired, AccessWithdrawn) as problem:
        _without_access(claimed, attempt, problem, reply, at=now())
    except NotSent as problem:
        _wait(claimed, attempt, problem, "not_sent", wait=WAIT_UNTIL_REACHED, at=now())
    except Refused as problem:
        _refuse(claimed, attempt, str(problem), at=now())
    except Exception as problem:  # whatever went wrong, it may have arrived
        if not isinstance(problem, Unreachable):
            log.exception("A delivery ended in a way that its network does not name.")
        _lose(claimed, attempt, str(problem), at=now())
    else:
        _accept(claimed, attempt, found, at=now())


def _forbidden(reply: Reply) -> str:
    """Return why the reply may not go out any more, now that it is its turn; empty if it may."""
    post, is_internal = _as_it_is(reply)
    if is_internal:
        return _("This was said internally: it can never be answered in public.")
    decision = decide(reply.by, "engagement.reply", reply.assignment)
    if not decision:
        return decision.reason
    if not reply.channel.is_active:
        return _("The account to answer from was switched off meanwhile.")
    return forbids_sending(reply, post)


def _as_it_is(reply: Reply) -> tuple[Post, bool]:
    """The post, and whether it is internal; its source is held, so that nobody makes it so before the attempt."""
    source = Source.objects.select_for_update(no_key=True, of=("self",)).filter(posts=reply.post_id).first()
    post = Post.objects.get(pk=reply.post_id)
    return post, post.is_internal or (source is not None and source.is_internal)


def _outgoing(reply: Reply) -> OutgoingReply:
    author = reply.post.author
    return OutgoingReply(
        key=reply.key,
        to=reply.post.remote_id,
        text=reply.text,
        conversation=reply.post.conversation,
        language=reply.post.language,
        at=reply.written_at,
        author=RemoteAuthor(id=author.remote_id, handle=author.handle, name=author.name) if author else RemoteAuthor(),
        title=reply.post.title,
    )


def _hold(claimed: Claimed) -> Reply:
    """Lock the assignment and then the reply, in the order in which everyone does, and return the reply as it is."""
    Assignment.objects.select_for_update(no_key=True).get(pk=claimed.assignment_id)
    return Reply.objects.select_for_update(no_key=True, of=("self",)).with_everything().get(pk=claimed.reply_id)


def _mine(claimed: Claimed) -> Reply | None:
    """Hold the reply if it is still in this worker's hands, else None."""
    row = _hold(claimed)
    return row if row.lease_key == claimed.lease_key and row.state == State.SENDING else None


def _begin(claimed: Claimed, *, now: Now) -> tuple[Delivery, Access] | None:
    """Commit that an attempt begins, with a whole lease before it; returns it with the means.

    None where the lease was lost meanwhile, or where it may not go out any more: then it is refused, in the same
    transaction that would have let it go; and where it may not go out yet, or there is no access now: then it is kept
    back or put off in this transaction, without an attempt.
    """
    with transaction.atomic():
        go_through()
        row = _mine(claimed)
        if row is None:
            return None
        reason, at = _forbidden(row), now()
        if reason:
            refused(row, reason, at=at)
            return None
        if kept_back(row, at=at):
            return None
        try:
            access = access_for_channel(row.channel, at=now())
        except NetworkError as problem:
            put_off(row, problem, wait=_wait_for_access(problem), at=now())
            return None
        at = now()  # the lease begins when the checks are done, however long they took
        row.lease_until = at + timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
        row.save(update_fields=["lease_until"])
        return Delivery.objects.create(reply=row, kind=Kind.SEND, started_at=at), access


def _end(attempt: Delivery, outcome: str, *, at: datetime, problem: str = "") -> None:
    attempt.finished_at, attempt.outcome, attempt.problem = at, outcome, problem[:500]
    attempt.save(update_fields=["finished_at", "outcome", "problem"])


@transaction.atomic
def _accept(claimed: Claimed, attempt: Delivery, found: Accepted, *, at: datetime) -> None:
    """Write down that the network has it; an answer that comes after the lease is the truth all the same."""
    _end(attempt, "accepted", at=at)
    row = _hold(claimed)
    if row.state != State.ACCEPTED and (row.lease_key == claimed.lease_key or row.state != State.SENDING):
        accepted(row, remote_id=found.id, remote_url=found.url, at=at, looks_left=_can_look(row))


@transaction.atomic
def _refuse(claimed: Claimed, attempt: Delivery, problem: str, *, at: datetime) -> None:
    _end(attempt, "refused", at=at, problem=problem)
    if row := _mine(claimed):
        refused(row, problem, at=at)


@transaction.atomic
def _wait(
    claimed: Claimed, attempt: Delivery, problem: NetworkError, outcome: str, *, wait: float, at: datetime
) -> None:
    """It was surely not taken, for a reason that passes: such a reply goes out later by itself."""
    _end(attempt, outcome, at=at, problem=str(problem))
    if row := _mine(claimed):
        put_off(row, problem, wait=wait, at=at)


def _without_access(claimed: Claimed, attempt: Delivery, problem: NetworkError, reply: Reply, *, at: datetime) -> None:
    """The credentials were not accepted, so it did not go out: they are looked at now, and it is tried again.

    Where that was in vain so often that a person must know, whatever the connection says, it is refused.
    """
    tried, is_expired = _times_without_access(reply), isinstance(problem, AccessExpired)
    is_in_vain = tried >= (TRIED_WITH_EXPIRED if is_expired else TRIED_WITHOUT_ACCESS)
    if is_in_vain or (not is_expired and reply.channel.connection is None):
        _refuse(claimed, attempt, str(problem), at=at)
        return
    wait = _wait_for_access(problem) if tried < TRIED_WITHOUT_ACCESS else WAIT_FOR_A_PERSON
    _wait(claimed, attempt, problem, "expired", wait=wait, at=at)


def _wait_for_access(problem: NetworkError) -> float:
    return WAIT_FOR_RENEWAL if isinstance(problem, AccessExpired) else WAIT_FOR_A_PERSON


def _times_without_access(reply: Reply) -> int:
    """How often in a row it was tried without access until now."""
    last = reply.deliveries.filter(kind=Kind.SEND).exclude(outcome="").order_by("-pk")[:TRIED_WITH_EXPIRED]
    outcomes = [one.outcome for one in last]
    return next((count for count, outcome in enumerate(outcomes) if outcome != "expired"), len(outcomes))


@transaction.atomic
def _lose(claimed: Claimed, attempt: Delivery, problem: str, *, at: datetime) -> None:
    _end(attempt, "unknown", at=at, problem=problem)
    if row := _mine(claimed):
        row.state, row.looks, row.lease_until = State.UNKNOWN, 0, None
        row.next_attempt_at = at + timedelta(seconds=LOOKS[0])
        _unknown(row, at=at)


def _unknown(row: Reply, *, at: datetime) -> None:
    """Save a reply of which nobody knows whether it arrived; where nobody can look, a person must."""
    if _can_look(row):
        row.problem = _("No answer came. Touchline is looking whether it arrived.")
    else:
        row.problem = _("No answer came, and this network cannot be asked. Look there, then say how it is.")
        row.looks = len(LOOKS)
        put_before_a_person(row, at=at)
    row.save(
        update_fields=[
            "state", "looks", "lease_until", "next_attempt_at", "problem", "put_before_person_at", "owner",
        ]
    )  # fmt: skip
    record("lose_reply", row, by=None, at=at, after={"problem": row.problem})
    told([row.assignment], at=at, members=[row.by_id])


def _can_look(row: Reply) -> bool:
    return networks.can(row.channel.network, Reconciles)


def expire_leases(*, at: datetime) -> int:
    """Mark as unknown what dead workers had in their hands; returns how many replies."""
    # One transaction for the claim and its news, so that no reply is marked with nobody told.
    with transaction.atomic():
        dead = housekeeping.expire_leases(at=at)
        for claimed in dead:
            with acting_for(claimed.organization):
                row = Reply.objects.with_everything().get(pk=claimed.reply_id)
                row.deliveries.filter(kind=Kind.SEND, finished_at=None).update(finished_at=at, outcome="unknown")
                _unknown(row, at=at)
    return len(dead)


def look_next(*, now: Now) -> bool:
    """Look for one reply at its network, without writing there; returns whether there was one to look for."""
    claimed = housekeeping.claim_look(at=now())
    if claimed is None:
        return False
    with acting_for(claimed.organization):
        _look(claimed, now=now)
    return True


def _look(claimed: Claimed, *, now: Now) -> None:
    reply = Reply.objects.with_everything().get(pk=claimed.reply_id)
    started_at, found, outcome, problem = now(), None, "absent", ""
    try:
        network = networks.get(reply.channel.network)
        assert isinstance(network, Reconciles)
        found = network.find_reply(access_for_channel(reply.channel, at=started_at), _outgoing(reply))
    except Exception as told_us:  # noqa: BLE001 - a look that fails says nothing about the reply
        outcome, problem = "failed", str(told_us)
    at = now()
    with transaction.atomic():
        Delivery.objects.create(
            reply=reply, kind=Kind.LOOK, started_at=started_at, finished_at=at,
            outcome="found" if found else outcome, problem=problem[:500],
        )  # fmt: skip
        row = _hold(claimed)
        # A person may have settled it meanwhile, or a new attempt begun: then this look is of no use.
        if row.lease_key != claimed.lease_key or row.state != reply.state:
            return
        if row.state == State.ACCEPTED:
            _seen(row, found, at=at)
        elif found:
            accepted(row, remote_id=found.id, remote_url=found.url, at=at, looks_left=False, seen=True)
        else:
            _not_found(row, failed=outcome == "failed", at=at)


def _seen(row: Reply, found: Accepted | None, *, at: datetime) -> None:
    """Write down that an accepted reply can be seen, or, after the last look, that it cannot."""
    if found:
        row.seen_at, row.problem = at, ""
    elif row.looks >= SEEN_LOOKS:
        row.problem = _("The network took it, but it cannot be seen there.")
    row.save(update_fields=["seen_at", "problem"])
    told([row.assignment], at=at, members=[row.by_id])


def _not_found(row: Reply, *, failed: bool, at: datetime) -> None:
    """Go on looking, and put it before a person once it is sure that more looks will not tell."""
    last_send = row.deliveries.filter(kind=Kind.SEND).order_by("-pk").first()
    looks = row.deliveries.filter(kind=Kind.LOOK, outcome="absent", pk__gt=last_send.pk if last_send else 0)
    absent = looks.count() >= ABSENT_IS_SURE_AFTER
    if absent:
        row.problem = _("It is not at the network. Send it again, or give up.")
    elif row.looks >= len(LOOKS):
        row.problem = _("The network does not tell whether it arrived. Look there, then say how it is.")
    elif failed:
        row.problem = _("The network cannot be asked now. Touchline goes on looking whether it arrived.")
    if (absent or row.looks >= len(LOOKS)) and row.put_before_person_at is None:
        put_before_a_person(row, at=at)
    row.save(update_fields=["problem", "put_before_person_at", "owner"])
    told([row.assignment], at=at, members=[row.by_id])
