"""One metric in depth: over time, split by what it can be told of, over the week, and how it is distributed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from content.models import Campaign
from engagement.models.joinings import Step
from listening.models import Topic, TrackingQuery
from listening.networks import label_of
from measurement.counts import HISTOGRAMS, PROMISED, READ, Counts
from measurement.investing import currency
from measurement.measuring import LYING, values_each
from measurement.metrics import METRICS
from measurement.opening import rows_url
from measurement.reading import BY_HOUR, WAITS_BY_HOUR, counts_of, split, told_by_hour
from measurement.saying import said
from measurement.selecting import Selection
from measurement.spread import labels, stepped
from measurement.sums import SUMS
from measurement.windows import Window
from roles.models import Department, Member

BY: Mapping[str, str | Promise] = {
    "time": _("Time"),
    "department": _("Department"),
    "network": _("Network"),
    "query": _("Tracking query"),
    "topic": _("Topic"),
    "campaign": _("Campaign"),
    "step": _("Step of the value ladder"),
    "hour": _("Hour of the week"),
    "spread": _("How it is spread"),
}
# What shows a metric in one of these ways is called so: of each a sentence of its own, for languages write and bend the
# names of parts in their own way.
TITLES: Mapping[str, str | Promise] = {
    "time": _("%(metric)s over time"),
    "department": _("%(metric)s by department"),
    "network": _("%(metric)s by network"),
    "query": _("%(metric)s by tracking query"),
    "topic": _("%(metric)s by topic"),
    "campaign": _("%(metric)s by campaign"),
    "step": _("%(metric)s by step of the value ladder"),
    "hour": _("%(metric)s by hour of the week"),
    "spread": _("How it is spread: %(metric)s"),
}
MOST = 100
DAYS_OF_WEEK = 7


@dataclass(frozen=True)
class Part:
    """One part of a split: its figure, the one beside it, and the rows behind both.

    `key` tells it apart for programs: a day, a row's key, an hour of the week from 0 to 167, the number of a step.
    """

    key: str
    label: str
    now: float | None
    before: float | None
    said: str
    said_before: str
    percent: float
    url: str
    before_url: str


def choices(by: str) -> list[str]:
    """The metrics that can be looked at in this way, the usual one first."""
    heard = [key for key in READ if not METRICS[key].of_departments]
    worked = [key for key in READ if METRICS[key].of_departments]
    waits = [f"{name}_median" for name in (*HISTOGRAMS, *PROMISED)]
    # What lies there now was never asked for then; what lay there at the end of a day is.
    summed = [key for key in METRICS for sums in SUMS if key in sums.keys and by in sums.splits]
    at_all = [key for key, metric in METRICS.items() if not metric.place and key not in LYING]
    return {
        "time": [*heard, *worked, *(key for key in at_all if key not in READ)],
        "department": [*worked, *summed],
        "network": [*heard, *worked, *summed],
        "query": heard,
        "topic": heard,
        "campaign": summed,
        # A share of what serves one step says nothing: what is about ourselves is so as a whole.
        "step": [key for key in summed if METRICS[key].kind == "count"],
        "hour": [*BY_HOUR, *WAITS_BY_HOUR],
        "spread": waits,
    }.get(by, [])


def named(key: str, by: str) -> str:
    """What a metric is called where it is looked at in this way: what is spread is a wait, and not its median."""
    metric = METRICS[key]
    return str(metric.wait or metric.label) if by == "spread" else str(metric.label)


def title_of(key: str, by: str) -> str:
    """What shows a metric in this way is called."""
    return str(TITLES[by]) % {"metric": named(key, by)}


def in_weeks(selection: Selection, by: str) -> Selection:
    """The newest whole weeks of a selection, where it is told by hour of the week: each weekday is in it as often."""
    window = selection.window
    if by != "hour" or window.days < DAYS_OF_WEEK:
        return selection
    days = window.days - window.days % DAYS_OF_WEEK
    return selection.on(Window(window.last - timedelta(days=days - 1), window.last, window.zone))


def parts(
    key: str, by: str, selection: Selection, other: Selection, *, at: datetime, viewer: Member | None = None
) -> list[Part]:
    """A metric in its parts: in the order of time or of steps, of all else the largest first."""
    about = METRICS[key].about
    if not selection.tells(about, by=by):
        return []
    knew = other.tells(about, by=by)
    if by == "time":
        return _over_time(key, selection, other if knew else None, at=at, viewer=viewer)
    if by == "hour":
        return _over_the_week(key, selection, other, knew=knew)
    if by == "spread":
        return _spread_out(key, selection, other, knew=knew, at=at)
    return _split_up(key, by, selection, other, knew=knew, at=at)


def spread(key: str, selection: Selection, *, at: datetime) -> list[tuple[str, int]]:
    """How many waits fell into each step from minutes to weeks; steps are true to 5 %."""
    [name] = READ[key].parts
    histogram = counts_of(selection, at=at, parts=[name]).histograms.get(name, [])
    return list(zip(labels(), stepped(histogram), strict=True))


def tones(week: Sequence[float | None], highest: float = 0) -> list[list[str]]:
    """How dark each hour of each day is, from 0 (nothing) to 5 (the most, or the highest that is named).

    What is below 0 has tones of its own, told apart by its sign, too.
    """
    highest = highest or max((abs(value or 0) for value in week), default=0)
    told = [_tone(value, highest) for value in week]
    return [told[24 * day : 24 * day + 24] for day in range(7)]


def _tone(value: float | None, highest: float) -> str:
    if not value:
        return "0"
    return f"{'less-' if value < 0 else ''}{max(1, round(5 * abs(value) / highest))}"


def _split_up(
    key: str, by: str, selection: Selection, other: Selection, *, knew: bool, at: datetime
) -> list[Part]:  # fmt: skip
    now, nothing = _of_parts(key, selection, by, at=at)
    before, _nothing = _of_parts(key, other, by, at=at) if knew else ({}, None)
    names = _names(by, {*now, *before})
    values = {one: (now.get(one, nothing), before.get(one, nothing) if knew else None) for one in names}
    highest = max((abs(value) for value, _before in values.values() if value is not None), default=0)
    found = [
        _part(
            key, str(one), names[one], value, earlier,
            (_rows_of(key, by, one, selection), _rows_of(key, by, one, other)),
            highest,
        )
        for one, (value, earlier) in values.items()
    ]  # fmt: skip
    found.sort(key=lambda part: (part.now is None, -(part.now or 0), part.label))
    return found[:MOST]


def _rows_of(key: str, by: str, one: Any, selection: Selection) -> str:
    """The rows of one part; of a step the list is asked, for figures are not narrowed to one."""
    return rows_url(key, selection, step=one) if by == "step" else rows_url(key, replace(selection, **{by: one}))


def _of_parts(
    key: str, selection: Selection, by: str, *, at: datetime
) -> tuple[dict[Any, float | None], float | None]:  # fmt: skip
    """A metric of each part that has any, and of one that has nothing."""
    for sums in SUMS:
        if key in sums.keys:
            values = {one: found.get(key) for one, found in sums.split(selection, by).items()}
            return values, sums.nothing().get(key)
    counted = split(selection, by, at=at, parts=READ[key].parts)
    return {one: READ[key](counts) for one, counts in counted.items()}, READ[key](Counts(selection.window))


def _over_time(
    key: str, selection: Selection, other: Selection | None, *, at: datetime, viewer: Member | None
) -> list[Part]:
    """By day, or by week where days would be too many; the other days lie beside them in the same order."""
    now = _steps(key, selection, at=at, viewer=viewer)
    before = _steps(key, other, at=at, viewer=viewer) if other else []
    highest = max((abs(value) for _selection, value in now if value is not None), default=0)
    money = currency() if METRICS[key].kind == "money" else ""
    found = []
    for number, (step, value) in enumerate(now):
        then, earlier = before[number] if number < len(before) else (step, None)
        window = step.window
        label = formats.date_format(window.first)
        if window.days > 1:
            label = _now("%(first)s to %(last)s") % {"first": label, "last": formats.date_format(window.last)}
        urls = rows_url(key, step), rows_url(key, then)
        found.append(_part(key, window.first.isoformat(), label, value, earlier, urls, highest, money=money))
    return found


def _steps(
    key: str, selection: Selection, *, at: datetime, viewer: Member | None
) -> list[tuple[Selection, float | None]]:
    steps = [selection.on(window) for window in selection.window.steps()]
    if (longest := METRICS[key].longest) and selection.window.days > longest:
        return [(step, None) for step in steps]
    each = values_each(selection, [step.window for step in steps], at=at, viewer=viewer, only={key})
    return [(step, values.get(key)) for step, values in zip(steps, each, strict=True)]


def _over_the_week(key: str, selection: Selection, other: Selection, *, knew: bool) -> list[Part]:
    other = _as_long(other, selection)
    now = told_by_hour(selection, key)
    before = told_by_hour(other, key) if knew and _same_weekdays(selection, other) else [None] * len(now)
    if not any(now) and not any(before):
        return []
    names, highest = [str(name) for name in WEEKDAYS.values()], max(abs(value or 0) for value in now)
    return [
        _part(
            key, str(hour), f"{names[hour // 24]} {hour % 24}", now[hour], before[hour],
            (rows_url(key, selection, hour=hour), rows_url(key, other, hour=hour)), highest,
        )
        for hour in range(len(now))
    ]  # fmt: skip


def can_lie_beside(key: str, selection: Selection, other: Selection) -> bool:
    """Whether the hours of other weeks can be laid beside these at all, whatever was counted in them."""
    return other.tells(METRICS[key].about, by="hour") and _same_weekdays(selection, _as_long(other, selection))


def _as_long(other: Selection, selection: Selection) -> Selection:
    """Its newest days, as many as those of the selection: a year before may be a day shorter."""
    window = other.window
    return other.on(Window(window.last - timedelta(days=selection.window.days - 1), window.last, window.zone))


def _same_weekdays(selection: Selection, other: Selection) -> bool:
    """Whether each weekday is as often in both: else what happens as often on each would seem to rise and fall."""
    apart = (selection.window.first - other.window.first).days
    return not selection.window.days % DAYS_OF_WEEK or not apart % DAYS_OF_WEEK


def _spread_out(key: str, selection: Selection, other: Selection, *, knew: bool, at: datetime) -> list[Part]:
    now = spread(key, selection, at=at)
    before = [count for _label, count in spread(key, other, at=at)] if knew else [None] * len(now)
    highest = max(count for _label, count in now)
    if not highest:
        return []
    return [
        _part(
            key, str(step), label, count, before[step],
            (rows_url(key, selection, step=step), rows_url(key, other, step=step)), highest, kind="count",
        )
        for step, (label, count) in enumerate(now)
    ]  # fmt: skip


def _part(
    key: str, name: str, label: str, now: float | None, before: float | None, urls: tuple[str, str], highest: float,
    *, kind: Any = "", money: str = "",
) -> Part:  # fmt: skip
    kind = kind or METRICS[key].kind
    return Part(
        name, label, now, before, said(kind, now, currency=money), said(kind, before, currency=money),
        round(100 * abs(now or 0) / highest, 1) if highest else 0,
        *urls,
    )  # fmt: skip


def _names(by: str, keys: set[Any]) -> dict[Any, str]:
    if by == "network":
        return {key: label_of(key) for key in keys}
    if by == "step":
        return {key: str(label) for key, label in Step.choices if key in keys}
    models: dict[str, Any] = {"department": Department, "query": TrackingQuery, "topic": Topic, "campaign": Campaign}
    # What was removed meanwhile has no name, and nobody asks for it.
    return dict(models[by].objects.filter(pk__in=list(keys)).values_list("pk", "name"))
