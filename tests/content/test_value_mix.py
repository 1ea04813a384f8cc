"""The mix of value: each piece once, published or planned, and the limit of what may be about ourselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from content.value_mix import Mix, by_week, mix, why_not_planned
from engagement.actions.joinings import limit_promotion
from engagement.models.joinings import ASKED_FOR, Step
from roles import clock
from tests import factories
from tests.cast import Cast

BERLIN = ZoneInfo("Europe/Berlin")


def planned(step: str, *, days: float = 1, **said: Any) -> Any:
    """A publication of a new piece that serves a step."""
    variant = factories.variant(factories.piece(step=step))
    return factories.publication(variant, due_at=clock.now() + timedelta(days=days), **said)


def test_each_piece_counts_once_and_what_says_nothing_does_not(acme: Cast) -> None:
    at = clock.now()
    first = planned("promote")
    factories.publication(factories.variant(first.variant.piece), due_at=first.due_at)
    planned("engage", days=-1, state="accepted")
    for state in ("cancelled", "missed", "refused"):
        planned("promote", state=state)
    planned("promote", days=40)
    found = mix(at - timedelta(days=7), at + timedelta(days=7))
    assert (found.total, found.given, found.asked_for, found.percent, found.is_too_much) == (2, 1, 1, 50, True)
    assert [(part.step, part.count) for part in found.parts] == [("engage", 1), ("promote", 1)]


def test_one_more_about_ourselves_is_too_much_beyond_the_limit(acme: Cast) -> None:
    at = clock.now()
    piece = factories.piece(step="promote")
    assert "1 of 1" in why_not_planned(piece, at)
    for _number in range(4):
        planned("provide_value", days=-2)
    assert why_not_planned(piece, at) == ""
    planned("share_about_you", days=-1)
    assert "2 of 6" in why_not_planned(piece, at) and "20 %" in why_not_planned(piece, at)
    assert why_not_planned(factories.piece(step="engage"), at) == ""
    limit_promotion(acme.organization, most_percent=50, window_days=30, by=acme.carla, at=at)
    assert why_not_planned(piece, at) == ""


@given(st.lists(st.integers(0, 50), min_size=7, max_size=7), st.integers(0, 100))
def test_what_may_still_be_planned_is_not_too_much_then(counts: list[int], most: int) -> None:
    found = Mix(dict(zip(Step, counts, strict=True)), most)
    assert sum(part.percent for part in found.parts) == pytest.approx(100 if found.total else 0, abs=0.1)
    if not found.why_not(Step.PROMOTE):
        then = Mix({**found.counts, Step.PROMOTE: found.counts[Step.PROMOTE] + 1}, most)
        assert not then.is_too_much
    assert all(not found.why_not(step) for step in Step if step not in ASKED_FOR)


def test_it_is_drawn_where_one_plans(acme: Cast) -> None:
    drawn = Template("{% load value_mix %}{% value_mix %}")
    assert "Nothing is planned" in drawn.render(Context())
    planned("promote")
    page = drawn.render(Context())
    assert "100 % about ourselves, at most 20 %" in page and "badge--soon" in page
    assert "Week by week" in page and "1 piece, 100 % about ourselves" in page


def test_week_by_week_each_piece_counts_once_and_weeks_without_any_stand_there(acme: Cast) -> None:
    monday = datetime(2026, 10, 19, tzinfo=BERLIN)
    for at, step in ((monday, "promote"), (monday + timedelta(days=13, hours=23), "provide_value")):
        factories.publication(factories.variant(factories.piece(step=step)), due_at=at)
    # The week in which the clocks go back is an hour longer.
    weeks = by_week(monday + timedelta(days=2), monday + timedelta(days=20), BERLIN, most=20)
    assert [(day.isoformat(), one.total, one.percent) for day, one in weeks] == [
        ("2026-10-19", 1, 100), ("2026-10-26", 1, 0), ("2026-11-02", 0, 0),
    ]  # fmt: skip
