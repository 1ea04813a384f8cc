"""What was added up of a selection, from the roll-ups: as a whole, or split by what its rows are told apart by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from engagement.models import Assignment
from measurement import metrics
from measurement.counts import ADDED, HEARD, HISTOGRAMS, Counts
from measurement.histogram import added
from measurement.models import (
    DailyMentions,
    DailyPromises,
    DailyResponses,
    DailyTopics,
    HourlyMentions,
    HourlyResponses,
    HourlyTopics,
)
from measurement.querysets import day_of
from measurement.selecting import Selection
from roles.models import Department

WHOLE = Value(0, output_field=BigIntegerField())
HOURS = 168
# Of which column of mentions, responses and promises a split reads its parts; empty where it has none.
SPLITS: Mapping[str, tuple[str, str]] = {
    "department": ("", "department_id"),
    "network": ("network", "network"),
    "query": ("query_id", ""),
    "topic": ("topic_id", ""),
    "time": ("day", "day"),
}


def counts_of(selection: Selection, *, at: datetime, histograms: Collection[str] = HISTOGRAMS) -> Counts:
    """What was added up of a selection; what it cannot tell (see `Selection`) stays at nothing."""
    counts = Counts(selection.window)
    if selection.of_mentions:
        for row in _heard(selection).values("network").annotate(**_sums("captured", *HEARD)):
            counts.by_network[row["network"]] += row["all_captured"]
            _add(counts, row, HEARD)
    if selection.of_work:
        _add_work(selection, {None: counts}, WHOLE, at=at, histograms=histograms)
    return counts


def split(
    selection: Selection, by: str, *, at: datetime, histograms: Collection[str] = HISTOGRAMS
) -> dict[Any, Counts]:
    """The same for each department, network, query, topic or day that has any."""
    of_mentions, of_work = SPLITS[by]
    found: dict[Any, Counts] = defaultdict(lambda: Counts(selection.window))
    if of_mentions and selection.tells(of_work=False, by=by):
        for row in _heard(selection, by).values("network", of_mentions).annotate(**_sums("captured", *HEARD)):
            counts = found[row[of_mentions]]
            counts.by_network[row["network"]] += row["all_captured"]
            _add(counts, row, HEARD)
    if of_work and selection.tells(of_work=True, by=by):
        _add_work(selection, found, F(of_work), at=at, histograms=histograms)
    return _with_below(selection, found) if by == "department" else dict(found)


def _with_below(selection: Selection, own: Mapping[int, Counts]) -> dict[Any, Counts]:
    """Each department with those below it, as goals and lists count it."""
    found = {}
    for key, below in Department.objects.values_list("pk", "below"):
        rows = [own[one] for one in (key, *below) if one in own]
        if rows and (not selection.departments or key in selection.departments):
            found[key] = Counts(selection.window)
            found[key].add(rows)
            found[key].overdue = sum(row.overdue for row in rows)
    return found


def by_hour_of_week(selection: Selection, column: str) -> list[int]:
    """What came in each of the 168 hours of the week, Monday first, by the organization's clock."""
    zone = selection.window.zone
    day, hour = ExtractIsoWeekDay("hour", tzinfo=zone), ExtractHour("hour", tzinfo=zone)
    rows: QuerySet[Any, Any]
    if column == "captured":
        rows = (
            HourlyTopics.objects.filter(topic_id=selection.topic)
            if selection.topic
            else HourlyMentions.objects.filter(query_id=selection.query or 0)
        )
    else:
        rows = HourlyResponses.objects.all()
        if selection.departments:
            rows = rows.filter(department__in=selection.departments)
    week = [0] * HOURS
    if not (selection.of_mentions if column == "captured" else selection.of_work):
        return week
    rows = rows.filter(selection.hours(), selection.on_side()).order_by()
    for weekday, at, count in rows.values_list(day, hour).annotate(count=Sum(column)):
        week[24 * (weekday - 1) + at] += count
    return week


def _heard(selection: Selection, by: str = "") -> QuerySet[Any, Any]:
    wanted = selection.days() & selection.on_side()
    if selection.topic or by == "topic":
        topics = DailyTopics.objects.filter(wanted).order_by()
        return topics.filter(topic_id=selection.topic) if selection.topic else topics
    rows = DailyMentions.objects.filter(wanted).order_by()
    if by == "query":
        return rows.filter(query_id=selection.query) if selection.query else rows.filter(query_id__gt=0)
    return rows.filter(query_id=selection.query or 0)


def _add_work(selection: Selection, found: Any, part: Any, *, at: datetime, histograms: Collection[str]) -> None:
    """Add what became of assignments, their promises and what is overdue now, to the part that each row belongs to."""
    one = WHOLE is part
    wanted = selection.days() & selection.on_side()
    if selection.departments:
        wanted &= Q(department_id__in=selection.departments)
    else:
        wanted &= Q(department_id__gt=0) if part == F("department_id") else Q(department_id=0)
    responses = DailyResponses.objects.filter(wanted).order_by().annotate(part=part)
    for row in responses.values("part").annotate(**_sums(*ADDED)):
        _add(found[None if one else row["part"]], row, ADDED)
    held: defaultdict[Any, list[list[list[int]]]] = defaultdict(list)
    names = [name for name in HISTOGRAMS if name in histograms]
    if names:
        for key, *columns in responses.values_list("part", *names):
            held[None if one else key].append(columns)
    for key, rows in held.items():
        for number, name in enumerate(names):
            found[key].histograms[name] = added(columns[number] for columns in rows)
    _add_promises(DailyPromises.objects.filter(wanted).order_by().annotate(part=part), found, one=one)
    made = day_of("created_at", selection.window.zone) if part == F("day") else part
    overdue = Assignment.objects.filter(selection.made(), metrics.overdue(at)).order_by().annotate(part=made)
    for key, count in overdue.values_list("part").annotate(Count("pk")):
        found[None if one else key].overdue += count


def _add_promises(rows: QuerySet[Any, Any], found: Any, *, one: bool) -> None:
    waits: defaultdict[Any, list[tuple[list[int], list[int]]]] = defaultdict(list)
    columns = rows.values_list("part", "kind", "kept", "kept_in_time", "wait", "business_wait")
    for key, kind, kept, in_time, wait, business_wait in columns:
        counts = found[None if one else key]
        counts.kept[kind] += kept
        counts.kept_in_time[kind] += in_time
        if kind == "next_response":
            waits[None if one else key].append((wait, business_wait))
    for key, pairs in waits.items():
        found[key].histograms["next_response"] = added(wait for wait, _business in pairs)
        found[key].histograms["business_next_response"] = added(business for _wait, business in pairs)


def _sums(*names: str) -> dict[str, Any]:
    return {f"all_{name}": Sum(name, default=0) for name in names}


def _add(counts: Counts, row: Mapping[str, Any], names: Collection[str]) -> None:
    for name in names:
        setattr(counts, name, getattr(counts, name) + row[f"all_{name}"])
