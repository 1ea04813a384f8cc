"""How many processes the tests run in."""

from __future__ import annotations

import os

import pytest

from tests.servers import MOST_PROCESSES, pytest_xdist_auto_num_workers


@pytest.mark.parametrize(("cores", "processes"), [(1, 1), (2, 3), (4, 6), (128, MOST_PROCESSES)])
def test_as_many_as_the_cores_that_are_ours_allow(monkeypatch: pytest.MonkeyPatch, cores: int, processes: int) -> None:
    monkeypatch.delenv("PYTEST_XDIST_AUTO_NUM_WORKERS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 256)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(cores)))
    assert pytest_xdist_auto_num_workers() == processes


def test_or_as_many_as_somebody_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "2")
    assert pytest_xdist_auto_num_workers() == 2
