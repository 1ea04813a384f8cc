"""How a reply's way ends: what acceptance and refusal change, said once for workers and persons alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from engagement.changes import told
from engagement.models import Assignment, Draft, Reply, ReplyResult
from engagement.models.results import next_look
from engagement.owners import put_before_a_person
from engagement.promises import answered as answered_fields
from engagement.querysets import meet
from listening import networks
from listening.connections.tending import ask_for
from listening.models import Connection
from listening.networks.protocols import AccessExpired, AccessWithdrawn, TellsResults
from listening.revisits.planning import go_on
from roles.audit import record
from roles.background import hint

State = Reply.State
# When a worker looks whether it arrived, in seconds after the look before; then it waits for a person.
LOOKS = (10, 20, 60, 300, 1800)
# Two looks that do not find it are enough to put it before a person; the looks go on meanwhile.
ABSENT_IS_SURE_AFTER = 2
SEEN_LOOKS = 3


def accepted(
    row: Reply, *, remote_id: str, remote_url: str, at: datetime, looks_left: bool, seen: bool = False
) -> None:
    """The network has it: the assignment is answered, and resolved if the writer wanted that. Inside a transaction."""
    remote_id, remote_url = _storable(remote_id, 1000), _storable(remote_url, 4000)
    row.state, row.remote_id, row.remote_url, row.accepted_at = State.ACCEPTED, remote_id, remote_url, at
    row.problem, row.put_before_person_at, row.lease_until = "", None, None
    row.seen_at = at if seen else None
    row.looks, row.next_attempt_at = (0 if looks_left else SEEN_LOOKS), at
    row.save(
        update_fields=[
            "state", "remote_id", "remote_url", "accepted_at", "problem", "put_before_person_at", "lease_until",
            "seen_at", "looks", "next_attempt_at",
        ]
    )  # fmt: skip
    record("accept_reply", row, by=None, at=at, after={"remote_id": remote_id, "remote_url": remote_url})
    if remote_id and networks.can(row.channel.network, TellsResults):
        ReplyResult.objects.get_or_create(reply=row, defaults={"next_look_at": next_look(at, at)})
    if not row.is_automatic:
        meet(row.post_id, row.by_id, at=at)
    go_on(row.post, at=at)
    answered(row, at=at)


def _storable(said: str, longest: int) -> str:
    """What a network answered must not keep its acceptance from being written down."""
    return said.replace("\x00", "")[:longest]


def answered(reply: Reply, *, at: datetime) -> None:
    """Write the first answer on the assignment, and resolve it where the reply was meant to."""
    rows = Assignment.objects.select_for_update(no_key=True, of=("self",)).select_related("mention", "target")
    row = rows.get(pk=reply.assignment_id)
    before = {"state": row.state, "outcome": row.outcome}
    resolves = reply.resolves and row.is_open
    fields: dict[str, Any] = {}
    # A machine's answer is none: the author still waits for us.
    if not reply.is_automatic:
        fields = answered_fields(row, at=at, resolves=resolves)
    if resolves:
        fields |= {
            "state": Assignment.State.RESOLVED,
            "outcome": Assignment.Outcome.ANSWERED,
            "resolved_at": at,
            "snoozed_until": None,
        }
    if row.member_id is None:
        fields["member_id"] = reply.by_id
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*fields, "version"])
    if "state" in fields:
        record("resolve", row, by=None, at=at, before=before, after={"state": row.state, "outcome": row.outcome})
    told([row], at=at, members=[reply.by_id])


def refused(row: Reply, problem: str, *, at: datetime) -> None:
    """It surely did not go out: the text is the writer's draft again, and a person decides. Inside a transaction."""
    row.state, row.problem, row.lease_until = State.REFUSED, problem[:500], None
    put_before_a_person(row, at=at)
    row.save(update_fields=["state", "problem", "put_before_person_at", "owner", "lease_until"])
    keep_text(row, at=at)
    record("refuse_reply", row, by=None, at=at, after={"problem": row.problem})
    told([row.assignment], at=at, members=[row.by_id])


def put_off(row: Reply, problem: Exception, *, wait: float, at: datetime) -> None:
    """It surely did not go out, and goes out later by itself. Inside a transaction."""
    row.state, row.next_attempt_at, row.problem = State.READY, at + timedelta(seconds=wait), str(problem)[:500]
    row.lease_key, row.lease_until = "", None
    row.save(update_fields=["state", "next_attempt_at", "problem", "lease_key", "lease_until"])
    if isinstance(problem, AccessExpired | AccessWithdrawn) and row.channel.connection is not None:
        ask_for(row.channel.connection, at=at)
    told([row.assignment], at=at, members=[row.by_id])


def go_on_through(connection: Connection, *, at: datetime) -> None:
    """Have the replies that waited for a connection go out now that it works again."""
    waiting = Reply.objects.filter(channel__connection=connection, state=State.READY, next_attempt_at__gt=at)
    if waiting.update(next_attempt_at=at):
        hint("engagement.tasks.deliver_ready")


def keep_text(row: Reply, *, at: datetime) -> None:
    """Put the reply's text back into the writer's draft, unless they have begun another."""
    kept = {"text": row.text, "saved_reply_id": row.saved_reply_id, "saved_at": at, "by": row.by}
    Draft.objects.get_or_create(assignment=row.assignment, member=row.by, defaults=kept)
