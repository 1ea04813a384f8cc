"""Write the canvas, set goals, change and end them, look at them again on their day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from maturity.evidence.asked import Asked
from maturity.goal_metrics import GOAL_METRICS
from maturity.models import Canvas, Goal, GoalFigure
from maturity.standing import figures
from roles.audit import record
from roles.models import Department, Member, Organization
from roles.permissions import allowed

CELLS = ("who", "how", "when", "where")
LONGEST_CELL, LONGEST_TITLE, LONGEST_LESSON = 2000, 200, 500
Where = Organization | Department


@allowed("maturity.set_strategy")
@transaction.atomic
def set_canvas(
    whose: Where, /, *, review_on: date | None = None, by: Member | None, at: datetime, **cells: str
) -> Canvas:
    """Say with whom, how, when and where; what is not named stays as it was."""
    department = whose if isinstance(whose, Department) else None
    fresh = Canvas(department=department, changed_at=at)
    Canvas.objects.bulk_create([fresh], ignore_conflicts=True)
    row = Canvas.objects.select_for_update(of=("self",)).get(department=department)
    before = _facts_of_canvas(row)
    for name in CELLS:
        text = cells.get(name, getattr(row, name)).replace("\r\n", "\n").strip()
        if len(text) > LONGEST_CELL:
            raise ValidationError({name: _("At most %(n)s characters.") % {"n": LONGEST_CELL}})
        setattr(row, name, text)
    row.review_on = _later(review_on, at)
    if (after := _facts_of_canvas(row)) != before:
        row.changed_at, row.changed_by = at, by
        row.save()
        record("set_canvas", row, by=by, at=at, before=before, after=after)
    return row


@allowed("maturity.set_strategy")
@transaction.atomic
def add_goal(whose: Where, /, *, by: Member | None, at: datetime, **fields: Any) -> Goal:
    """Set a goal: title, metric, target in the metric's unit, owner, by when, and which goal it serves."""
    department = whose if isinstance(whose, Department) else None
    row = Goal(department=department, set_at=at, set_by=by)
    _fill(row, fields, at=at)
    row.began_at = figures([row.metric], Asked(at))[row.metric].get(row.department_id)
    row.save()
    GoalFigure.objects.create(goal=row, day=Asked(at).today, figure=row.began_at)
    record("add_goal", row, by=by, at=at, after=_facts_of_goal(row))
    return row


@allowed("maturity.set_strategy")
@transaction.atomic
def change_goal(goal: Goal, /, *, by: Member | None, at: datetime, **fields: Any) -> Goal:
    """Say it otherwise; with another metric it begins anew."""
    row = _held(goal)
    before = _facts_of_goal(row)
    metric = row.metric
    _fill(row, fields, at=at)
    if row.metric != metric:
        row.began_at = figures([row.metric], Asked(at))[row.metric].get(row.department_id)
        today = Asked(at).today
        row.figures.exclude(day=today).delete()
        # Another worker may keep the figure of this day in the same moment.
        GoalFigure.objects.update_or_create(goal=row, day=today, defaults={"figure": row.began_at})
    if (after := _facts_of_goal(row)) != before:
        row.save()
        record("change_goal", row, by=by, at=at, before=before, after=after)
    return row


@allowed("maturity.set_strategy")
@transaction.atomic
def end_goal(goal: Goal, /, *, outcome: str, lesson: str = "", by: Member | None, at: datetime) -> Goal:
    """Pursue it no longer: reached, not reached or given up, and what was learned."""
    row = _held(goal)
    if outcome not in Goal.Outcome.values:
        raise ValidationError({"outcome": _("Say how it ended.")})
    if len(lesson.strip()) > LONGEST_LESSON:
        raise ValidationError({"lesson": _("At most %(n)s characters.") % {"n": LONGEST_LESSON}})
    if row.ended_at is None:
        row.ended_at, row.outcome, row.lesson = at, outcome, lesson.strip()
        row.save(update_fields=["ended_at", "outcome", "lesson"])
        record("end_goal", row, by=by, at=at, after={"outcome": outcome, "lesson": row.lesson})
    return row


@allowed("maturity.set_strategy")
@transaction.atomic
def take_up_goal(goal: Goal, /, *, by: Member | None, at: datetime) -> Goal:
    """Pursue it again."""
    row = _held(goal)
    if row.ended_at is not None:
        record("take_up_goal", row, by=by, at=at, before={"outcome": row.outcome, "lesson": row.lesson})
        row.ended_at, row.outcome, row.lesson = None, "", ""
        row.save(update_fields=["ended_at", "outcome", "lesson"])
    return row


def keep_figures(*, at: datetime) -> int:
    """Keep the figures of the goals of the active organization that were not kept for a week; returns how many.

    Of a day there is one figure at most, however many workers look.
    """
    asked = Asked(at)
    rows = list(Goal.objects.to_be_counted(asked.today))
    found = figures({row.metric for row in rows}, asked)
    kept = [GoalFigure(goal=row, day=asked.today, figure=found[row.metric].get(row.department_id)) for row in rows]
    return len(GoalFigure.objects.bulk_create(kept, ignore_conflicts=True))


def _held(goal: Goal) -> Goal:
    return Goal.objects.select_for_update(of=("self",)).get(pk=goal.pk)


def _fill(row: Goal, fields: dict[str, Any], *, at: datetime) -> None:
    for name in ("title", "metric", "target", "owner", "under", "reach_by", "review_on"):
        if name in fields:
            setattr(row, name, fields[name])
    row.title = row.title.strip()
    target: float | None = fields.get("target", row.target)
    metric = GOAL_METRICS.get(row.metric)
    if not row.title or len(row.title) > LONGEST_TITLE:
        raise ValidationError({"title": _("Say what is to be reached, in at most %(n)s characters.")
                               % {"n": LONGEST_TITLE}})  # fmt: skip
    if metric is None:
        raise ValidationError({"metric": _("There is no such metric.")})
    if row.department_id is not None and not metric.of_departments:
        raise ValidationError({"metric": _("This is counted for the whole organization only.")})
    if target is None or not 0 <= target <= (1 if metric.kind == "share" else 1e9):
        raise ValidationError({"target": _("The target cannot be that.")})
    if row.owner is None or not row.owner.is_active:
        raise ValidationError({"owner": _("Somebody must answer for it.")})
    if row.reach_by is None:
        raise ValidationError({"reach_by": _("Say by when.")})
    _serves(row)
    if "review_on" in fields:
        row.review_on = _later(row.review_on, at)


def _serves(row: Goal) -> None:
    if row.under is None:
        return
    if row.department_id is None:
        raise ValidationError({"under": _("Only a department's goal serves another.")})
    if row.under.department_id is not None or row.under.ended_at is not None:
        raise ValidationError({"under": _("It serves a goal of the whole organization that is pursued.")})


def _later(day: date | None, at: datetime) -> date | None:
    if day is not None and day < Asked(at).today:
        raise ValidationError({"review_on": _("This day is over.")})
    return day


def _facts_of_canvas(row: Canvas) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in CELLS}, "review_on": str(row.review_on or "")}


def _facts_of_goal(row: Goal) -> dict[str, Any]:
    return {
        "title": row.title,
        "metric": row.metric,
        "target": row.target,
        "owner": str(row.owner or ""),
        "serves": str(row.under or ""),
        "reach_by": str(row.reach_by),
        "review_on": str(row.review_on or ""),
    }
