"""Where each KPI stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from measurement.aims import Aim
from measurement.investing import currency
from measurement.measuring import LYING, looked_at, values_of
from measurement.models import Kind, Kpi
from measurement.opening import course_url, rows_url
from measurement.saying import NOTHING
from measurement.selecting import Selection
from measurement.sums import Values
from measurement.usual import Past, Usual, usual
from roles.models import Member


@dataclass(frozen=True)
class Standing:
    """One KPI: what it is, what it was, what it should be, and the rows behind it."""

    kpi: Kpi
    figure: float | None
    said: str
    before: str
    needed: str
    # What it was in the year before, where that can be told.
    usual: Usual | None
    usual_said: str
    # None: there is nothing to judge by.
    is_reached: bool | None
    url: str
    then: float | None = None
    # When the oldest part of it was looked at, where networks tell it.
    as_of: datetime | None = None
    # Where it is drawn over time.
    course_url: str = ""


def standings(selection: Selection, *, at: datetime, viewer: Member | None) -> list[tuple[Kind, list[Standing]]]:
    """All that are kept, by kind; of each department what its KPIs ask is read once, and nothing else."""
    kept = Kpi.objects.filter(dropped_at=None).select_related("department", "owner__user").order_by("pk")
    rows = list(kept.filter(department__in=selection.departments) if selection.departments else kept)
    before = selection.on(selection.window.before())
    read: dict[int | None, tuple[Values, Values, Past, Mapping[str, datetime]]] = {}
    for row in rows:
        if row.department_id not in read:
            now, then = (replace(one, department=row.department_id) for one in (selection, before))
            asked = {other.metric for other in rows if other.department_id == row.department_id}
            read[row.department_id] = (
                values_of(now, at=at, viewer=viewer, only=asked),
                values_of(then, at=at, viewer=viewer, only=asked - set(LYING)),
                usual(now, asked, at=at, viewer=viewer),
                looked_at(now, asked),
            )
    money = currency() if rows else ""
    found = [(row, _standing(row, *read[row.department_id], selection, money)) for row in rows]
    return [(kind, [one for row, one in found if row.kind == kind]) for kind in Kind]


def _standing(
    row: Kpi, now: Values, before: Values, past: Past, oldest: Mapping[str, datetime], selection: Selection, money: str
) -> Standing:  # fmt: skip
    aim, figure = Aim(row.metric), now.get(row.metric)
    part = replace(selection, department=row.department_id)
    return Standing(
        row,
        figure,
        aim.said(figure, currency=money),
        NOTHING if row.metric in LYING else aim.said(before.get(row.metric), currency=money),
        aim.needed(row.target, currency=money),
        known := past.found.get(row.metric),
        known.said(money) if known else "",
        None if figure is None else aim.is_reached(figure, row.target),
        rows_url(row.metric, part) if figure is not None else "",
        before.get(row.metric),
        oldest.get(row.metric),
        course_url(row.metric, part),
    )
