"""One series of counts: what is usual, how far a count is from it, how rare that is, and whether it is news."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from listening.early_warning.rarity import Rarity
from listening.early_warning.rhythm import Rhythm

VERSION = 1
# Counts scatter more than chance alone: their variance is the mean and this share of its square.
SCATTER = 0.3
# A score of one half belongs to what comes once in this time.
HALF = timedelta(days=7)
# Nothing is called rarer than this; no series is long enough to know.
LONGEST = timedelta(days=36525)
# So long a burst that is known keeps smaller ones from being news; a larger one is news, by steps of this surprise.
COOL_DOWN = timedelta(hours=24)
GROWTH = 0.5
# Days after which a surprise weighs half.
HALF_LIFE = 60.0
# A pause longer than this tells nothing about how far counts are apart.
LONGEST_SPACING = timedelta(days=1)
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Score:
    """What the detector says of one count."""

    at: datetime
    value: float
    # From 0 to 1: how much it is worth a warning now; low for what was already known.
    score: float
    # What this hour of this weekday usually brings, and between which counts nine of ten stay.
    expected: float
    low: float
    high: float
    # A count as unusual as this comes once in this time, whether it is news or not.
    once_in: timedelta

    @property
    def is_high(self) -> bool:
        """Whether the count is above the usual range."""
        return self.value > self.high

    @property
    def is_low(self) -> bool:
        """Whether the count is below the usual range."""
        return self.value < self.low


class Detector:
    """Learns a series while it watches it; the score of a count depends on that count and those before it."""

    def __init__(self, state: dict[str, Any] | None = None, *, every: timedelta | None = None) -> None:
        state = state or {}
        if state.get("version", VERSION) != VERSION:
            raise ValueError(f"A detector's state of version {state['version']} is unknown; begin with an empty one.")
        self._rhythm = Rhythm(state.get("rhythm"))
        self._rarity = Rarity(state.get("rarity"))
        self._known: list[list[float]] = [list(known) for known in state.get("known", [])]
        self._last: float | None = state.get("last")
        self._every: float = every.total_seconds() if every else state.get("every", 0.0)
        self._fixed = every is not None

    def state(self) -> dict[str, Any]:
        """All that the next count needs, as JSON can hold it."""
        return {
            "version": VERSION,
            "rhythm": self._rhythm.state(),
            "rarity": self._rarity.state(),
            "known": self._known,
            "last": self._last,
            "every": self._every,
        }

    def observe(self, at: datetime, value: float) -> Score:
        """Judge one count, then learn from it; counts come in the order of their times."""
        now = _seconds(at)
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"A count is a number from 0 up, not {value}.")
        if self._last is not None and now <= self._last:
            raise ValueError(f"{at.isoformat()} is not after the count before it.")
        self._follow_spacing(now)
        expected = self._rhythm.expected(at)
        spread = math.sqrt(expected + SCATTER * expected * expected + 1)
        surprise = _surprise((value - expected) / spread)
        chance, lowest, highest = self._rarity.judge(surprise)
        wait = math.log(self._every) - chance
        score = Score(
            at=at,
            value=value,
            score=_score(wait) if self._is_news(now, surprise) else 0.0,
            expected=expected,
            low=max(0.0, expected + spread * _distance(lowest)),
            high=max(0.0, expected + spread * _distance(highest)),
            once_in=min(LONGEST, timedelta(seconds=math.exp(min(wait, 30)))),
        )
        self._learn(at, now, value, surprise)
        return score

    def _follow_spacing(self, now: float) -> None:
        """Learn how far counts are apart, unless that was said."""
        if self._last is None or self._fixed:
            self._every = self._every or 300.0
            return
        gap = now - self._last
        if gap <= LONGEST_SPACING.total_seconds():
            self._every += (gap - self._every) * 0.1

    def _is_news(self, now: float, surprise: float) -> bool:
        """Whether nothing as large was known within the cool-down; remembers it either way."""
        rank = math.floor(surprise / GROWTH)
        self._known = [known for known in self._known if now - known[0] <= COOL_DOWN.total_seconds()]
        is_news = not self._known or rank > self._known[0][1]
        while self._known and self._known[-1][1] <= rank:
            self._known.pop()
        self._known.append([now, rank])
        return is_news

    def _learn(self, at: datetime, now: float, value: float, surprise: float) -> None:
        if self._last is not None and int(now // DAY) != int(self._last // DAY):
            self._rarity.fade(0.5 ** (max(1, now // DAY - self._last // DAY) / HALF_LIFE))
        self._rarity.learn(surprise)
        self._rhythm.learn(at, value, hours=min(1.0, self._every / 3600))
        self._last = now


def score_of(once_in: timedelta) -> float:
    """The score of news that come once in this time."""
    return _score(math.log(once_in.total_seconds()))


def _score(wait: float) -> float:
    """The same from the logarithm of the seconds, which no rarity is too large for."""
    return 1 / (1 + math.exp(min(700.0, math.log(HALF.total_seconds()) - wait)))


def _seconds(at: datetime) -> float:
    """A moment as seconds; a time without a zone counts as it is written."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _surprise(distance: float) -> float:
    return math.copysign(math.log1p(abs(distance)), distance)


def _distance(surprise: float) -> float:
    return math.copysign(math.expm1(abs(surprise)), surprise)
