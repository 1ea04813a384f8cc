"""Numbers over time as the geometry of a small picture: columns, an expected band behind them, and what is marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDE, NARROW = (720, 220), (340, 200)
TOP, BOTTOM, LEFT, END = 10, 24, 34, 8
LETTER = 6.5


@dataclass(frozen=True, slots=True)
class Column:
    """One step: its number, where it stands and what it says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    said: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A word beside an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture in one size."""

    size: str
    width: int
    height: int
    left: int
    right: int
    bottom: int
    columns: tuple[Column, ...]
    ticks: tuple[Label, ...]
    labels: tuple[Label, ...]
    band: str  # a path from the lower to the upper bound of what was expected
    expected: str  # a path along what was expected


def drawings(
    values: Sequence[float],
    *,
    labels: Sequence[str],
    said: Sequence[str],
    marked: Sequence[bool] = (),
    expected: Sequence[tuple[float, float, float]] = (),
) -> tuple[Drawing, Drawing]:
    """Draw the same picture wide and narrow; `expected` is (low, expected, high) for each step."""
    wide, narrow = (
        _drawn(values, labels, said, marked, expected, size=size, width=width, height=height)
        for size, (width, height) in (("wide", WIDE), ("narrow", NARROW))
    )
    return wide, narrow


def _drawn(
    values: Sequence[float],
    labels: Sequence[str],
    said: Sequence[str],
    marked: Sequence[bool],
    expected: Sequence[tuple[float, float, float]],
    *,
    size: str,
    width: int,
    height: int,
) -> Drawing:
    highest = max([*values, *(high for _low, _expected, high in expected), 1.0])
    step = _step(highest)
    top_value = step * ceil(highest / step)
    bottom, right = height - BOTTOM, width - END
    scale = (bottom - TOP) / top_value
    room = (right - LEFT) / max(len(values), 1)

    def y(value: float) -> float:
        return round(bottom - value * scale, 1)

    def x(number: float) -> float:
        return round(LEFT + room * number, 1)

    columns = tuple(
        Column(
            x=round(x(number) + room * 0.1, 1),
            y=y(value),
            width=round(max(1.0, min(room * 0.8, 40.0)), 1),
            height=round(value * scale, 1),
            said=said[number],
            is_marked=bool(marked and marked[number]),
        )
        for number, value in enumerate(values)
    )
    ticks = tuple(Label(y(step * number), f"{step * number:g}") for number in range(ceil(highest / step) + 1))
    middle = [(x(number + 0.5), *bounds) for number, bounds in enumerate(expected)]
    line = "".join(f"{'L' if number else 'M'}{at} {y(usual)}" for number, (at, _l, usual, _h) in enumerate(middle))
    band = ""
    if middle:
        there = "".join(f"{'L' if number else 'M'}{at} {y(high)}" for number, (at, _l, _e, high) in enumerate(middle))
        back = "".join(f"L{at} {y(low)}" for at, low, _e, _h in reversed(middle))
        band = f"{there}{back}Z"
    return Drawing(size, width, height, LEFT, right, bottom, columns, ticks, _thinned(labels, room, right), band, line)


def _step(highest: float) -> float:
    rough = highest / 4
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999999)
    return max(1.0, float(ceil(step)))


def _thinned(labels: Sequence[str], room: float, right: int) -> tuple[Label, ...]:
    """As many labels as have room beside each other."""
    if not labels:
        return ()
    half = max(map(len, labels)) * LETTER / 2
    every = max(1, ceil((2 * half + 14) / room))
    return tuple(
        Label(round(min(max(LEFT + room * (number + 0.5), LEFT + half), right - half), 1), labels[number])
        for number in range(0, len(labels), every)
    )
