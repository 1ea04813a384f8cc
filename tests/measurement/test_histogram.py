"""Percentiles from buckets are at most 5 % from the exact ones."""

from __future__ import annotations

import math
import random

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from measurement.computing import as_pack
from measurement.histogram import GROWTH, LAST, MARK, NARROW, added, added_packs, percentile, unpacked

durations = st.lists(st.floats(min_value=1.06, max_value=30_000_000), min_size=1, max_size=200)


def counted(values: list[float]) -> list[int]:
    buckets = [0] * (LAST + 1)
    for value in values:
        buckets[min(LAST, math.floor(math.log(max(1.0, value)) / math.log(GROWTH)))] += 1
    return buckets


def exact(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed, as percentile_disc has it."""
    return sorted(values)[max(1, math.ceil(round(share * len(values), 9))) - 1]


@given(durations, st.sampled_from([0.5, 0.9]))
def test_a_percentile_is_at_most_five_percent_off(values: list[float], share: float) -> None:
    found = percentile(counted(values), share)
    assert found is not None
    assert 1 / (GROWTH * 1.000001) <= found / exact(values, share) <= GROWTH * 1.000001


@given(durations, durations)
def test_histograms_add_up_to_the_histogram_of_all(one: list[float], other: list[float]) -> None:
    assert added([counted(one), counted(other)]) == counted(one + other)


few, many_each = st.integers(0, NARROW), st.integers(0, 2**24 - 1)


def pack(counts: list[int]) -> bytes:
    """As the statement that computes days packs them."""
    if counts and max(counts) <= NARROW:
        return MARK + bytes(counts)
    return b"".join(count.to_bytes(4, "big") for count in counts)


@given(st.lists(st.dictionaries(st.integers(0, LAST), few | many_each, max_size=5), min_size=1, max_size=8))
def test_packs_of_any_length_add_up_to_what_their_numbers_do(counts: list[dict[int, int]]) -> None:
    many = [[one.get(bucket, 0) for bucket in range(max(one, default=-1) + 1)] for one in counts]
    packs = [pack(one) for one in many]
    assert [unpacked(pack) for pack in packs] == many
    assert added_packs(packs) == added([[0] * (LAST + 1), *many]), "however much that is together"


@pytest.mark.django_db
@pytest.mark.parametrize("counts", [[], [0], [3, 0, NARROW], [0, NARROW + 1], [0, 0, 2**24], [1] * (LAST + 1)])
def test_the_database_packs_them_so_that_they_can_be_read(counts: list[int]) -> None:
    rows = [f"(7, {place}, {held}::bigint)" for place, held in enumerate(counts)] or ["(NULL::int, NULL::int, NULL)"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {as_pack(7)} FROM (VALUES (8, 0, 5000), {', '.join(rows)}) AS t (which, place, held)")
        [made] = cursor.fetchone()
    assert unpacked(made) == counts
    assert bytes(made) == pack(counts)


def test_interpolation_is_closer_than_the_bucket_where_values_are_many() -> None:
    chance = random.Random(4)
    values = [chance.lognormvariate(7, 1.5) for _ in range(20_000)]
    for share in (0.5, 0.9):
        assert percentile(counted(values), share) == pytest.approx(exact(values, share), rel=0.01)


def test_nothing_counted_has_no_percentile() -> None:
    assert percentile([], 0.5) is None
    assert percentile([0, 0], 0.5) is None


def test_under_a_second_is_about_a_second_at_most() -> None:
    assert percentile([4], 0.5) == pytest.approx(GROWTH / 2)
