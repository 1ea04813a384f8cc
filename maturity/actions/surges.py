"""Prepare for more than usual; what a plan does when it is switched on and off stands in `surging.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import RoutingRule, SavedReply
from maturity.models import SurgePart, SurgePlan
from maturity.surging import bring, ended_warnings, fitting_warning, hold, may_promise, promise, take_away, tell
from roles.audit import record
from roles.live import look_again
from roles.models import Department, Member, Organization, Role
from roles.permissions import allowed, require

FIELDS = (
    "title", "note", "factor", "trigger", "starts_at", "ends_at", "severity", "query", "lasts_minutes",
    "first_response_minutes", "capacity", "holds_content",
)  # fmt: skip
# What no person fills in.
OURS = (
    "organization", "department", "state", "planned_at", "planned_by", "on_at", "on_by", "off_at", "off_by", "warning",
    "target", "minutes_before", "made_target", "lessons",
)  # fmt: skip
MOST_PARTS = 60
State = SurgePlan.State


@allowed("maturity.plan_surges")
@transaction.atomic
def plan_surge(
    where: Organization | Department,
    /,
    *,
    members: Sequence[Member] = (),
    on_call: Sequence[Member] = (),
    rules: Sequence[RoutingRule] = (),
    saved_replies: Sequence[SavedReply] = (),
    by: Member | None,
    at: datetime,
    **fields: Any,
) -> SurgePlan:
    """Plan for a time in which more comes: who helps, which rules and saved replies apply, what is promised."""
    row = SurgePlan(department=where if isinstance(where, Department) else None, planned_at=at, planned_by=by)
    _set(row, fields, at)
    parts = {"members": members, "on_call": on_call, "rules": rules, "saved_replies": saved_replies}
    _check_parts(parts, by=by)
    row.save()
    _set_parts(row, parts)
    record("plan_surge", row, by=by, at=at, after=_facts(row))
    return row


@allowed("maturity.plan_surges")
@transaction.atomic
def change_surge(
    plan: SurgePlan,
    /,
    *,
    members: Sequence[Member] | None = None,
    on_call: Sequence[Member] | None = None,
    rules: Sequence[RoutingRule] | None = None,
    saved_replies: Sequence[SavedReply] | None = None,
    by: Member | None,
    at: datetime,
    **fields: Any,
) -> SurgePlan:
    """Change a plan that has not come into force; what is not named stays as it is, and nobody asks about it again."""
    row = hold(plan)
    if row.state != State.PLANNED:
        raise ValidationError(_("It has come into force, or is over: plan another."))
    before = _facts(row)
    _set(row, fields, at)
    row.save()
    said = {"members": members, "on_call": on_call, "rules": rules, "saved_replies": saved_replies}
    named: dict[str, Sequence[Any]] = {name: parts for name, parts in said.items() if parts is not None}
    _check_parts(named, by=by)
    _set_parts(row, _parts_of(row) | named)
    if (after := _facts(row)) != before:
        record("change_surge", row, by=by, at=at, before=before, after=after)
    return row


@allowed("maturity.plan_surges")
@transaction.atomic
def drop_surge(plan: SurgePlan, *, by: Member | None, at: datetime) -> SurgePlan:
    """Drop a plan that is not needed; it stays to be read."""
    row = hold(plan)
    if row.state == State.PLANNED:
        row.state = State.DROPPED
        row.save(update_fields=["state"])
        record("drop_surge", row, by=by, at=at)
    return row


@allowed("maturity.plan_surges")
@transaction.atomic
def switch_surge_on(plan: SurgePlan, *, by: Member | None, at: datetime, warning: Any = None) -> SurgePlan:
    """Bring into force what the plan prepared; whoever comes second finds it done."""
    row = hold(plan)
    if row.state != State.PLANNED:
        return row
    row.state, row.on_at, row.on_by, row.warning = State.ON, at, by, warning
    brought = bring(row, at=at)
    row.save()
    record("switch_surge_on", row, by=by, at=at, after={"brought": brought, "warning": str(warning or "")})
    tell(row, begins=True, at=at)
    look_again("queue")
    return row


@allowed("maturity.plan_surges")
@transaction.atomic
def switch_surge_off(plan: SurgePlan, *, by: Member | None, at: datetime) -> SurgePlan:
    """Take away what the plan brought, and nothing else; what came in the meantime stays with whoever has it."""
    row = hold(plan)
    if row.state != State.ON:
        return row
    row.state, row.off_at, row.off_by = State.OVER, at, by
    taken = take_away(row, at=at)
    row.save()
    record("switch_surge_off", row, by=by, at=at, after={"taken": taken})
    tell(row, begins=False, at=at)
    look_again("queue")
    return row


@allowed("maturity.plan_surges")
@transaction.atomic
def write_lessons(plan: SurgePlan, *, text: str, by: Member | None, at: datetime) -> SurgePlan:
    """Write down what was learned, for the next one."""
    row = hold(plan)
    if row.state not in (State.ON, State.OVER):
        raise ValidationError({"text": _("There is nothing to learn from it yet.")})
    if len(text.strip()) > 4000:
        raise ValidationError({"text": _("At most 4,000 characters.")})
    before, row.lessons = row.lessons, text.strip()
    if row.lessons != before:
        row.save(update_fields=["lessons"])
        record("write_lessons", row, by=by, at=at, before={"lessons": before}, after={"lessons": row.lessons})
    return row


def look_after_surges(*, at: datetime) -> int:
    """Switch plans of the active organization on and off by time and by warnings; returns how many were switched."""
    switched = 0
    for plan in SurgePlan.objects.due_to_begin(at):
        # A house that stood still over all of it does not make up for it.
        if plan.ends_at is not None and plan.ends_at <= at:
            drop_surge(plan, by=None, at=at)
        else:
            switched += switch_surge_on(plan, by=None, at=at).on_at == at
    for plan in SurgePlan.objects.waiting_for_a_warning():
        if (warning := fitting_warning(plan, at=at)) is not None:
            switched += switch_surge_on(plan, by=None, at=at, warning=warning).on_at == at
    for plan in SurgePlan.objects.owing_a_promise():
        _promise_later(plan, at=at)
    over = [*SurgePlan.objects.due_to_end(at), *ended_warnings(at)]
    return switched + sum(switch_surge_off(plan, by=None, at=at).off_at == at for plan in over)


@transaction.atomic
def _promise_later(plan: SurgePlan, *, at: datetime) -> None:
    """Make the promise of a plan in force, now that the level of its place has opened it."""
    if not may_promise(plan):
        return
    row = hold(plan)
    if row.state != State.ON or row.target_id is not None:
        return
    promise(row, at=at)
    row.save(update_fields=["target", "made_target", "minutes_before"])
    record("promise_surge", row, by=None, at=at, after={"first_response_minutes": row.first_response_minutes})
    look_again("queue")


def _set(row: SurgePlan, fields: dict[str, Any], at: datetime) -> None:
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"A surge plan has no {name!r}.")
        setattr(row, name, value)
    row.title, row.note = " ".join(row.title.split()), row.note.strip()
    if row.ends_at is not None and row.ends_at <= at:
        raise ValidationError({"ends_at": _("This time has passed.")})
    row.full_clean(exclude=OURS)


def _parts_of(row: SurgePlan) -> dict[str, Sequence[Any]]:
    """The people, rules and saved replies of a plan, as they are named when it is made."""
    parts = list(row.parts.select_related("member__user", "rule", "saved_reply"))
    return {
        # Who has left helps no more, and does not keep the plan from being changed.
        "members": [part.member for part in parts if part.member and part.member.is_active and not part.is_on_call],
        "on_call": [part.member for part in parts if part.member and part.member.is_active and part.is_on_call],
        "rules": [part.rule for part in parts if part.rule],
        "saved_replies": [part.saved_reply for part in parts if part.saved_reply],
    }


def _check_parts(named: Mapping[str, Sequence[Any]], *, by: Member | None) -> None:
    """Refuse whoever has left, who cannot be on call, and what `by` may not put to use."""
    for member in (*named.get("members", ()), *named.get("on_call", ())):
        if not member.is_active:
            raise ValidationError({"members": _("%(name)s has left.") % {"name": member}})
    if by is not None:
        for rule in named.get("rules", ()):
            require(by, "engagement.manage_rules", rule)
        for saved_reply in named.get("saved_replies", ()):
            require(by, "engagement.manage_saved_replies", saved_reply)
    if any(Role.COACH not in member.roles for member in named.get("on_call", ())):
        raise ValidationError({"on_call": _("Only a coach can be on call.")})


def _set_parts(row: SurgePlan, said: Mapping[str, Sequence[Any]]) -> None:
    wanted, on_call = [*said["members"], *said["rules"], *said["saved_replies"]], said["on_call"]
    if len(wanted) + len(on_call) > MOST_PARTS:
        raise ValidationError(_("At most %(n)s people, rules and saved replies.") % {"n": MOST_PARTS})
    row.parts.all().delete()
    kinds = {Member: "member", RoutingRule: "rule", SavedReply: "saved_reply"}
    parts = [SurgePart(plan=row, **{kinds[type(part)]: part}) for part in dict.fromkeys(wanted)]
    parts += [SurgePart(plan=row, member=member, is_on_call=True) for member in dict.fromkeys(on_call)]
    SurgePart.objects.bulk_create(parts)


def _facts(row: SurgePlan) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in FIELDS if name != "note"}
    rows = list(row.parts.select_related("member__user", "rule", "saved_reply"))
    return {name: value if isinstance(value, int | None) else str(value) for name, value in said.items()} | {
        "brings": sorted(str(part) for part in rows if not part.is_on_call),
        "on_call": sorted(str(part) for part in rows if part.is_on_call),
    }
