"""The detector: nothing from the future, resumable, and fit for busy and for sparse series."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listening.early_warning import Detector, Score
from tests.listening.early_warning.series import BEGIN, made

HOUR = timedelta(hours=1)


def judged(series: list[tuple[datetime, float]], detector: Detector | None = None) -> list[Score]:
    detector = detector or Detector()
    return [detector.observe(at, value) for at, value in series]


def last(days: float, value: float, *, level: float, every: timedelta = HOUR) -> Score:
    """The score of one value after so many usual days."""
    detector = Detector(every=every)
    judged(list(made(days=days, level=level, every=every)), detector)
    return detector.observe(BEGIN + timedelta(days=days), value)


@given(
    counts=st.lists(st.integers(0, 500) | st.floats(0, 1e9), min_size=2, max_size=120),
    cut=st.integers(1, 119),
    more=st.lists(st.integers(0, 10**6), max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_what_comes_later_changes_no_score(counts: list[float], cut: int, more: list[int]) -> None:
    series = [(BEGIN + step * HOUR, float(count)) for step, count in enumerate(counts)]
    kept = series[:cut]
    other = kept + [(BEGIN + (len(kept) + step) * HOUR, float(count)) for step, count in enumerate(more)]
    assert judged(series)[: len(kept)] == judged(kept) == judged(other)[: len(kept)]


@pytest.mark.parametrize("every", [timedelta(minutes=5), HOUR])
def test_goes_on_from_its_state_as_if_it_had_never_stopped(every: timedelta) -> None:
    series = list(made(days=6, level=6, every=every, bursts={BEGIN + timedelta(days=4): 300.0}))
    for cut in (0, 1, 2, len(series) // 2, len(series) - 1):
        before = Detector(every=every)
        judged(series[:cut], before)
        after = Detector(json.loads(json.dumps(before.state())), every=every)
        assert judged(series[cut:], after) == judged(series, Detector(every=every))[cut:]


def test_state_stays_small() -> None:
    detector = Detector()
    judged(
        list(made(days=15, level=40, bursts={BEGIN + timedelta(days=day): 10.0**day for day in range(3, 9)})), detector
    )
    assert len(json.dumps(detector.state())) < 20_000


def test_three_mentions_are_much_where_there_are_none_and_nothing_where_there_are_many() -> None:
    assert last(28, 3, level=0.004).score > 0.5
    assert last(28, 63, level=60).score < 0.1
    assert last(28, 3, level=60).score < 0.1


def test_a_burst_scores_alike_on_a_quiet_and_on_a_busy_series() -> None:
    quiet, busy = last(28, 120, level=3), last(28, 12_000, level=300)
    assert quiet.score > 0.6 and busy.score > 0.6


def test_says_what_is_usual_at_this_hour_of_this_weekday() -> None:
    noon, night = BEGIN + timedelta(days=42, hours=13), BEGIN + timedelta(days=42, hours=1)
    detector = Detector(every=HOUR)
    judged(list(made(days=42, level=30, every=HOUR)), detector)
    state = detector.state()
    at_noon, at_night = (Detector(state, every=HOUR).observe(at, 61) for at in (noon, night))
    assert at_noon.low < 60 < at_noon.high
    assert at_night.high < 50 and at_night.is_high and not at_noon.is_high
    assert at_night.expected == pytest.approx(30 * 0.7, rel=0.35)


def test_the_like_of_a_burst_is_no_news_for_a_day_and_a_larger_one_is() -> None:
    burst = BEGIN + timedelta(days=20)
    alike, larger, late = (burst + timedelta(hours=hours) for hours in (6, 8, 40))
    bursts = {burst: 400.0, alike: 380.0, larger: 9000.0, late: 9000.0}
    scores = {score.at: score.score for score in judged(list(made(days=22, level=8, bursts=bursts)))}
    assert scores[burst] > 0.5 and scores[larger] > 0.5 and scores[late] > 0.5
    assert scores[alike] == 0


def test_a_clock_set_back_in_autumn_is_no_disorder() -> None:
    vienna = ZoneInfo("Europe/Vienna")
    begin = datetime(2026, 10, 24, tzinfo=UTC)
    detector = Detector(every=HOUR)
    for step in range(48):
        detector.observe((begin + step * HOUR).astimezone(vienna), 5)


def test_a_pause_of_a_week_is_survived() -> None:
    series = list(made(days=28, level=10, every=HOUR))
    detector = Detector()
    judged(series[: 14 * 24], detector)
    scores = judged(series[21 * 24 :], detector)
    assert sum(score.score > 0.5 for score in scores) <= 2


def test_refuses_what_is_no_count_and_what_comes_too_late() -> None:
    detector = Detector()
    detector.observe(BEGIN, 1)
    for value in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="from 0 up"):
            detector.observe(BEGIN + HOUR, value)
    with pytest.raises(ValueError, match="not after"):
        detector.observe(BEGIN, 1)
    with pytest.raises(ValueError, match="version 99"):
        Detector({"version": 99})
