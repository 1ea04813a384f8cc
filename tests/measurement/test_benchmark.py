"""The benchmark of figures harms no database of ours, and lays what is warm beside what is warm."""

from __future__ import annotations

import pytest
from django.db import connection

from benchmarks import executive, year
from roles import clock
from tests.cast import Cast


def test_a_database_that_was_not_lent_to_a_benchmark_is_refused(acme: Cast) -> None:
    def indexes() -> list[str]:
        with connection.cursor() as cursor:
            asked = "SELECT indexname FROM pg_indexes WHERE tablename = ANY (%s) ORDER BY 1"
            cursor.execute(asked, [list(year.FILLED)])
            return [name for (name,) in cursor.fetchall()]

    before = indexes()
    assert len(before) > len(year.FILLED)
    for work in (year.prepare, lambda: year.fill(acme.organization, 1, clock.now())):
        with pytest.raises(SystemExit, match="no database of a benchmark"):
            work()
    assert indexes() == before


@pytest.mark.parametrize(("mentions", "asked"), [(1000, 4), (executive.MANY + 1, 2)])
def test_the_plain_way_is_asked_once_before_it_is_measured(mentions: int, asked: int) -> None:
    rounds: list[int] = []
    took, answer = executive.slow(lambda: rounds.append(1) or len(rounds), mentions)
    assert (len(rounds), answer) == (asked, asked) and took < 60
