"""Figures put into sentences that say what changed, and no more than they can."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from measurement.counts import Counts
from measurement.figures import Figures
from measurement.selecting import Selection
from measurement.telling import sentences
from measurement.windows import Window

MONTH = Window(date(2026, 4, 1), date(2026, 4, 30), ZoneInfo("UTC"))


def told(now: dict[str, Any], before: dict[str, Any]) -> list[str]:
    return sentences(figures_of(MONTH, now, before))


def figures_of(days: Window, now: dict[str, Any], before: dict[str, Any]) -> Figures:
    both = []
    for window, said in ((days, now), (days.before(), before)):
        counts = Counts(window)
        counts.by_network["feed"] = said.get("captured", 100)
        counts.answered = counts.in_time = counts.assigned = said.get("answered", 0)
        bucket = said.get("bucket")
        counts.histograms["first_response"] = [0] * bucket + [counts.answered] if bucket is not None else []
        counts.positive, counts.negative = said.get("sounds", (0, 0))
        both.append(counts)
    return Figures(
        Selection(days), both_sides=False, now=both[0], before=both[1], steps=[], backlog=0, overdue=0,
        apart=Counts(days), computed_at=None, pending_hours=0, query_names={},
    )  # fmt: skip


# Buckets 150 and 164 are about 25 and 50 minutes.
FAST, SLOW = 150, 164


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ({"captured": 133, "bucket": FAST, "answered": 20}, {"bucket": SLOW, "answered": 20},
         "sooner than in the 30 days before, although mentions rose by a third."),
        ({"captured": 50, "bucket": FAST, "answered": 20}, {"bucket": SLOW, "answered": 20},
         "sooner than in the 30 days before, as mentions fell by half."),
        ({"captured": 200, "bucket": SLOW, "answered": 20}, {"bucket": FAST, "answered": 20},
         "later than in the 30 days before, as mentions rose by as much again."),
        ({"captured": 90, "bucket": SLOW, "answered": 20}, {"bucket": FAST, "answered": 20},
         "later than in the 30 days before, although mentions fell by 10 %."),
        ({"bucket": FAST, "answered": 20}, {"bucket": SLOW, "answered": 20}, "sooner than in the 30 days before."),
        ({"captured": 125}, {}, "Mentions rose by a quarter over the 30 days before."),
        ({"captured": 80, "bucket": FAST, "answered": 2}, {"bucket": SLOW, "answered": 20},
         "Mentions fell by 20 % from the 30 days before."),
        ({"sounds": (30, 10)}, {"sounds": (10, 30)}, "friendlier: net sentiment is +50 % after −50 %."),
        ({"sounds": (10, 30)}, {"sounds": (30, 10)}, "less friendly: net sentiment is −50 % after +50 %."),
        ({"captured": 102}, {}, "Nothing has changed much since the days before."),
    ],
)  # fmt: skip
def test_what_changed_is_said_as_people_say_it(now: dict[str, Any], before: dict[str, Any], expected: str) -> None:
    assert expected in " ".join(told(now, before))


def test_of_few_nothing_is_said() -> None:
    assert told({"captured": 4}, {"captured": 1}) == []
    assert told({"captured": 100, "sounds": (3, 1)}, {"captured": 100, "sounds": (1, 3)}) == [
        "Nothing has changed much since the days before."
    ]


def test_what_fell_has_nothing_as_much_again() -> None:
    fell, rose = told({"captured": 20}, {"captured": 1000}), told({"captured": 200}, {"captured": 100})
    assert fell == ["Mentions fell by 98 % from the 30 days before."]
    assert rose == ["Mentions rose by as much again over the 30 days before."]
    assert told({"captured": 280}, {}) == ["Mentions rose by 180 % over the 30 days before."]
    assert told({"captured": 625}, {"captured": 10}) == ["Mentions rose by a factor of 62 over the 30 days before."]


def test_what_made_the_difference_is_named_where_one_thing_did() -> None:
    found = figures_of(MONTH, {"captured": 150, "answered": 18, "bucket": FAST}, {"answered": 20, "bucket": FAST})
    found.query_names, found.overdue = {1: "Lamp", 2: "Bell"}, 2
    found.now.overdue = 2
    found.now.by_query.update({1: 60, 2: 20})
    found.before.by_query.update({1: 15, 2: 18})
    assert sentences(found) == [
        "Mentions rose by half over the 30 days before.",
        "“Lamp” made most of the difference: 60 mentions after 15.",
        "90 % of the first responses that were promised came in time, after 100 %.",
        "2 assignments wait longer than was promised.",
    ]
    found.now.by_query.clear()
    assert not [told for told in sentences(found) if "difference" in told]
