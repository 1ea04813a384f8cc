"""The last look before something goes out: no crisis stop, and everybody's yes to exactly this text.

Whoever writes, releases, approves or sends passes here with `go_through()` held, so that a stop that was committed
before is seen.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop

from engagement.approving import ask_for_approval, digest_of, steps_for
from engagement.changes import told
from engagement.models import Reply, SendingStop
from listening.way_out import states
from roles.background import hint

State = Reply.State
DELIVER = "engagement.tasks.deliver_ready"


def stop_over(row: Reply) -> SendingStop | None:
    """The crisis stop that holds the reply back; one that a person let go is held only by what began since."""
    stops = SendingStop.objects.covering(row.channel.network, row.assignment.department_id)
    return stops.begun_after(row.released_at).order_by("pk").first()


def kept_back(row: Reply, *, at: datetime) -> bool:
    """Hold what is stopped, and ask for what nobody has approved as it is now; whether it may not go out yet."""
    if stop := stop_over(row):
        _hold_back(row, stop, at=at)
        return True
    steps = steps_for(row, at=at)
    if steps and row.approved_digest != digest_of(row):
        ask_for_approval(row, steps, at=at)
        return True
    return False


def let_go(row: Reply, *, at: datetime) -> None:
    """Have the reply sent as soon as a worker takes it, unless something keeps it back."""
    if kept_back(row, at=at):
        return
    states.make_ready(row, at=at)
    hint(DELIVER)


def _hold_back(row: Reply, stop: SendingStop, *, at: datetime) -> None:
    states.keep_back(row, State.HELD, gettext_noop("Nothing goes out now: %(reason)s") % {"reason": stop.reason})
    told([row.assignment], at=at, counts=False)
