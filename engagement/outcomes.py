"""How a reply's way ends: what acceptance and refusal change, said once for workers and persons alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engagement.changes import told
from engagement.models import Assignment, Draft, Reply
from engagement.owners import owner_of
from engagement.promises import answered as answered_fields
from engagement.querysets import meet
from engagement.results import reply_results
from listening.models import Connection
from listening.revisits.planning import go_on
from listening.way_out import states
from roles.audit import record
from roles.background import hint

State = Reply.State


def accepted(
    row: Reply, *, remote_id: str, remote_url: str, at: datetime, looks_left: bool, seen: bool = False
) -> None:
    """The network has it: the assignment is answered, and resolved if the writer wanted that. Inside a transaction."""
    states.accept(row, remote_id=remote_id, remote_url=remote_url, looks_left=looks_left, seen=seen, at=at)
    record("accept_reply", row, by=None, at=at, after={"remote_id": row.remote_id, "remote_url": row.remote_url})
    reply_results.begin(row, at=at)
    if not row.is_automatic:
        meet(row.post_id, row.by_id, at=at)
    go_on(row.post, at=at)
    answered(row, at=at)


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
    told([row], at=at)


def refused(row: Reply, problem: str, *, at: datetime) -> None:
    """It surely did not go out: the text is the writer's draft again, and a person decides. Inside a transaction."""
    states.refuse(row, problem, owner=owner_of(row, at=at), at=at)
    keep_text(row, at=at)
    record("refuse_reply", row, by=None, at=at, after={"problem": row.problem})
    told([row.assignment], at=at)


def go_on_through(connection: Connection, *, at: datetime) -> None:
    """Have the replies that waited for a connection go out now that it works again."""
    if states.go_on_through(Reply, connection, at=at):
        hint("engagement.tasks.deliver_ready")


def keep_text(row: Reply, *, at: datetime) -> None:
    """Put the reply's text back into the writer's draft, unless they have begun another."""
    kept = {"text": row.text, "saved_reply_id": row.saved_reply_id, "saved_at": at, "by": row.by}
    Draft.objects.get_or_create(assignment=row.assignment, member=row.by, defaults=kept)
