"""What each person had to do, and what came of it: beside each other by name, and with what one must know about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q

from engagement.models import Assignment
from measurement import metrics
from measurement.selecting import Selection
from measurement.sums import seconds_of
from measurement.windows import Window
from roles.models import Member

LONGEST = 92
# Of fewer pieces of work no median and no share is told: it would be chance.
FEWEST = 5


@dataclass(frozen=True)
class Work:
    """One person's work of some days."""

    member: Member
    assigned: int
    answered: int
    resolved: int
    reopened: int
    overdue: int
    share_in_time: float | None
    median: float | None


def seen_by(viewer: Member) -> Q:
    """The condition on assignments whose figures, person by person, somebody may see."""
    where = {key for row in viewer.held_positions if row.carries("measurement.read_people") for key in row.reach}
    return Q() if None in where else Q(department__in=where)


def by_person(selection: Selection, viewer: Member, *, at: datetime) -> list[Work]:
    """The people of the departments for which whoever looks may see it, by name; of three months at most."""
    wanted = selection.made() & Q(member__isnull=False) & seen_by(viewer)
    counted = {
        name: Count("pk", filter=metrics.COUNTED[name]) for name in ("answered", "in_time", "resolved", "reopened")
    }
    rows = Assignment.objects.filter(wanted).order_by().values("member")
    found: dict[int, Any] = {
        row["member"]: row
        for row in rows.annotate(
            assigned=Count("pk"),
            overdue=Count("pk", filter=metrics.overdue(at)),
            median=seconds_of(0.5, F("first_answered_at"), "mention__captured_at", counted=metrics.ANSWERED),
            **counted,
        )
    }
    people = Member.objects.filter(pk__in=list(found)).select_related("user").by_name()
    return [_work(member, found[member.pk]) for member in people]


def bounded(selection: Selection) -> Selection:
    """The same, of the last three months of its days where they are more."""
    window = selection.window
    if window.days <= LONGEST:
        return selection
    return replace(selection, window=Window(window.last - timedelta(days=LONGEST - 1), window.last, window.zone))


def table(rows: Sequence[Work]) -> list[list[Any]]:
    """The same as plain rows with a head, in the order of the page."""
    numbers = ("assigned", "answered", "resolved", "reopened", "overdue", "share_in_time", "median")
    return [[str(row.member), *(getattr(row, name) for name in numbers)] for row in rows]


def _work(member: Member, row: dict[str, Any]) -> Work:
    is_enough = row["answered"] >= FEWEST
    in_time = metrics.share_in_time(row["in_time"], row["answered"], row["overdue"])
    return Work(
        member, row["assigned"], row["answered"], row["resolved"], row["reopened"], row["overdue"],
        in_time if is_enough else None, row["median"] if is_enough else None,
    )  # fmt: skip
