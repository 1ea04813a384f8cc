"""The geometry of pictures."""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise

import pytest
from django.conf import settings
from django.template.loader import get_template
from hypothesis import given
from hypothesis import strategies as st

from measurement.charts import columns, lines, round_steps
from measurement.paper import STYLE
from measurement.pictures import Picture, columns_of, lines_of

counts = st.integers(min_value=0, max_value=10_000_000)


@given(st.floats(min_value=0.001, max_value=1e9))
def test_the_axis_reaches_the_highest_value_in_few_even_steps(highest: float) -> None:
    values = round_steps(highest)
    assert values[0] == 0
    assert values[-1] >= highest * 0.9999
    assert 2 <= len(values) <= 7
    steps = {round((b - a) / values[1], 6) for a, b in pairwise(values)}
    assert steps == {1.0}


def test_counts_have_whole_steps() -> None:
    assert round_steps(1) == [0, 1]
    assert round_steps(3) == [0, 1, 2, 3]
    assert round_steps(0) == [0, 1]
    assert round_steps(9000, steps=[60, 600, 3600]) == [0, 3600, 7200, 10800]


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=200), st.sampled_from([340, 720]))
def test_columns_stay_in_their_field_and_stack_without_gaps(steps: list[tuple[int, int]], width: int) -> None:
    series = [[one for one, _ in steps], [other for _, other in steps]]
    chart = columns(series, [f"{i} Jan" for i in range(len(steps))], width=width, height=240)
    frame = chart.frame
    assert len(chart.columns) == len(steps)
    for column in chart.columns:
        assert frame.left - 0.1 <= column.x
        assert column.x + column.width <= frame.right + 0.6
        y = float(frame.bottom)
        for segment in column.segments:
            assert segment.y + segment.height == pytest.approx(y, abs=0.21)
            y = segment.y
        assert y >= frame.top - 0.2


def test_heights_are_in_proportion() -> None:
    chart = columns([[10, 5, 0]], ["a", "b", "c"], width=300, height=200)
    one, half, none = chart.columns
    assert one.segments[0].height == pytest.approx(2 * half.segments[0].height, abs=0.2)
    assert none.segments == ()


def test_a_line_breaks_where_there_is_no_value() -> None:
    chart = lines([[1.0, 2.0, None, 4.0]], list("abcd"), width=300, height=200)
    (line,) = chart.lines
    assert line.path.count("M") == 2
    assert [index for _x, _y, index in line.points] == [0, 1, 3]
    heights = [y for _x, y, _index in line.points]
    assert heights == sorted(heights, reverse=True)


def test_eight_series_are_told_apart_without_their_colour() -> None:
    """By a hatching or by dashes of their own, on the page, on paper and in mails, and in the legend alike."""
    style = (settings.BASE_DIR / "config/static/css/chart.css").read_text()
    for draw_of, mark in ((columns_of, "hatch"), (partial(lines_of, say=str, steps=()), "dash")):
        series = tuple((number, f"Series {number}") for number in range(1, 9))
        picture = Picture(
            "many", "Many", "", series, (("", "a"), ("", "b")), draw_of([[1.0, 2.0]] * 8, ["a", "b"]), (), ()
        )
        drawn = get_template("measurement/_chart.jinja", using="jinja2").render({"picture": picture, "only": "wide"})
        marks = re.findall(rf"legend__swatch--{mark}-(\d)", drawn)
        assert sorted(marks) == list("01234567")
        assert all(f".legend__swatch--{mark}-{number} {{" in style for number in marks[1:])
        if mark == "hatch":
            assert sorted(set(re.findall(r"url\(#many-wide-hatch-(\d)\)", drawn))) == list("1234567")
            assert len(set(re.findall(r'class="chart__hatch" d="([^"]+)"', drawn))) == 7
        else:
            dashes = re.findall(r"\.chart__line--\d\{stroke-dasharray:([^}]+)\}", STYLE)
            assert sorted(set(re.findall(r"chart__line--(\d)", drawn))) == list("01234567") and len(set(dashes)) == 7
            assert all(f"stroke-dasharray: {dash};" in style for dash in dashes)


def test_labels_never_crowd() -> None:
    for count in (1, 7, 30, 45, 180):
        chart = columns([[1] * count], ["28 Feb"] * count, width=340, height=200)
        places = [label.at for label in chart.frame.labels]
        assert places
        assert all(b - a >= 42 for a, b in pairwise(places))


def test_nothing_at_all_is_still_a_picture() -> None:
    assert columns([], [], width=300, height=200).columns == ()
    assert columns([], ["a"], width=300, height=200).columns[0].segments == ()
    assert lines([[None]], ["a"], width=300, height=200).lines[0].path == ""


def test_what_is_less_than_nothing_lies_below() -> None:
    chart = lines([[-0.5, 0.0, 0.25]], list("abc"), width=300, height=200)
    heights = [y for _x, y, _index in chart.lines[0].points]
    assert heights == sorted(heights, reverse=True)
    assert all(chart.frame.top <= y <= chart.frame.bottom for y in heights)
    assert heights[0] - heights[1] == pytest.approx(2 * (heights[1] - heights[2]), abs=0.3)
    assert any(tick.text.startswith("-") for tick in chart.frame.ticks)
