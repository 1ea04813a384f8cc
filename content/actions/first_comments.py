"""First comments: settling what went wrong."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from content.first_comments import comments_out
from content.gate import may_let_go
from content.models import FirstComment
from engagement.refusals import Refusal
from engagement.stop_querysets import go_through
from listening.way_out import states
from roles.audit import record
from roles.background import hint
from roles.models import Member
from roles.permissions import allowed
from roles.statements import by_key

State = FirstComment.State
DECISIONS = ("send_again", "mark_as_sent", "give_up")


@allowed("content.settle_publication")
@transaction.atomic
def settle_comment(comment: FirstComment, *, decision: str, url: str = "", by: Member, at: datetime) -> FirstComment:
    """Decide about a first comment that was refused, is held back or of unknown outcome, as about a publication."""
    if decision not in DECISIONS:
        raise ValidationError({"decision": _("Choose one: send it again, it was sent, or give up.")})
    go_through()
    comments_out.lock_above(comment.pk)
    row = by_key(comments_out.whole().select_for_update(of=("self",), no_key=True), comment.pk)
    if comments_out.still_looking(row):
        raise Refusal(_("Touchline is still checking whether it arrived. Wait for a minute, then decide."))
    if row.state not in {State.REFUSED, State.UNKNOWN, State.HELD}:
        raise Refusal(
            _("There is nothing of this kind to decide now: “%(state)s”.") % {"state": row.get_state_display()}
        )
    before = {"state": row.state, "problem": row.problem}
    match decision:
        case "send_again":
            if was_held := row.state == State.HELD:
                may_let_go(row, by=by)
            row.put_before_person_at, row.reminded_at, row.looks = None, None, 0
            row.released_at = at if was_held else None
            row.save(update_fields=["put_before_person_at", "reminded_at", "looks", "released_at"])
            states.make_ready(row, at=at)
            hint("content.tasks.publish_due")
        case "mark_as_sent":
            comments_out.accepted(
                row, remote_id="", remote_url=states.address_said(url), at=at, looks_left=False, seen=False
            )
        case _:
            row.state, row.put_before_person_at = State.CANCELLED, None
            row.save(update_fields=["state", "put_before_person_at"])
    comments_out.settled(row, decision, at=at)
    record("settle_comment", row, by=by, at=at, before=before, after={"state": row.state, "decision": decision})
    comments_out.told(row, at=at)
    return row
