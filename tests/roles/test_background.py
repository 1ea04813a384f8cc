"""Work for all organizations: each has its turn, whatever became of the one before."""

from __future__ import annotations

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from roles.background import in_each_organization
from roles.tenancy import active_organization
from tests.cast import Cast


def test_what_goes_wrong_in_one_does_not_keep_the_next_from_its_turn(cast: Cast) -> None:
    turns = []

    def work() -> int:
        turns.append(active_organization().slug)
        if len(turns) == 1:
            raise RuntimeError
        return 2

    assert in_each_organization(work) == 2
    assert sorted(turns) == ["acme", "elsewhere"]


def test_a_task_whose_time_is_up_ends(cast: Cast) -> None:
    turns = []

    def work() -> None:
        turns.append(active_organization().slug)
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        in_each_organization(work)
    assert len(turns) == 1
