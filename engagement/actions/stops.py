"""The crisis stop: nothing goes out until it is lifted, and what it held goes only by hand."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from engagement.actions.rows import hold_reply
from engagement.gate import let_go
from engagement.models import Assignment, Reply, SendingStop
from engagement.refusals import Refusal
from engagement.stop_querysets import close_the_door, go_through
from listening import networks
from roles.audit import record
from roles.live import look_again
from roles.models import Department, Member, Organization
from roles.permissions import allowed

State = Reply.State
AT_ONCE = 200


@allowed("engagement.stop_sending")
@transaction.atomic
def stop_sending(
    organization: Organization, *, reason: str, network: str = "", department: Department | None = None, by: Member,
    at: datetime,
) -> SendingStop:  # fmt: skip
    """Let nothing more go out, everywhere or on one network or for one department.

    Whoever is letting something out at this moment ends first; whoever begins after this commits sees it.
    """
    reason = reason.strip()[:500]
    if not reason:
        raise ValidationError({"reason": _("Say why, so that everybody who waits knows.")})
    if network and network not in dict(networks.choices()):
        raise ValidationError({"network": _("There is no such network.")})
    close_the_door()
    try:
        with transaction.atomic():
            made = SendingStop.objects.create(
                network=network, department=department, reason=reason, by=by, started_at=at
            )
    except IntegrityError:
        raise Refusal(_("This is stopped already.")) from None
    held = Reply.objects.stopped_by(made).filter(state=State.READY).update(
        state=State.HELD, problem=(gettext_noop("Nothing goes out now: %(reason)s") % {"reason": reason})[:500]
    )  # fmt: skip
    record("stop_sending", made, by=by, at=at, after=_reach(made) | {"reason": reason, "held": held})
    look_again("queue")
    return made


@allowed("engagement.stop_sending")
@transaction.atomic
def lift_stop(stop: SendingStop, *, by: Member, at: datetime) -> SendingStop:
    """Let new replies go out again; what was held stays until somebody lets it go."""
    close_the_door()
    row = SendingStop.objects.select_for_update(of=("self",)).get(pk=stop.pk)
    if row.lifted_at is not None:
        raise Refusal(_("This stop is lifted already."))
    row.lifted_by, row.lifted_at = by, at
    row.save(update_fields=["lifted_by", "lifted_at"])
    record("lift_stop", row, by=by, at=at, before=_reach(row))
    look_again("queue")
    return row


@allowed("engagement.stop_sending")
@transaction.atomic
def release_held(reply: Reply, *, by: Member, at: datetime) -> Reply:
    """Let one held reply go, even while the stop goes on: a stop that begins later holds it again."""
    go_through()
    row = _hold(reply)
    if row.state != State.HELD:
        raise Refusal(_("This reply is not held: %(state)s.") % {"state": row.get_state_display()})
    _release(row, by=by, at=at)
    return row


@allowed("engagement.stop_sending")
def release_all(organization: Organization, *, by: Member, at: datetime) -> int:
    """Let go everything that no stop in force holds; returns how many, at most some hundreds at once."""
    ready = 0
    # One transaction each: whatever stops this on the way, what was let go is let go.
    for row in Reply.objects.held().with_everything()[:AT_ONCE]:
        with transaction.atomic():
            go_through()
            now = _hold(row)
            stops = SendingStop.objects.covering(now.channel.network, now.assignment.department_id)
            if now.state == State.HELD and not stops.exists():
                _release(now, by=by, at=at)
                ready += 1
    return ready


def _hold(reply: Reply) -> Reply:
    Assignment.objects.select_for_update(no_key=True).get(pk=reply.assignment_id)
    return hold_reply(reply.pk)


def _release(row: Reply, *, by: Member, at: datetime) -> None:
    row.released_at = at
    row.save(update_fields=["released_at"])
    let_go(row, at=at)
    record("release_held", row, by=by, at=at, after={"state": row.state})
    look_again("queue")


def _reach(stop: SendingStop) -> dict[str, str]:
    return {"network": stop.network, "department": str(stop.department or "")}
