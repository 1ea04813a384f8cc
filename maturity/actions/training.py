"""Write paths, take and confirm their steps, and begin and remind by themselves."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from maturity.drilling import by_person, ended_before, fates, has_enough, score_of
from maturity.models import Drill, GuidelineSection, StepDone, Training, TrainingPath, TrainingStep
from maturity.spent import day_of
from maturity.training_steps import done_steps, is_complete
from roles.actions.mail import write_mail
from roles.audit import record
from roles.links import inside_address
from roles.models import CustomRole, Department, Member, Organization, Position
from roles.permissions import CAPABILITIES, allowed
from roles.speaking import in_words_for
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
    section: GuidelineSection | None = None


@allowed("maturity.manage_training")
@transaction.atomic
def write_path(
    where: Organization | TrainingPath,
    *,
    steps: Sequence[Asked],
    name: str,
    due_days: int = 30,
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
    if any(step.kind == TrainingStep.Kind.ACKNOWLEDGE for step in steps) and not _says_yes(role, custom_role):
        raise ValidationError(
            {"steps": _("Who holds this role is not asked for a yes to the guidelines: let them read.")}
        )
    path.full_clean(exclude=["organization", "retired_at"])
    path.save()
    _write_steps(path, steps)
    record("write_path", path, by=by, at=at, before=before, after=_facts(path))
    keep_trainings(at=at)
    return path


def _says_yes(role: str, custom_role: CustomRole | None) -> bool:
    capability = "maturity.acknowledge"
    return capability in custom_role.capabilities if custom_role is not None else role in CAPABILITIES[capability]


def _write_steps(path: TrainingPath, steps: Sequence[Asked]) -> None:
    there = {(row.kind, row.title): row for row in path.steps.all()}
    # Numbers are free first, so that steps can change places.
    path.steps.update(number=F("number") + 1000)
    for number, step in enumerate(steps, 1):
        row = there.pop((step.kind, step.title), None) or TrainingStep(path=path, kind=step.kind, title=step.title)
        row.number, row.url, row.section = number, step.url, step.section
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
    """Say that one has read something."""
    if step.is_confirmed:
        raise ValidationError(_("Somebody else confirms this one."))
    if step.kind == TrainingStep.Kind.ACKNOWLEDGE:
        raise ValidationError(_("Say yes where it stands, on the page of the guidelines: that yes counts here."))
    if step.kind == TrainingStep.Kind.PUBLISH:
        raise ValidationError(_("Have a piece of yours published in-house: that counts here by itself."))
    _do(training, StepDone(step=step, done_at=at), by=by)


@allowed("maturity.confirm_step")
@transaction.atomic
def confirm_step(
    training: Training, *, step: TrainingStep, note: str = "", drill: Drill | None = None, by: Member, at: datetime
) -> None:
    """Confirm that somebody shadowed a colleague, or, by the score of a drill, that they can do it."""
    if not step.is_confirmed:
        raise ValidationError(_("This is for the person themselves to say."))
    made = StepDone(step=step, done_at=at, confirmed_by=by, note=note.strip()[:500])
    if step.kind == TrainingStep.Kind.DRILL:
        made.drill, made.score = drill, _passed(training, drill, at)
    _do(training, made, by=by)


def _passed(training: Training, drill: Drill | None, at: datetime) -> float:
    """The person's share of good answers in a drill that is over, where it is enough."""
    if drill is None or drill not in ended_before(at):
        raise ValidationError({"drill": _("Say by which drill that is over.")})
    lines = fates([drill])[drill.pk]
    score = dict(by_person(lines)).get(training.member)
    if score is None or not has_enough(score, asked=score_of(lines).asked):
        said = _("%(name)s answered too little in “%(drill)s” to be judged by it.")
        raise ValidationError({"drill": said % {"name": training.member, "drill": drill}})
    if score.unjudged:
        said = _("Say first of each answer in “%(drill)s” whether it is as the guidelines say.")
        raise ValidationError({"drill": said % {"drill": drill}})
    if not score.is_passed:
        said = _("%(good)s of %(n)s answers were in time, once, and as the guidelines say: not enough yet.")
        raise ValidationError({"drill": said % {"good": score.good, "n": score.asked}})
    return score.share or 0.0


def _do(training: Training, made: StepDone, *, by: Member) -> None:
    row = Training.objects.select_for_update(of=("self",)).with_steps().get(pk=training.pk)
    if row.finished_at is not None or row.ended_at is not None:
        raise ValidationError(_("This training is at its end."))
    if made.step.path_id != row.path_id:
        raise ValidationError(_("This step is on another path."))
    if any(earlier.step_id == made.step_id for earlier in row.done.all()):
        return
    made.training = row
    made.save()
    verb = "confirm_step" if made.confirmed_by else "take_step"
    after: dict[str, Any] = {"path": str(row.path), "step": str(made.step), "note": made.note}
    after |= {"drill": str(made.drill), "score": made.score} if made.drill else {}
    record(verb, row.member, by=by, at=made.done_at, after=after)
    finish_what_is_done([row.pk], at=made.done_at)


def finish_what_is_done(keys: Sequence[int], *, at: datetime) -> int:
    """Finish those of some trainings of which all steps are done; returns how many. Inside a transaction."""
    held = Training.objects.running().filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    rows = list(held.with_steps())
    done = done_steps(rows)
    complete = [row for row in rows if is_complete(row, done)]
    for row in complete:
        row.finished_at = at
        row.renews_on = _months_later(day_of(at), row.path.renew_months) if row.path.renew_months else None
        row.save(update_fields=["finished_at", "renews_on"])
        record("finish_training", row.member, by=None, at=at, after={"path": str(row.path), "round": row.round})
    return len(complete)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


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
    # A yes that came before the path was written, a section that was retired, or a piece that was published in-house,
    # may have been the last step.
    asking = Training.objects.running().filter(path__steps__kind__in=TrainingStep.SHOWN).distinct()
    return changed + finish_what_is_done(list(asking.values_list("pk", flat=True)), at=at)


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
    return row.finished_at is not None and row.renews_on is not None and day_of(at) >= row.renews_on - RENEWED


def _begin(path: TrainingPath, member_id: int, since: datetime, *, at: datetime) -> Training:
    last = path.trainings.filter(member=member_id).order_by("-round").first()
    is_newcomer = since > path.created_at
    return Training(
        path=path, member_id=member_id, round=last.round + 1 if last else 1, started_at=at,
        due_on=day_of(at) + timedelta(days=path.due_days), holds_replies=path.holds_replies and is_newcomer,
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
    day = day_of(at)
    rows = Training.objects.running().filter(due_on__lte=day + REMINDED, member__is_active=True)
    found = list(rows.select_related("path", "member__user").order_by("pk")[:500])
    for row in found:
        late = row.is_overdue(day)
        with in_words_for(row.member):
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
