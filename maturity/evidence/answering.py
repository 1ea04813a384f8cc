"""Evidence of answering."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum

from engagement.models import Assignment, ResponseTarget, SavedReply
from maturity.evidence.asked import Asked, Figures
from maturity.evidence.hearing import people_with, with_those_for_all
from measurement import metrics
from measurement.models import HourlyResponses
from roles.models import Member, Role

WEEKS = 4
HALF = 0.5
# Of one week: answered, answered in time, overdue now.
Week = tuple[int, int, int]


def answered_in_time(asked: Asked) -> Figures:
    """Share of what was due in the last four weeks, by the day the assignment was made, that was answered in time."""
    found: dict[int | None, float | None] = {}
    for key, weeks in answers_by_week(asked).items():
        answered, in_time, overdue = (sum(column) for column in zip(*weeks, strict=True))
        found[key] = metrics.share_in_time(in_time, answered, overdue)
    return found


def weeks_in_time(asked: Asked) -> Figures:
    """Of the last four weeks, those in which half or more of what was due was answered in time; quiet weeks count."""
    found: dict[int | None, float | None] = {}
    for key, weeks in answers_by_week(asked).items():
        shares = [metrics.share_in_time(in_time, answered, overdue) for answered, in_time, overdue in weeks]
        kept = [share is None or share >= HALF for share in shares]
        found[key] = sum(kept) if any(share is not None for share in shares) else None
    return found


def overdue_share(asked: Asked) -> Figures:
    """Share of the assignments that are not resolved and past the first response that was promised; as they are now."""
    rows = Assignment.objects.filter(metrics.UNRESOLVED, asked.answered("mention__network"), created_at__lte=asked.at)
    late = Count("pk", filter=metrics.overdue(asked.at))
    counts = rows.order_by().values_list("department").annotate(every=Count("pk"), late=late)
    found: dict[int | None, float | None] = {}
    for key, read in asked.with_below({key: (every, late) for key, every, late in counts}).items():
        every = sum(row[0] for row in read)
        found[key] = sum(row[1] for row in read) / every if every else 0
    return found


def responders(asked: Asked) -> Figures:
    """People whose position is to answer; as they are now. Those for the whole count in each department."""
    return people_with(asked, Role.RESPONDER)


def promises_made(asked: Asked) -> Figures:
    """Response targets that are written down; as they are now."""
    return {None: ResponseTarget.objects.filter(created_at__lte=asked.at).count()}


def people_on_call(asked: Asked) -> Figures:
    """Coaches whom a warning reaches first; as they are now."""
    rows = Member.objects.active().filter(is_on_call=True, positions__role=Role.COACH)
    return {None: rows.distinct().count()}


def answers_prepared(asked: Asked) -> Figures:
    """Saved replies in use; as they are now. A department has its own and those for everybody."""
    rows = SavedReply.objects.filter(state=SavedReply.State.IN_USE, created_at__lte=asked.at)
    return with_those_for_all(asked, dict(rows.order_by().values_list("department").annotate(Count("pk"))))


def answers_by_week(asked: Asked) -> Mapping[int | None, list[Week]]:
    """What was due in each of the last four weeks, the oldest first, by department; None is all of them."""
    spans = [_week(asked, number) for number in range(WEEKS)]
    whole = Q(hour__gte=asked.window.start, hour__lt=asked.window.end)
    sums = {}
    for number, (start, end) in enumerate(spans):
        inside = Q(hour__gte=start, hour__lt=end)
        sums[f"answered_{number}"] = Sum("answered", filter=inside, default=0)
        sums[f"in_time_{number}"] = Sum("in_time", filter=inside, default=0)
    rows = HourlyResponses.objects.filter(whole, asked.answered("network")).order_by()
    late = {
        f"late_{number}": Count("pk", filter=Q(created_at__gte=start, created_at__lt=end))
        for number, (start, end) in enumerate(spans)
    }
    overdue = Assignment.objects.filter(metrics.overdue(asked.at), asked.answered("mention__network")).order_by()
    own: dict[int, list[list[int]]] = {}
    read: list[Any] = [*rows.values("department_id").annotate(**sums)]
    for row in [*read, *overdue.values("department_id").annotate(**late)]:
        mine = own.setdefault(row["department_id"], [[0, 0, 0] for _week in spans])
        for number in range(WEEKS):
            for place, name in enumerate(("answered", "in_time", "late")):
                mine[number][place] += int(row.get(f"{name}_{number}", 0))
    return {key: _added(weeks) for key, weeks in asked.with_below(own).items() if weeks or key is None}


def _added(read: Iterable[list[list[int]]]) -> list[Week]:
    """The weeks of several departments together."""
    nothing = [[0, 0, 0] for _week in range(WEEKS)]
    return [
        (sum(week[0] for week in weeks), sum(week[1] for week in weeks), sum(week[2] for week in weeks))
        for weeks in zip(nothing, *read, strict=True)
    ]


def _week(asked: Asked, number: int) -> tuple[datetime, datetime]:
    window = asked.window
    first = window.first + timedelta(days=7 * number)
    one = type(window)(first, first + timedelta(days=6), window.zone)
    return one.start, one.end
