"""What was added up of a selection, from the roll-ups: as a whole, or split by what its rows are told apart by.

Only those roll-ups are read of which the parts that are asked for want sums (`measurement.counts.PARTS`), and the
database adds up; of histograms, which it cannot add up, the packed days are fetched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from engagement.models import Assignment
from measurement import metrics, waits
from measurement.counts import ADDED, HEARD, HISTOGRAMS, PARTS, PROMISED, READ, Counts
from measurement.histogram import added, added_packs
from measurement.models import (
    DailyMentions,
    DailyPromises,
    DailyResponses,
    DailyTopics,
    DailyWaits,
    HourlyMentions,
    HourlyResponses,
    HourlyTopics,
)
from measurement.selecting import Selection
from measurement.steps import StepOf, StepOfDay
from measurement.sums import with_those_below
from measurement.windows import Window

HOURS = 168
# Of more days than these packed rows are fetched little by little, so many at once.
HALF_A_YEAR = 184
AT_ONCE = 2000
# What is told by hour of the week, and from which columns of its roll-up.
BY_HOUR: Mapping[str, tuple[str, ...]] = {
    "captured": ("captured",),
    "negative_share": ("negative", "neutral", "positive"),
    "positive_share": ("negative", "neutral", "positive"),
    "assigned": ("assigned",),
    "answered": ("assigned", "answered"),
    "unanswered": ("assigned", "unanswered"),
    "net_sentiment": ("negative", "neutral", "positive"),
}
# Waits are told by the hour from the days that are kept for it.
WAITS_BY_HOUR = ("first_response_median", "first_response_p90")


@dataclass(frozen=True)
class Split:
    """By what rows are told apart: those of what was heard, those of what became of assignments, and assignments.

    None: they are not told apart by it, so nothing of them is told.
    """

    by: str
    heard: Any
    worked: Any
    made: Any


ONE = Value(0, output_field=BigIntegerField())
WHOLE = Split("", ONE, ONE, ONE)
SPLITS: Mapping[str, Split] = {
    "department": Split("department", None, F("department_id"), F("department_id")),
    "network": Split("network", F("network"), F("network"), F("network")),
    "query": Split("query", F("query_id"), None, None),
    "topic": Split("topic", F("topic_id"), None, None),
}


def counts_of(selection: Selection, *, at: datetime, parts: Collection[str] = PARTS) -> Counts:
    """What was added up of a selection; what it cannot tell (see `Selection`) stays at nothing."""
    return _added_up(selection, WHOLE, at=at, parts=parts).get(0, Counts(selection.window))


def split(selection: Selection, by: str, *, at: datetime, parts: Collection[str] = PARTS) -> dict[Any, Counts]:
    """The same for each department, network, query or topic that has any."""
    found = _added_up(selection, SPLITS[by], at=at, parts=parts)
    return with_those_below(found, _together, only=selection.departments) if by == "department" else found


def by_step(
    selection: Selection, windows: Sequence[Window], *, at: datetime, parts: Collection[str] = PARTS
) -> list[Counts]:
    """The same for each of the windows that make up a selection's days."""
    day = StepOfDay([window.first for window in windows])
    steps = Split("time", day, day, StepOf("created_at", [window.start for window in windows]))
    found = _added_up(selection, steps, at=at, parts=parts)
    counted = [found.get(number, Counts(window)) for number, window in enumerate(windows, start=1)]
    for counts, window in zip(counted, windows, strict=True):
        counts.window = window
    return counted


def by_hour_of_week(selection: Selection, column: str) -> list[int]:
    """What came in each of the 168 hours of the week, Monday first, by the organization's clock."""
    return [sums[0] for sums in _week_of(selection, (column,), of_work=column != "captured")]


def told_by_hour(selection: Selection, key: str) -> list[float | None]:
    """A metric in each of the 168 hours of the week; None where there is nothing to divide by."""
    if key in WAITS_BY_HOUR:
        return _waits_by_hour(selection, key)
    names = BY_HOUR[key]
    told: list[float | None] = []
    for sums in _week_of(selection, names, of_work=metrics.METRICS[key].of_departments):
        counts = Counts(selection.window)
        for name, count in zip(names, sums, strict=True):
            if name == "captured":
                counts.by_network[""] = count
            else:
                setattr(counts, name, count)
        told.append(READ[key](counts))
    return told


def add_packs(rows: Iterable[Sequence[Any]], columns: Sequence[tuple[str, str]], found: Any) -> None:
    """Add packed histograms up, each by the name that it has among counts; a row is its part and its packs.

    However many days, departments and networks there are, few of their rows are held at once.
    """
    held: defaultdict[Any, list[Sequence[Any]]] = defaultdict(list)
    for number, row in enumerate(rows, start=1):
        held[row[0]].append(row)
        if number % AT_ONCE == 0:
            _add_held(held, columns, found)
            held.clear()
    _add_held(held, columns, found)


def _add_histograms(rows: QuerySet[Any, Any], columns: Sequence[tuple[str, str]], found: Any, *, is_long: bool) -> None:
    """Fetch packed histograms, each by the name that it has among counts and the column in which it is kept."""
    if columns:
        read: Any = rows.values_list("part", *(column for _name, column in columns))
        add_packs(read.iterator(chunk_size=AT_ONCE) if is_long else read, columns, found)


def _waits_by_hour(selection: Selection, key: str) -> list[float | None]:
    if not selection.of_work:
        return [None] * HOURS
    where = Q(department_id__in=selection.departments or [0])
    rows = DailyWaits.objects.filter(selection.days(), selection.on_side(), where).order_by()
    [name] = READ[key].parts
    week = waits.by_hour_of_week(rows.values_list("day", "first_response"))
    return [READ[key](Counts(selection.window, histograms={name: histogram})) for histogram in week]


def _week_of(selection: Selection, columns: Sequence[str], *, of_work: bool) -> list[list[int]]:
    week = [[0] * len(columns) for _hour in range(HOURS)]
    if not (selection.of_work if of_work else selection.of_mentions):
        return week
    zone = selection.window.zone
    day, hour = ExtractIsoWeekDay("hour", tzinfo=zone), ExtractHour("hour", tzinfo=zone)
    rows = _hourly(selection, of_work=of_work).filter(selection.hours(), selection.on_side()).order_by()
    summed = {f"all_{name}": Sum(name) for name in columns}
    for weekday, at, *sums in rows.values_list(day, hour).annotate(**summed):
        week[24 * (weekday - 1) + at] = sums
    return week


def _hourly(selection: Selection, *, of_work: bool) -> QuerySet[Any, Any]:
    if of_work:
        rows = HourlyResponses.objects.all()
        return rows.filter(department__in=selection.departments) if selection.departments else rows
    if selection.topic:
        return HourlyTopics.objects.filter(topic_id=selection.topic)
    return HourlyMentions.objects.filter(query_id=selection.query or 0)


def _added_up(selection: Selection, parted: Split, *, at: datetime, parts: Collection[str]) -> dict[Any, Counts]:
    found: dict[Any, Counts] = defaultdict(lambda: Counts(selection.window))
    asked = set(parts)
    by = parted.by if parted.by in SPLITS else ""
    if "heard" in asked and parted.heard is not None and selection.tells("heard", by=by):
        rows = _heard(selection, by).annotate(part=parted.heard).values("network", "part")
        for row in rows.annotate(**_sums("captured", *HEARD)):
            counts = found[row["part"]]
            counts.by_network[row["network"]] += row["all_captured"]
            _add(counts, row, HEARD)
    if asked - {"heard"} and parted.worked is not None and selection.tells("worked", by=by):
        _add_work(selection, parted, found, at=at, asked=asked)
    return dict(found)


def _together(rows: list[Counts]) -> Counts:
    whole = Counts(rows[0].window)
    whole.add(rows)
    whole.overdue = sum(row.overdue for row in rows)
    return whole


def _heard(selection: Selection, by: str = "") -> QuerySet[Any, Any]:
    wanted = selection.days() & selection.on_side()
    if selection.topic or by == "topic":
        topics = DailyTopics.objects.filter(wanted).order_by()
        return topics.filter(topic_id=selection.topic) if selection.topic else topics
    rows = DailyMentions.objects.filter(wanted).order_by()
    if by == "query":
        return rows.filter(query_id=selection.query) if selection.query else rows.filter(query_id__gt=0)
    return rows.filter(query_id=selection.query or 0)


def _add_work(selection: Selection, parted: Split, found: Any, *, at: datetime, asked: set[str]) -> None:
    """Add what became of assignments, their promises and what is overdue now, to the part that each row belongs to."""
    wanted = selection.days() & selection.on_side()
    if selection.departments:
        wanted &= Q(department_id__in=selection.departments)
    else:
        wanted &= Q(department_id__gt=0) if parted.by == "department" else Q(department_id=0)
    responses = DailyResponses.objects.filter(wanted).order_by().annotate(part=parted.worked)
    if "worked" in asked:
        for row in responses.values("part").annotate(**_sums(*ADDED)):
            _add(found[row["part"]], row, ADDED)
    is_long = selection.window.days > HALF_A_YEAR
    _add_histograms(responses, [(name, name) for name in HISTOGRAMS if name in asked], found, is_long=is_long)
    promises = DailyPromises.objects.filter(wanted).order_by().annotate(part=parted.worked)
    if "promised" in asked:
        kept: Any = promises.values("part", "kind").annotate(**_sums("kept", "kept_in_time"))
        for row in kept:
            counts = found[row["part"]]
            counts.kept[row["kind"]] += row["all_kept"]
            counts.kept_in_time[row["kind"]] += row["all_kept_in_time"]
    waits = zip(PROMISED, ("wait", "business_wait"), strict=True)
    columns = [(name, column) for name, column in waits if name in asked]
    _add_histograms(promises.filter(kind="next_response"), columns, found, is_long=is_long)
    if "overdue" in asked:
        overdue = Assignment.objects.filter(selection.made(), metrics.overdue(at)).order_by()
        for part, count in overdue.annotate(part=parted.made).values_list("part").annotate(Count("pk")):
            found[part].overdue += count


def _add_held(held: Mapping[Any, list[Sequence[Any]]], columns: Sequence[tuple[str, str]], found: Any) -> None:
    for part, rows in held.items():
        histograms = found[part].histograms
        for number, (name, _column) in enumerate(columns, start=1):
            counts = added_packs(row[number] for row in rows)
            histograms[name] = added([histograms[name], counts]) if name in histograms else counts


def _sums(*names: str) -> dict[str, Any]:
    return {f"all_{name}": Sum(name, default=0) for name in names}


def _add(counts: Counts, row: Mapping[str, Any], names: Collection[str]) -> None:
    for name in names:
        setattr(counts, name, getattr(counts, name) + row[f"all_{name}"])
