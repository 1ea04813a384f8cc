"""Write paths, take and confirm their steps, and begin and remind by themselves."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from maturity.models import StepDone, Training, TrainingPath, TrainingStep
from roles.actions.mail import write_mail
from roles.audit import record
from roles.links import inside_address
from roles.models import CustomRole, Department, Member, Organization, Position
from roles.permissions import allowed
from roles.tenancy import active_organization

MOST_STEPS = 30
# So long before it is due one is reminded, and a renewal begins.
REMINDED, RENEWED = timedelta(days=3), timedelta(days=30)
FIELDS = ("name", "role", "custom_role", "department", "due_days", "renew_months", "holds_replies")


@dataclass(frozen=True)
class Asked:
    """A step as it is written."""

    kind: str
    title: str
    url: str = ""


@allowed("maturity.manage_training")
@transaction.atomic
def write_path(
    where: Organization | TrainingPath,
    *,
    steps: Sequence[Asked],
    name: str,
    due_days: int,
    role: str = "",
    custom_role: CustomRole | None = None,
    department: Department | None = None,
    renew_months: int | None = None,
    holds_replies: bool = False,
    by: Member | None,
    at: datetime,
) -> TrainingPath:
    """Write a path, or change one; steps that stay as they were stay done."""
    path = where if isinstance(where, TrainingPath) else TrainingPath(created_at=at)
    before = _facts(path) if path.pk else None
    path.name, path.role, path.custom_role, path.department = name.strip(), role, custom_role, department
    path.due_days, path.renew_months, path.holds_replies = due_days, renew_months, holds_replies
    if bool(role) == bool(custom_role):
        raise ValidationError({"role": _("Choose a role.")})
    if not 1 <= len(steps) <= MOST_STEPS:
        raise ValidationError({"steps": _("Write one step at least, and at most %(most)s.") % {"most": MOST_STEPS}})
    path.full_clean(exclude=["organization", "retired_at"])
    path.save()
    _write_steps(path, steps)
    record("write_path", path, by=by, at=at, before=before, after=_facts(path))
    keep_trainings(at=at)
    return path


def _write_steps(path: TrainingPath, steps: Sequence[Asked]) -> None:
    there = {(row.kind, row.title): row for row in path.steps.all()}
    # Numbers are free first, so that steps can change places.
    path.steps.update(number=F("number") + 1000)
    for number, step in enumerate(steps, 1):
        row = there.pop((step.kind, step.title), None) or TrainingStep(path=path, kind=step.kind, title=step.title)
        row.number, row.url = number, step.url
        row.full_clean(exclude=["organization"])
        row.save()
    TrainingStep.objects.filter(pk__in=[row.pk for row in there.values()]).delete()


def _facts(path: TrainingPath) -> dict[str, Any]:
    facts = {name: getattr(path, name) for name in FIELDS}
    facts |= {"custom_role": str(path.custom_role or ""), "department": str(path.department or "")}
    return facts | {"steps": [f"{row.kind}: {row.title}" for row in path.steps.order_by("number")]}


@allowed("maturity.manage_training")
@transaction.atomic
def retire_path(path: TrainingPath, *, by: Member | None, at: datetime) -> None:
    """Ask it of nobody any more; what was done stays to be read."""
    if path.retired_at is None:
        path.retired_at = at
        path.save(update_fields=["retired_at"])
        Training.objects.running().filter(path=path).update(ended_at=at)
        record("retire_path", path, by=by, at=at)


@allowed("maturity.take_step")
@transaction.atomic
def take_step(training: Training, *, step: TrainingStep, by: Member, at: datetime) -> None:
    """Say that one has read or acknowledged something."""
    if step.is_confirmed:
        raise ValidationError(_("Somebody else confirms this one."))
    _do(training, step, by=by, confirmed_by=None, note="", at=at)


@allowed("maturity.confirm_step")
@transaction.atomic
def confirm_step(training: Training, *, step: TrainingStep, note: str = "", by: Member, at: datetime) -> None:
    """Confirm that somebody shadowed a colleague, or stood a drill."""
    if not step.is_confirmed:
        raise ValidationError(_("This is for the person themselves to say."))
    _do(training, step, by=by, confirmed_by=by, note=note, at=at)


def _do(
    training: Training, step: TrainingStep, *, by: Member, confirmed_by: Member | None, note: str, at: datetime
) -> None:
    row = Training.objects.select_for_update(of=("self",)).select_related("path", "member__user").get(pk=training.pk)
    if row.finished_at is not None or row.ended_at is not None:
        raise ValidationError(_("This training is at its end."))
    if step.path_id != row.path_id:
        raise ValidationError(_("This step is on another path."))
    made, is_new = StepDone.objects.get_or_create(
        training=row, step=step, defaults={"done_at": at, "confirmed_by": confirmed_by, "note": note.strip()[:500]}
    )
    if not is_new:
        return
    verb = "confirm_step" if confirmed_by else "take_step"
    record(verb, row.member, by=by, at=at, after={"path": str(row.path), "step": str(made.step), "note": made.note})
    if not TrainingStep.objects.filter(path=row.path).exclude(pk__in=row.done.values("step")).exists():
        _finish(row, at=at)


def _finish(row: Training, *, at: datetime) -> None:
    row.finished_at = at
    row.renews_on = _months_later(_day(at), row.path.renew_months) if row.path.renew_months else None
    row.save(update_fields=["finished_at", "renews_on"])
    record("finish_training", row.member, by=None, at=at, after={"path": str(row.path), "round": row.round})


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(active_organization().time_zone)).date()


@transaction.atomic
def keep_trainings(*, at: datetime) -> int:
    """Begin what somebody's role asks for, renew what lapses, end what is asked no more; returns how many changed.

    The organization's row is the lock: of two workers one finds everything done already.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=active_organization().pk)
    changed = 0
    for path in TrainingPath.objects.filter(retired_at=None).select_related("department", "custom_role"):
        held = _asked_of(path)
        last = {row.member_id: row for row in path.trainings.order_by("round")}
        changed += path.trainings.running().exclude(member__in=held).update(ended_at=at)
        fresh = [_begin(path, key, since, at=at) for key, since in held.items() if _starts(last.get(key))]
        again = [_again(row, at=at) for key, row in last.items() if key in held and _renews(row, at=at)]
        Training.objects.bulk_create([*fresh, *again], ignore_conflicts=True)
        changed += len(fresh) + len(again)
    return changed


def _asked_of(path: TrainingPath) -> dict[int, datetime]:
    """Who holds the path's role where it counts, and since when."""
    rows = Position.objects.in_force().filter(role=path.role, custom_role=path.custom_role, member__is_active=True)
    if path.department is not None:
        rows = rows.reaching(path.department.pk)
    found: dict[int, datetime] = {}
    for member_id, since in rows.values_list("member_id", "created_at"):
        found[member_id] = min(since, found.get(member_id, since))
    return found


def _starts(last: Training | None) -> bool:
    return last is None or (last.ended_at is not None and last.finished_at is None)


def _renews(row: Training, *, at: datetime) -> bool:
    return row.finished_at is not None and row.renews_on is not None and _day(at) >= row.renews_on - RENEWED


def _begin(path: TrainingPath, member_id: int, since: datetime, *, at: datetime) -> Training:
    last = path.trainings.filter(member=member_id).order_by("-round").first()
    is_newcomer = since > path.created_at
    return Training(
        path=path, member_id=member_id, round=last.round + 1 if last else 1, started_at=at,
        due_on=_day(at) + timedelta(days=path.due_days), holds_replies=path.holds_replies and is_newcomer,
    )  # fmt: skip


def _again(row: Training, *, at: datetime) -> Training:
    assert row.renews_on is not None
    return Training(
        path=row.path, member_id=row.member_id, round=row.round + 1, started_at=at, due_on=row.renews_on,
        holds_replies=row.path.holds_replies,
    )  # fmt: skip


@transaction.atomic
def remind_of_trainings(*, at: datetime) -> int:
    """Write to who has something due soon or late; once for each."""
    day = _day(at)
    rows = Training.objects.running().filter(due_on__lte=day + REMINDED, member__is_active=True)
    found = list(rows.select_related("path", "member__user").order_by("pk")[:500])
    for row in found:
        late = row.is_overdue(day)
        subject = _("“%(path)s” is late") if late else _("“%(path)s” is due soon")
        write_mail(
            row.member,
            key=f"training {row.pk} {'late' if late else 'soon'}",
            kind="training",
            subject=subject % {"path": row.path},
            template="maturity/mail/training",
            context={
                "row": row, "is_late": late, "heading": subject % {"path": row.path},
                "action_url": inside_address("maturity:training"), "action_label": _("Open the training"),
            },
            at=at,
        )  # fmt: skip
    return len(found)
