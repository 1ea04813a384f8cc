"""What is known of how it ended, and looking again when some days have passed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.actions.assignments import LONGEST_FOLLOW_UP, reopen
from engagement.actions.rows import hold, only_in
from engagement.changes import told
from engagement.models import Assignment, FollowUp, Satisfaction
from engagement.querysets import hold_lock
from engagement.refusals import Refusal
from listening.models import Post
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed


@allowed("engagement.note_satisfaction")
@transaction.atomic
def note_satisfaction(
    assignment: Assignment, *, value: str, by: Member | None, at: datetime, post: Post | None = None
) -> Assignment:
    """Keep whether the author was content, and who says so; an empty value takes it back.

    What a member noted is not written over by what the application reads from a `post`.
    """
    if value not in {"", *Satisfaction.Value.values}:
        raise ValidationError({"value": _("Satisfied, not satisfied, or nothing.")})
    before = Satisfaction.objects.select_for_update(of=("self",)).filter(assignment=assignment).first()
    if by is None and before is not None:
        return assignment
    if not value:
        Satisfaction.objects.filter(assignment=assignment).delete()
    else:
        source = Satisfaction.Source.MEMBER if by else Satisfaction.Source.AUTHOR
        Satisfaction.objects.update_or_create(
            assignment=assignment,
            defaults={"value": value, "source": source, "by": by, "post": post, "noted_at": at},
        )
    record(
        "note_satisfaction", assignment, by=by, at=at,
        before={"value": before.value if before else ""}, after={"value": value},
    )  # fmt: skip
    told([assignment], at=at, counts=False)
    return assignment


@allowed("engagement.plan_follow_up")
@transaction.atomic
def plan_follow_up(assignment: Assignment, *, days: int, by: Member, at: datetime) -> Assignment:
    """Look again at a resolved assignment in so many days, instead of what was planned; 0 plans nothing."""
    if not 0 <= days <= LONGEST_FOLLOW_UP:
        raise ValidationError({"days": _("Choose at most %(days)s days.") % {"days": LONGEST_FOLLOW_UP}})
    row = hold(assignment, "engagement.plan_follow_up", by=by)
    only_in(row, [Assignment.State.RESOLVED])
    row.follow_ups.pending().update(done_at=at, outcome=FollowUp.Outcome.DROPPED)
    if days:
        row.follow_ups.create(by=by, set_at=at, due_at=at + timedelta(days=days))
    record("plan_follow_up", row, by=by, at=at, after={"days": days})
    told([row], at=at, counts=False)
    return row


def follow_up_next(*, at: datetime) -> bool:
    """Do what one follow-up asks whose time has come, once; returns whether there was one."""
    with transaction.atomic():
        hold_lock()  # as everyone who gives work; two workers find different ones
        row = FollowUp.objects.due(at).select_related("assignment", "by__user").first()
        if row is None:
            return False
        outcome = FollowUp.Outcome.NEEDLESS
        if not row.assignment.is_open:
            try:
                with transaction.atomic():
                    reopen(row.assignment, by=None, at=at, follows_up=str(row.by or _("Somebody")))
                outcome = FollowUp.Outcome.REOPENED
            except Refusal:  # the same mention is being worked on in another assignment
                pass
        FollowUp.objects.filter(pk=row.pk).update(done_at=at, outcome=outcome)
        return True
