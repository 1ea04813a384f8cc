"""A network that refuses, drops answers, stalls and is killed with the workers: nothing twice, nothing lost.

Some hundreds here; `make bench ARGS="deliveries publishing"` does the same with thousands.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import city, deliveries, publishing
from benchmarks.killing import Quick
from roles.tenancy import acting_for

REPLIES = 200


@pytest.mark.long
def test_whatever_dies_each_reply_is_there_once_or_before_a_person(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "KILL_CITY_EVERY", REPLIES // 2)
    now = Quick()
    organization, member = deliveries.fill("rough", REPLIES, at=now())
    with acting_for(organization):
        result = deliveries.trial(member, now, tmp_path, workers=2, moods=city.MOODS, killing=True)
    assert (result.twice, result.lost, result.untrue) == (0, 0, 0), result
    assert sum(result.ended.values()) == REPLIES
    assert result.workers_killed and result.city_killed, "It was too quick to be killed."
    assert result.ended["accepted"] > REPLIES / 2
    assert result.attempts["send unknown"] and result.attempts["send refused"], result.attempts


@pytest.mark.long
def test_whatever_dies_around_a_change_of_the_clocks_nothing_is_late_without_a_word(transactional_db: None) -> None:
    result = publishing.around(publishing.CHANGES[0], "rough", 60, workers=2, speed=300, seconds=600)
    assert result.is_right, result
    assert result.missed and result.workers_killed, "It was too quick to be late, or to be killed."
