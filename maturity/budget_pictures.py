"""The picture of the budget: what is planned beside what is usual, as bars of parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from roles.activities import Activity
from roles.wording import labelled, number

WIDTH, HEIGHT = 1000, 34


@dataclass(frozen=True)
class Part:
    """One part of a bar: which series, where it begins, how wide it is, and what it says."""

    series: int
    x: float
    width: float
    text: str


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its parts, and the same in words."""

    name: str
    parts: tuple[Part, ...]

    @property
    def said(self) -> str:
        """All parts in a sentence."""
        return "; ".join(part.text for part in self.parts)


@dataclass(frozen=True)
class Pair:
    """What is planned for one activity above what was spent on it, on one scale for all."""

    series: int
    planned: float
    spent: float
    text: str


def against(planned: Mapping[str, float], spent: Mapping[str, float]) -> list[Pair]:
    """Draw hours a week that are planned beside those that were spent, by activity."""
    most = max([*planned.values(), *spent.values()], default=0)
    if most <= 0:
        return []
    pairs = []
    for series, activity in enumerate(Activity, start=1):
        plan, real = planned.get(activity, 0), spent.get(activity, 0)
        if not plan and not real:
            continue
        words = _("%(activity)s: %(plan)s h planned, %(real)s h spent") % {
            "activity": activity.label, "plan": number(plan), "real": number(real),
        }  # fmt: skip
        pairs.append(Pair(series, round(WIDTH * plan / most, 1), round(WIDTH * real / most, 1), words))
    return pairs


def bar(name: str, values: Mapping[str, float], *, unit: str) -> Bar:
    """Draw values as parts of one bar of full width."""
    whole = sum(values.values())
    parts, x = [], 0.0
    for series, activity in enumerate(Activity, start=1):
        value = values.get(activity, 0)
        if whole <= 0 or value <= 0:
            continue
        width = WIDTH * value / whole
        parts.append(Part(series, round(x, 1), round(width, 1), labelled(activity.label, f"{number(value)} {unit}")))
        x += width
    return Bar(name, tuple(parts))
