"""Series of charts are told apart by whoever sees no red, no green or no blue, in both themes and on paper.

Colours are seen as people without one kind of cones see them (matrices of Machado, Oliveira and Fernandes, 2009), and
their distance is that of OKLab: 0.02 is just to be noticed where two lie beside each other.
"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from measurement.paper import SERIES

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "config" / "static" / "css" / "tokens.css").read_text()
Vector = tuple[float, float, float]
EYES: dict[str, tuple[Vector, Vector, Vector]] = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900),
    ),
}  # fmt: skip
# Of the first four, which nearly every picture has enough of; of those that lie on each other; of any two.
FOUR, NEIGHBOURS, ANY = 0.1, 0.08, 0.06


def colours(name: str, theme: int) -> str:
    [pair] = re.findall(rf"--{name}: light-dark\((#\w+), (#\w+)\)", CSS)
    return str(pair[theme])


def linear(colour: str) -> Vector:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def seen(colour: str, eyes: str) -> Vector:
    """A colour in OKLab as somebody sees it."""
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear(colour), strict=True)))) for row in EYES[eyes]
    )
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def apart(one: str, other: str, eyes: str) -> float:
    pairs = zip(seen(one, eyes), seen(other, eyes), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)


def contrast(one: str, other: str) -> float:
    weights = (0.2126, 0.7152, 0.0722)
    dark, light = sorted(sum(a * b for a, b in zip(linear(colour), weights, strict=True)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_series_are_told_apart_by_all_eyes(theme: int) -> None:
    series = [colours(f"series-{number}", theme) for number in range(1, 9)]
    close = [
        (eyes, one + 1, other + 1, round(distance, 3))
        for eyes in EYES
        for one, other in combinations(range(8), 2)
        if (distance := apart(series[one], series[other], eyes))
        < (FOUR if other < 4 else NEIGHBOURS if other - one == 1 else ANY)
    ]
    assert close == []
    assert min(contrast(colour, colours("surface", theme)) for colour in series) >= 3


def test_paper_has_the_colours_of_the_light_page() -> None:
    assert list(SERIES) == [colours(f"series-{number}", 0) for number in range(1, 9)]
