"""One budget for each server, however many workers there are: two real processes keep its visits apart."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests import factories
from tests.cast import Cast
from tests.faults.workers import ROOT, environment

PER_SECOND = 10
SOURCES = 40


@pytest.mark.django_db(transaction=True)
def test_two_workers_visit_a_server_as_often_as_one(acme: Cast) -> None:
    for number in range(SOURCES):
        factories.source(place=f"https://one.example/{number}")
    two = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.claim_and_tell"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment(FETCH_REQUESTS_PER_HOST_PER_SECOND=str(PER_SECOND), FETCH_ALLOWED_PRIVATE_HOSTS=""),
        )
        for _worker in range(2)
    ]  # fmt: skip
    assert [worker.stdout.readline() for worker in two if worker.stdout] == ["ready\n"] * 2
    for worker in two:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    told = [worker.communicate(timeout=90)[0].split("\n")[:-1] for worker in two]
    assert all(told), "Both took a part."
    lines = [line.split() for lines in told for line in lines]
    assert Counter(Counter(key for key, _at in lines).values()) == {1: SOURCES}
    visits = sorted(datetime.fromisoformat(at) for _key, at in lines)
    gap = timedelta(seconds=1 / PER_SECOND)
    assert min(later - earlier for earlier, later in pairwise(visits)) >= gap - timedelta(milliseconds=1)
