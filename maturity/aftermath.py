"""After a surge: what came beside what was expected, who worked how long, what was kept, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from engagement.models import Assignment
from listening.models import EarlyWarning
from maturity.evidence.asked import Asked
from maturity.models import SurgePlan
from maturity.spent import day_of, spent_in
from maturity.teams import coached_by, may_see_total
from measurement import metrics
from measurement.models import HourlyMentions, HourlyResponses
from roles.models import AuditEntry, Member
from roles.sentences import sentence, with_names

WEEKS = 4
SHOWN = 40
HOUR = timedelta(hours=1)
# What people decide in such a time, beside the work itself.
DECISIONS = (
    "add_rule", "change_rule", "remove_rule", "order_rules", "move_rule", "restore_rules", "set_policy", "add_target",
    "change_target", "remove_target", "stop_sending", "lift_stop", "set_level", "open_early", "close_early",
    "add_guideline", "change_guideline", "take_up_saved_reply", "retire_saved_reply", "add_saved_reply",
    "change_saved_reply", "give_position", "take_position", "set_on_call", "raise_warning", "close_warning",
    "switch_surge_on", "switch_surge_off",
)  # fmt: skip


@dataclass(frozen=True)
class Aftermath:
    """What became of one surge, by whole hours."""

    begins_at: datetime
    ends_at: datetime
    mentions: int
    mentions_usual: float
    assigned: int
    assigned_usual: float
    answered: int
    in_time: int
    overdue: int
    # Seconds by person, for those who coach them; and of everybody who worked then.
    worked: Sequence[tuple[Member, float]]
    # None where so few work there that it would be somebody's own time.
    worked_seconds: float | None
    decided: Sequence[tuple[AuditEntry, str]]
    warnings: Sequence[EarlyWarning]

    @property
    def factor(self) -> float | None:
        """How many times as much work as usual came; None where there was none to compare with."""
        return self.assigned / self.assigned_usual if self.assigned_usual else None


def aftermath(plan: SurgePlan, viewer: Member, *, at: datetime) -> Aftermath | None:
    """What came of a plan that is or was in force; None where it never was."""
    if plan.on_at is None:
        return None
    begins, ends = _whole_hours(plan.on_at, plan.off_at or at)
    asked = Asked(at)
    now = _counts(asked, plan, begins, ends)
    weeks = [timedelta(weeks=number) for number in range(1, WEEKS + 1)]
    usual = [_counts(asked, plan, begins - week, ends - week) for week in weeks]
    spent = spent_in(day_of(begins), day_of(ends - timedelta(seconds=1)), plan.department)
    people = coached_by(viewer).filter(pk__in=spent)
    entries = AuditEntry.objects.filter(at__gte=plan.on_at, at__lte=plan.off_at or at, verb__in=DECISIONS)
    warnings = EarlyWarning.objects.filter(began_at__lt=ends).exclude(ended_at__lt=begins).order_by("pk")
    return Aftermath(
        begins_at=begins,
        ends_at=ends,
        mentions=now["captured"],
        mentions_usual=sum(one["captured"] for one in usual) / WEEKS,
        assigned=now["assigned"],
        assigned_usual=sum(one["assigned"] for one in usual) / WEEKS,
        answered=now["answered"],
        in_time=now["in_time"],
        overdue=_overdue(asked, plan, begins, ends),
        worked=[(member, spent[member.pk]) for member in people],
        worked_seconds=sum(spent.values()) if may_see_total(viewer, plan.department) else None,
        decided=[(entry, sentence(entry)) for entry in with_names(entries.order_by("pk")[:SHOWN])],
        warnings=list(warnings[:SHOWN]),
    )


def _whole_hours(begins: datetime, ends: datetime) -> tuple[datetime, datetime]:
    first, last = (moment.replace(minute=0, second=0, microsecond=0) for moment in (begins, ends))
    return first, last if last == ends and last > first else last + HOUR


def _counts(asked: Asked, plan: SurgePlan, begins: datetime, ends: datetime) -> dict[str, int]:
    """Mentions heard, and what became of the assignments made, in some hours."""
    heard = HourlyMentions.objects.filter(asked.heard("network"), query_id=0, hour__gte=begins, hour__lt=ends)
    rows = HourlyResponses.objects.filter(asked.answered("network"), hour__gte=begins, hour__lt=ends)
    if plan.department_id is not None:
        rows = rows.filter(department__in=asked.reach[plan.department_id])
    sums = rows.aggregate(
        assigned=Sum("assigned", default=0), answered=Sum("answered", default=0), in_time=Sum("in_time", default=0)
    )
    return {"captured": heard.aggregate(sum=Sum("captured", default=0))["sum"], **sums}


def _overdue(asked: Asked, plan: SurgePlan, begins: datetime, ends: datetime) -> int:
    rows = Assignment.objects.filter(
        metrics.overdue(asked.at), asked.answered("network"), created_at__gte=begins, created_at__lt=ends
    )
    if plan.department_id is not None:
        rows = rows.filter(department__in=asked.reach[plan.department_id])
    return rows.count()
