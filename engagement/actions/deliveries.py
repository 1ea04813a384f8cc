"""Decide about a reply that did not simply go out, and say who has to."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.actions.rows import hold, hold_reply, only_in
from engagement.approving import end_asking
from engagement.changes import told
from engagement.gate import let_go
from engagement.meanwhile import newest_in_thread
from engagement.models import Assignment, Draft, Reply
from engagement.outbox import replies_out
from engagement.outcomes import accepted, keep_text
from engagement.refusals import Refusal
from engagement.stop_querysets import go_through
from listening.way_out.states import address_said
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

State = Reply.State
DECISIONS = ("send_again", "mark_as_sent", "give_up")


@allowed("engagement.settle_delivery")
@transaction.atomic
def settle_delivery(reply: Reply, *, decision: str, url: str = "", by: Member, at: datetime) -> Reply:
    """Decide about a reply that was refused, is unknown, or has not gone out yet.

    `send_again` attempts it once more under the same key; `mark_as_sent` says that it is at the network, at `url`;
    `give_up` ends it (and withdraws it from approval), and its text is a draft again. What is unknown is looked up
    before anyone may try again.
    """
    if decision not in DECISIONS:
        raise ValidationError({"decision": _("Choose one: send it again, it was sent, or give up.")})
    go_through()
    hold(reply.assignment, "engagement.settle_delivery", by=by)
    row = hold_reply(reply.pk)
    before = {"state": row.state, "problem": row.problem}
    {"send_again": _send_again, "mark_as_sent": _mark_as_sent, "give_up": _give_up}[decision](row, url, at)
    replies_out.settled(row, decision, at=at)
    record("settle_delivery", row, by=by, at=at, before=before, after={"state": row.state, "decision": decision})
    told([row.assignment], at=at)
    return row


def _looked(row: Reply) -> None:
    if replies_out.still_looking(row):
        raise Refusal(_("Touchline is still checking whether it arrived. Wait for a minute, then decide."))


def _send_again(row: Reply, url: str, at: datetime) -> None:
    if row.state not in {State.UNKNOWN, State.REFUSED}:
        raise Refusal(_not_now(row))
    _looked(row)
    if row.post.was_said_internally:
        raise Refusal(_("This was said internally: it can never be answered in public."))
    only_in(row.assignment, [Assignment.State.OPEN, Assignment.State.CLAIMED, Assignment.State.SNOOZED])
    if row.state == State.REFUSED and (other := Reply.objects.under_way().filter(assignment=row.assignment_id).first()):
        raise Refusal(_("Another reply is on its way: “%(text)s”.") % {"text": other})
    row.looks, row.put_before_person_at, row.released_at = 0, None, None
    # Whoever has it sent again has the post and the thread before them as they are now.
    row.post_revision, row.thread_until = row.post.revision_count, newest_in_thread(row.post)
    row.save(update_fields=["looks", "put_before_person_at", "released_at", "post_revision", "thread_until"])
    Draft.objects.filter(assignment=row.assignment_id, member=row.by_id, text=row.text).delete()
    let_go(row, at=at)


def _mark_as_sent(row: Reply, url: str, at: datetime) -> None:
    if row.state not in {State.UNKNOWN, State.REFUSED}:
        raise Refusal(_not_now(row))
    accepted(row, remote_id=row.remote_id, remote_url=address_said(url), at=at, looks_left=False)


def _give_up(row: Reply, url: str, at: datetime) -> None:
    if row.state not in {State.UNKNOWN, State.REFUSED, State.READY, State.WAITING, State.HELD}:
        raise Refusal(_not_now(row))
    _looked(row)
    if row.state == State.WAITING:
        end_asking(row, at=at)
        told([row.assignment], at=at, counts=False)
    row.state, row.put_before_person_at = State.CANCELLED, None
    row.save(update_fields=["state", "put_before_person_at"])
    keep_text(row, at=at)


def _not_now(row: Reply) -> str:
    says = {
        State.WAITING: _("It waits for approval; only withdrawing is possible now."),
        State.HELD: _("It is held by the crisis stop; only giving up or letting it go is possible now."),
        State.SENT_BACK: _("An approver sent it back; its text is a draft again."),
        State.READY: _("It has not gone out yet; only giving up is possible now."),
        State.SENDING: _("It is being sent at this moment. Wait until that has ended."),
        State.ACCEPTED: _("It was sent; there is nothing to settle."),
        State.CANCELLED: _("It was given up already."),
    }
    return says[State(row.state)]


@allowed("engagement.settle_delivery")
@transaction.atomic
def reassign_delivery(reply: Reply, *, to: Member, by: Member, at: datetime) -> Reply:
    """Say who has to act on a delivery that failed or is unknown; they get a mail of their own if they do not."""
    hold(reply.assignment, "engagement.settle_delivery", by=by)
    row = hold_reply(reply.pk)
    if row.put_before_person_at is None:
        raise Refusal(_("There is nothing to decide about this reply now."))
    if not to.is_available(at):
        raise ValidationError({"to": _("%(name)s is away. Choose somebody who is here.") % {"name": to}})
    if not to.holds("engagement.settle_delivery", row.assignment.department_id):
        raise ValidationError({"to": _("%(name)s does not answer in this department.") % {"name": to}})
    before = {"owner": row.owner_id}
    row.owner = to
    row.save(update_fields=["owner"])
    record("reassign_delivery", row, by=by, at=at, before=before, after={"owner": to.pk, "owner_name": str(to)})
    told([row.assignment], at=at, counts=False)
    return row
