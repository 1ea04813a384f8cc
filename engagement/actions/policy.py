"""Say how work finds a person, pass on what somebody has, and escalate what nobody takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement import reasons
from engagement.changes import told
from engagement.escalating import Escalating
from engagement.handing_over import pass_on
from engagement.models import Assignment, AssignmentPolicy, Escalation
from engagement.models.rules import Priority
from engagement.promises import Targets, reprioritized
from engagement.querysets import hold_lock
from roles import clock
from roles.actions.mail import write_mail
from roles.audit import record, record_many
from roles.models import Member, Organization, Role
from roles.permissions import allowed
from roles.speaking import in_words_for
from roles.tenancy import active_organization

FIELDS = (
    "languages", "skills", "prefers_seen", "sticks_days", "share_hours", "on_call_takes", "escalation_minutes",
    "escalates_in_business_hours",
)  # fmt: skip
ESCALATED = (
    "priority", "reasons", "escalates_at", "version", "target", "promise", "promised_at", "due_at", "warn_at",
    "paused_at", "first_due_at",
)  # fmt: skip
State = Assignment.State
AT_ONCE = 200


@allowed("engagement.set_policy")
@transaction.atomic
def set_policy(organization: Organization, /, *, by: Member | None, at: datetime, **fields: Any) -> AssignmentPolicy:
    """Say how the organization chooses who gets an assignment; it holds for what is given out from now on."""
    hold_lock()
    policy = AssignmentPolicy.objects.current()
    before = {name: getattr(policy, name) for name in FIELDS}
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"A policy has no {name!r}.")
        setattr(policy, name, value)
    policy.full_clean(exclude=["organization"])
    _within(policy)
    after = {name: getattr(policy, name) for name in FIELDS}
    if after != before:
        policy.save()
        record("set_policy", policy, by=by, at=at, before=before, after=after)
    return policy


def _within(policy: AssignmentPolicy) -> None:
    bounds = {"sticks_days": (0, 365), "share_hours": (1, 168), "escalation_minutes": (1, 60 * 24 * 30)}
    for name, (least, most) in bounds.items():
        value = getattr(policy, name)
        if value is not None and not least <= value <= most:
            span = {"least": least, "most": most}
            raise ValidationError({name: _("Give a number from %(least)s to %(most)s.") % span})


@allowed("engagement.hand_over")
@transaction.atomic
def hand_over(
    member: Member,
    *,
    to: Member | None,
    assignments: Iterable[int] | None = None,
    note: str = "",
    by: Member | None,
    at: datetime,
) -> tuple[int, int]:
    """Pass on what a member has, all or some of it, to a colleague or, with nobody named, to whom the policy chooses.

    What a reply is on its way for stays until that is settled. Returns how many were passed on, and how many stayed.
    """
    return pass_on(member, to=to, assignments=assignments, note=note, by=by, at=at)


@transaction.atomic
def escalate_due(*, at: datetime) -> int:
    """Make more urgent what nobody has taken in time, and tell the coaches on call; once for each moment set."""
    hold_lock()
    due = Assignment.objects.filter(state=State.OPEN, escalates_at__lte=at).order_by("escalates_at", "pk")
    held = due.select_for_update(no_key=True, of=("self",), skip_locked=True)
    rows = list(held.select_related("mention__post", "department", "target")[:AT_ONCE])
    if not rows:
        return 0
    called = _called(at)
    before = {row.pk: {"priority": row.priority} for row in rows}
    events, targets, escalating = [], Targets(), Escalating(at=at)
    for row in rows:
        assert row.escalates_at is not None
        events.append(
            Escalation(
                assignment=row, due_at=row.escalates_at, escalated_at=at, priority_before=row.priority,
                told=len(_concerned(called, row)),
            )
        )  # fmt: skip
        hours = escalating.hours(row.department_id)
        waited = max(1, round(clock.seconds_between(row.assigned_at or row.created_at, at, hours=hours) / 60))
        row.reasons = [*row.reasons, reasons.escalated(waited)]
        promised = reprioritized(row, max(Priority.URGENT.value, row.priority - 1), at=at, targets=targets)
        for name, value in promised.items():
            setattr(row, name, value)
        row.escalates_at = None
        row.version += 1
    Escalation.objects.bulk_create(events, ignore_conflicts=True)
    Assignment.objects.bulk_update(rows, ESCALATED, batch_size=AT_ONCE)
    record_many(
        "escalate", rows, by=None, at=at, before=before, after={row.pk: {"priority": row.priority} for row in rows}
    )
    _tell(called, rows, at=at)
    told(rows, at=at)
    return len(rows)


# Who is told, and the coach on call whose departments that concerns: themselves, or whom they stand in for.
Called = tuple[Member, Member]


def _called(at: datetime) -> list[Called]:
    coaches = list(Member.objects.active().with_role(Role.COACH).filter(is_on_call=True).with_positions())
    found = [(coach if coach.is_available(at) else coach.stand_in, coach) for coach in coaches]
    return [(who, coach) for who, coach in found if who is not None and who.is_available(at)]


def _concerned(called: Sequence[Called], row: Assignment) -> list[Member]:
    found = {
        who.pk: who
        for who, coach in called
        if Role.COACH in coach.roles_in(row.department_id) and who.holds("engagement.read", row.department_id)
    }
    return list(found.values())


def _tell(called: Sequence[Called], rows: Sequence[Assignment], *, at: datetime) -> None:
    for coach in {who.pk: who for who, _coach in called}.values():
        mine = [row for row in rows if coach in _concerned(called, row)]
        if not mine:
            continue
        with in_words_for(coach):
            subject = ngettext(
                "Nobody has taken %(n)s assignment", "Nobody has taken %(n)s assignments", len(mine)
            ) % {"n": len(mine)}  # fmt: skip
            write_mail(
                coach,
                key=f"escalation {mine[0].pk} {at.isoformat()}",
                kind="escalation",
                subject=subject,
                template="engagement/mail/escalation",
                context={
                    "rows": mine[:20],
                    "more": max(0, len(mine) - 20),
                    "heading": subject,
                    "action_url": f"{settings.SITE_URL}/o/{active_organization().slug}/queue/?tab=everyone",
                    "action_label": _("Open the queue"),
                },
                at=at,
            )
