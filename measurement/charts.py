"""The geometry of pictures: numbers in, places on a drawing out. It knows no words, colours, rows or templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

TOP, BOTTOM, END = 12, 26, 8
LETTER = 7  # the width of a digit at the size that charts are written in


@dataclass(frozen=True)
class Tick:
    """A line of the grid, or a place on the axis, with what it says."""

    at: float
    text: str


@dataclass(frozen=True)
class Segment:
    """One part of a column: which series, where it begins and how high it is."""

    series: int
    y: float
    height: float
    value: float


@dataclass(frozen=True)
class Column:
    """A stack of segments over one step, and the strip over the full height that is easy to hit."""

    index: int
    x: float
    width: float
    strip_x: float
    strip_width: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Line:
    """One series as strokes, broken where there is no value, and its single points."""

    series: int
    path: str
    points: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True)
class Frame:
    """The drawing and the field in it."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    ticks: tuple[Tick, ...]
    labels: tuple[Tick, ...]

    @property
    def field_height(self) -> int:
        """Height of the field between the axes."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Chart:
    """A picture: columns or lines in a frame."""

    frame: Frame
    columns: tuple[Column, ...] = ()
    lines: tuple[Line, ...] = ()

    def middle(self, index: int) -> float:
        """Where the middle of a step lies."""
        column = self.columns[index]
        return _short(column.strip_x + column.strip_width / 2)


def round_steps(highest: float, *, count: int = 4, steps: Sequence[float] = ()) -> list[float]:
    """Return round values from 0 to at least the highest, about `count` of them; of the given steps, if any fits."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / count
    fitting = [step for step in steps if step >= rough]
    if fitting:
        step = fitting[0]
    else:
        power = 10 ** floor(log10(rough))
        step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999999)
        step = max(1.0, ceil(step)) if highest >= 1 else step
    return [step * number for number in range(ceil(highest / step - 1e-9) + 1)]


def columns(
    series: Sequence[Sequence[float]],
    labels: Sequence[str],
    *,
    width: int,
    height: int,
    say: Callable[[float], str] = "{:g}".format,
) -> Chart:
    """Stack the series over each step, the first at the bottom."""
    totals = [sum(step) for step in zip(*series, strict=True)] or [0.0] * len(labels)
    frame, scale, _low = _frame(max(totals, default=0.0), labels, width, height, say, ())
    step = (frame.right - frame.left) / max(1, len(labels))
    bar = max(1.0, min(step * 0.78, 44.0))
    found = []
    for index in range(len(labels)):
        x = frame.left + step * index
        segments, y = [], float(frame.bottom)
        for number, values in enumerate(series):
            if (value := values[index]) > 0:
                tall = value * scale
                y -= tall
                segments.append(Segment(number, _short(y), _short(tall), value))
        found.append(Column(index, _short(x + (step - bar) / 2), _short(bar), _short(x), _short(step), tuple(segments)))
    return Chart(frame, columns=tuple(found))


def lines(
    series: Sequence[Sequence[float | None]],
    labels: Sequence[str],
    *,
    width: int,
    height: int,
    say: Callable[[float], str] = "{:g}".format,
    steps: Sequence[float] = (),
) -> Chart:
    """Draw each series as a line over the steps; where a value is missing, the line is broken."""
    known = [value for values in series for value in values if value is not None]
    frame, scale, low = _frame(max(known, default=0.0), labels, width, height, say, steps, lowest=min([0.0, *known]))
    step = (frame.right - frame.left) / max(1, len(labels))
    drawn = []
    for number, values in enumerate(series):
        path, points, pen_down = [], [], False
        for index, value in enumerate(values):
            if value is None:
                pen_down = False
                continue
            x, y = _short(frame.left + step * (index + 0.5)), _short(frame.bottom - (value - low) * scale)
            path.append(f"{'L' if pen_down else 'M'}{x:g} {y:g}")
            points.append((x, y, index))
            pen_down = True
        drawn.append(Line(number, "".join(path), tuple(points)))
    strips = tuple(
        Column(index, 0, 0, _short(frame.left + step * index), _short(step), ()) for index in range(len(labels))
    )
    return Chart(frame, columns=strips, lines=tuple(drawn))


def _frame(
    highest: float,
    labels: Sequence[str],
    width: int,
    height: int,
    say: Callable[[float], str],
    steps: Sequence[float],
    *,
    lowest: float = 0.0,
) -> tuple[Frame, float, float]:
    """The frame, how much one unit is on it, and the value at its bottom."""
    values = round_steps(max(highest, -lowest), steps=steps)
    if lowest < 0:
        step = values[1] - values[0]
        below, above = (ceil(value / step - 1e-9) for value in (-lowest, max(0.0, highest)))
        values = [step * number for number in range(-below, above + 1)]
    words = [say(value) for value in values]
    left = LETTER * max(len(word) for word in words) + 8
    bottom = height - BOTTOM
    low = values[0]
    scale = (bottom - TOP) / (values[-1] - low)
    ticks = tuple(Tick(_short(bottom - (value - low) * scale), word) for value, word in zip(values, words, strict=True))
    frame = Frame(width, height, left, width - END, TOP, bottom, ticks, _thinned(labels, left, width - END))
    return frame, scale, low


def _thinned(labels: Sequence[str], left: int, right: int) -> tuple[Tick, ...]:
    """Keep as many labels as have room beside each other, evenly, and the last one among them."""
    if not labels:
        return ()
    step = (right - left) / len(labels)
    every = max(1, ceil((max(map(len, labels)) * LETTER + 14) / step))
    kept = range((len(labels) - 1) % every, len(labels), every)
    half = max(map(len, labels)) * LETTER / 2
    return tuple(Tick(_short(min(left + step * (index + 0.5), right + END - half)), labels[index]) for index in kept)


def _short(number: float) -> float:
    return round(number, 1)
