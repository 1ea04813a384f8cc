"""One metric in depth: split by what it can be told of, over the hours of the week, and how it is distributed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listening.models import Topic, TrackingQuery
from listening.networks import label_of
from measurement.counts import HISTOGRAMS, PROMISED, READ, Counts
from measurement.histogram import GROWTH
from measurement.metrics import METRICS
from measurement.opening import rows_url
from measurement.reading import counts_of, split
from measurement.saying import said
from measurement.selecting import Selection
from roles import wording
from roles.models import Department

BY: Mapping[str, str | Promise] = {
    "department": _("Department"),
    "network": _("Network"),
    "query": _("Tracking query"),
    "topic": _("Topic"),
    "hour": _("Hour of the week"),
    "spread": _("How it is spread"),
}
# Up to how many seconds each step of a distribution goes; the last has no end.
EDGES = (300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800, 604_800)
MOST = 100


@dataclass(frozen=True)
class Part:
    """One part of a split: its figure, the one beside it, and the rows behind both."""

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
    return {
        "department": worked,
        "network": [*heard, *worked],
        "query": heard,
        "topic": heard,
        "hour": ["captured", "assigned"],
        "spread": waits,
    }.get(by, [])


def parts(key: str, by: str, selection: Selection, other: Selection, *, at: datetime) -> list[Part]:
    """A metric of each part, the largest first."""
    of_work = METRICS[key].of_departments
    if not selection.tells(of_work=of_work, by=by):
        return []
    histograms = [key.removesuffix("_median").removesuffix("_p90")]
    now = split(selection, by, at=at, histograms=histograms)
    before = split(other, by, at=at, histograms=histograms)
    names = _names(by, {*now, *before})
    nothing = Counts(selection.window)
    knew = other.tells(of_work=of_work, by=by)
    values = {
        one: (READ[key](now.get(one, nothing)), READ[key](before.get(one, nothing)) if knew else None) for one in names
    }
    highest = max((abs(value) for value, _before in values.values() if value is not None), default=0)
    kind = METRICS[key].kind
    found = [
        Part(
            names[one], value, earlier, said(kind, value), said(kind, earlier),
            round(100 * abs(value or 0) / highest, 1) if highest else 0,
            rows_url(key, replace(selection, **{by: one})) if value else "",
            rows_url(key, replace(other, **{by: one})) if earlier else "",
        )
        for one, (value, earlier) in values.items()
    ]  # fmt: skip
    found.sort(key=lambda part: (part.now is None, -(part.now or 0), part.label))
    return found[:MOST]


def spread(key: str, selection: Selection, *, at: datetime) -> list[tuple[str, int]]:
    """How many waits fell into each step from minutes to weeks; steps are true to 5 %."""
    name = key.removesuffix("_median").removesuffix("_p90")
    histogram = counts_of(selection, at=at, histograms=[name]).histograms.get(name, [])
    steps = [0] * (len(EDGES) + 1)
    for bucket, count in enumerate(histogram):
        # By the middle of the bucket, on the scale that it is cut on.
        middle = GROWTH ** (bucket + 0.5)
        steps[next((number for number, edge in enumerate(EDGES) if middle <= edge), len(EDGES))] += count
    labels = [f"≤ {wording.span(edge)}" for edge in EDGES] + [f"> {wording.span(EDGES[-1])}"]
    return list(zip(labels, steps, strict=True))


def shades(week: Sequence[int]) -> list[list[tuple[int, int]]]:
    """The hours of each day with how dark each is, from 0 (nothing) to 5 (the most)."""
    highest = max(week, default=0)
    cells = [(count, 0 if not count else max(1, round(5 * count / highest))) for count in week]
    return [cells[24 * day : 24 * day + 24] for day in range(7)]


def _names(by: str, keys: set[Any]) -> dict[Any, str]:
    if by == "network":
        return {key: label_of(key) for key in keys}
    models: dict[str, Any] = {"department": Department, "query": TrackingQuery, "topic": Topic}
    # What was removed meanwhile has no name, and nobody asks for it.
    return dict(models[by].objects.filter(pk__in=list(keys)).values_list("pk", "name"))
