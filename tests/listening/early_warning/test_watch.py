"""The watch: one episode for one burst."""

from __future__ import annotations

import json
from datetime import timedelta

from listening.early_warning import Change, Detector, Severity, Watch, learned
from tests.listening.early_warning.series import BEGIN, made

MINUTES = timedelta(minutes=5)
BURST = BEGIN + timedelta(days=20)


def changes(bursts: dict[int, float], *, resumed: bool = False) -> list[Change]:
    detector, watch, found = Detector(every=MINUTES), Watch(), []
    loud = {BURST + step * MINUTES: value for step, value in bursts.items()}
    for at, value in made(days=22, level=8, bursts=loud):
        if resumed and 0 <= (at - BURST) / MINUTES < 30:
            detector = Detector(json.loads(json.dumps(detector.state())), every=MINUTES)
            watch = Watch(json.loads(json.dumps(watch.state())))
        change = watch.follow(detector.observe(at, value))
        if change and at >= BURST:
            found.append(change)
    return found


def test_one_burst_is_one_episode_with_its_peak_and_its_end() -> None:
    began, *grew, ended = changes({0: 200, 1: 900, 2: 400, 5: 300})
    assert (began.kind, ended.kind) == ("began", "ended")
    assert {change.kind for change in grew} <= {"grew"}
    episode = ended.episode
    assert (episode.started_at, episode.peak_at, episode.peak_value) == (BURST, BURST + MINUTES, 900)
    assert episode.last_at == BURST + 5 * MINUTES
    assert episode.ended_at == BURST + 17 * MINUTES
    assert episode.low <= episode.expected <= episode.high < 100


def test_a_smaller_burst_within_the_cool_down_is_no_second_episode() -> None:
    assert [change.kind for change in changes({0: 900, 60: 200}) if change.kind != "grew"] == ["began", "ended"]


def test_goes_on_from_its_state() -> None:
    bursts = {0: 200.0, 1: 900.0, 2: 400.0, 5: 300.0}
    assert changes(bursts, resumed=True) == changes(bursts)


def test_a_larger_burst_is_more_severe() -> None:
    assert changes({0: 100})[-1].episode.severity < changes({0: 20_000})[-1].episode.severity == Severity.GRAVE


def test_false_warnings_make_it_calmer_and_true_ones_a_little_keener() -> None:
    week = timedelta(days=7)
    assert learned(week, ending="true") < learned(week, ending="known") == week < learned(week, ending="false")
    assert learned(timedelta(days=80), ending="false") == timedelta(days=90)
