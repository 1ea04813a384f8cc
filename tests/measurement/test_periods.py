"""Periods that people name, each beside the one before it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measurement.periods import PERIODS, period, said, said_before
from measurement.telling import sentences
from tests.measurement.test_telling import FAST, SLOW, figures_of

ZONE = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "day", "first", "last", "before", "called"),
    [
        ("week", date(2026, 3, 30), date(2026, 3, 23), date(2026, 3, 29), date(2026, 3, 16), "the week before"),
        ("week", date(2026, 3, 29), date(2026, 3, 16), date(2026, 3, 22), date(2026, 3, 9), "the week before"),
        ("month", date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 1, 1), "January"),
        ("month", date(2026, 1, 1), date(2025, 12, 1), date(2025, 12, 31), date(2025, 11, 1), "November"),
        ("quarter", date(2026, 5, 2), date(2026, 1, 1), date(2026, 3, 31), date(2025, 10, 1), "the quarter before"),
        ("days7", date(2026, 3, 1), date(2026, 2, 22), date(2026, 2, 28), date(2026, 2, 15), "the 7 days before"),
    ],
)
def test_a_period_is_over_and_lies_beside_the_one_before(
    name: str, day: date, first: date, last: date, before: date, called: str
) -> None:
    found = period(name, day, ZONE)
    assert (found.first, found.last, found.before().first) == (first, last, before)
    assert said_before(found) == called and said(found)


@settings(max_examples=60)
@given(st.sampled_from(sorted(PERIODS)), st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_whatever_the_day_periods_follow_each_other_without_a_gap(name: str, day: date) -> None:
    found = period(name, day, ZONE)
    assert found.last < day
    for _turn in range(3):
        earlier = found.before()
        assert (found.first - earlier.last).days == 1 and type(earlier) is type(found)
        assert sum(step.days for step in found.steps()) == found.days
        found = earlier


def test_a_month_is_told_beside_the_month_before_it() -> None:
    october = period("month", date(2026, 11, 3), ZONE)
    now, before = {"captured": 133, "bucket": FAST, "answered": 20}, {"bucket": SLOW, "answered": 20}
    [told, *_rest] = sentences(figures_of(october, now, before))
    assert told.endswith("sooner than in September, although mentions rose by a third.")
