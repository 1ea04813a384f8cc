"""Erlang's formulas against published figures, and what must hold of them for any figures.

Where the figures come from: the calculator manual of Westbay Engineers (erlang.com, “How much traffic can a trunk group
handle?”: 15 lines, 1 % blocked, 8.108 erlangs); the table of Erlang B in “Carrier Grade Voice over IP”, second edition,
appendix A (1 %: 5 channels 1.4, 7 channels 2.5, 9 channels 3.8); Call Centre Helper, “Erlang C formula made simple with
an easy worked example” (200 calls an hour of 3 minutes: 14 agents, of whom 71.4 % are busy; 17.4 % wait, 88.8 % are
answered within 20 seconds), which the tests of the package pyworkforce repeat; the tests of call-center-tools (123
erlangs and 132 agents: 32.11 % wait; 12,345 and 12,421: 38.12 %).
"""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity import erlang

agents = st.integers(1, 400)
loads = st.floats(0.01, 300, allow_nan=False)


@pytest.mark.parametrize(
    ("people", "load", "chance", "places"),
    [(15, 8.108, 0.01, 5), (5, 1.36, 0.01, 3), (7, 2.5, 0.01, 3), (9, 3.78, 0.01, 3)],
)
def test_erlang_b_as_it_is_printed(people: int, load: float, chance: float, places: int) -> None:
    assert erlang.busy_chance(people, load) == pytest.approx(chance, abs=10**-places)


def test_erlang_c_as_it_is_printed() -> None:
    assert round(erlang.wait_chance(14, 10), 3) == 0.174
    assert round(erlang.share_within(14, 10, handling=180, target=20), 3) == 0.888
    assert round(erlang.wait_chance(132, 123), 4) == 0.3211
    assert round(erlang.wait_chance(12421, 12345), 4) == 0.3812
    assert erlang.needed(10, handling=180, target=20, share=0.8) == 14


def test_one_person_is_the_queue_that_can_be_solved_by_hand() -> None:
    # With one person the chance to wait is the load, and the wait is exponential.
    assert erlang.wait_chance(1, 0.4) == pytest.approx(0.4)
    assert erlang.share_within(1, 0.4, handling=10, target=5) == pytest.approx(1 - 0.4 * exp(-0.3))


@given(st.integers(1, 12), st.floats(0.05, 0.95), st.floats(0, 3))
def test_the_wait_is_that_of_those_who_are_found_in_line(people: int, busy: float, target: float) -> None:
    """The same share by another way: how many are found in line, and how long so many ends of work take.

    The chance of each number of people in the system follows from what comes and goes at each (birth and death); with k
    in line before one, k + 1 ends of work must come, which is a Poisson sum. No exponential of the formula is used.
    """
    load = busy * people
    found = [1.0]
    while len(found) < people or found[-1] > 1e-14 * sum(found):
        found.append(found[-1] * load / min(len(found), people))
    whole = sum(found) + found[-1] * busy / (1 - busy)
    rate, later, term, ends = people * target, 0.0, exp(-people * target), 0.0
    for in_line, chance in enumerate(found[people:]):
        ends += term
        later += chance / whole * min(1.0, ends)
        term *= rate / (in_line + 1)
    assert erlang.share_within(people, load, handling=1, target=target) == pytest.approx(1 - later, abs=1e-9)


def test_the_edges() -> None:
    assert erlang.needed(0, handling=300, target=60, share=0.8) == 0
    assert erlang.wait_chance(3, 3) == 1
    assert erlang.share_within(3, 3, handling=60, target=60) == 0
    assert 0 < erlang.busy_chance(3000, 2990) < 1, "nothing overflows"
    for wrong in ({"share": 1.0}, {"share": -0.1}):
        with pytest.raises(ValueError, match="share"):
            erlang.needed(2, handling=300, target=60, **wrong)
    with pytest.raises(ValueError, match="beyond"):
        erlang.needed(1e9, handling=300, target=60, share=0.8)


@given(agents, loads)
def test_more_people_mean_less_waiting(people: int, load: float) -> None:
    assert erlang.wait_chance(people + 1, load) <= erlang.wait_chance(people, load)


@given(agents, loads, st.floats(0.01, 50))
def test_more_work_means_more_waiting(people: int, load: float, more: float) -> None:
    assert erlang.wait_chance(people, load) <= erlang.wait_chance(people, load + more) + 1e-12


@given(loads, st.floats(0, 3600), st.floats(0, 3600), st.floats(0.01, 0.99))
def test_more_time_takes_fewer_people(load: float, target: float, more: float, share: float) -> None:
    strict = erlang.needed(load, handling=240, target=target, share=share)
    assert erlang.needed(load, handling=240, target=target + more, share=share) <= strict


@given(loads, st.floats(0, 7200), st.floats(0.01, 0.99))
def test_what_is_needed_is_enough_and_one_fewer_is_not(load: float, target: float, share: float) -> None:
    people = erlang.needed(load, handling=240, target=target, share=share)
    assert erlang.share_within(people, load, handling=240, target=target) >= share
    assert people == 1 or erlang.share_within(people - 1, load, handling=240, target=target) < share


@given(st.integers(1, 60), st.floats(0.01, 59))
def test_it_is_the_sum_of_the_book(people: int, load: float) -> None:
    """The formula as it stands in every book, for numbers at which its sums still fit."""
    if load >= people:
        return
    terms = [1.0]
    for number in range(1, people + 1):
        terms.append(terms[-1] * load / number)
    last = terms[-1] * people / (people - load)
    assert erlang.wait_chance(people, load) == pytest.approx(last / (sum(terms[:-1]) + last), rel=1e-9)
