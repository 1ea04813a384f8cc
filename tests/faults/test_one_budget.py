"""One budget for each server, however many workers there are: two real processes keep its visits apart."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests import factories
from tests.cast import Cast
from tests.faults import workers
from tests.faults.claim_and_tell import GO, READY, TOLD

PER_SECOND = 10
SOURCES = 40


@pytest.mark.django_db(transaction=True)
def test_two_workers_visit_a_server_as_often_as_one(acme: Cast, tmp_path: Path) -> None:
    for number in range(SOURCES):
        factories.source(place=f"https://one.example/{number}")
    two = [workers.start("tests.faults.claim_and_tell", str(tmp_path), str(PER_SECOND)) for _worker in range(2)]
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob(f"{READY}-*"))) < 2:
        assert time.monotonic() < deadline, "They did not begin."
        time.sleep(0.01)
    (tmp_path / GO).touch()
    assert [workers.ended(worker) for worker in two] == [0, 0]
    told = [file.read_text().splitlines() for file in tmp_path.glob(f"{TOLD}-*")]
    assert len(told) == 2 and all(told), "Both took a part."
    lines = [line.split() for lines in told for line in lines]
    assert Counter(Counter(key for key, _at in lines).values()) == {1: SOURCES}
    visits = sorted(datetime.fromisoformat(at) for _key, at in lines)
    gap = timedelta(seconds=1 / PER_SECOND)
    assert min(later - earlier for earlier, later in pairwise(visits)) >= gap - timedelta(milliseconds=1)
