"""One series of counts: what is usual, how far a count is from it, how rare that is, and whether it is news."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from listening.early_warning.rhythm import Rhythm
from listening.early_warning.scale import Scale

VERSION = 1
# A count is judged alone and in the mean of the last hours; what is an event is unusual on several of these scales.
SCALES = (timedelta(), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
# A score of one half belongs to what comes once in this time.
HALF = timedelta(days=10)
# Nothing is called rarer than this; no series is long enough to know.
LONGEST = timedelta(days=36525)
# So long what is known keeps anything alike from being news; what is rarer by this factor is news again.
COOL_DOWN = timedelta(hours=24)
GROWTH = math.e
# Days after which a surprise weighs half.
HALF_LIFE = 60.0
# How far counts are apart before that is known; and a pause that tells nothing about it.
FIRST_SPACING = 300.0
PAUSE = 86400.0
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
    # As unusual as this, on the average of the time scales, it is once in this time; whether it is news or not.
    once_in: timedelta

    @property
    def is_high(self) -> bool:
        """Whether the count is above the usual range."""
        return self.value > self.high


class Detector:
    """Learns a series while it watches it; the score of a count depends on that count and those before it."""

    def __init__(self, state: dict[str, Any] | None = None, *, every: timedelta | None = None) -> None:
        state = state or {}
        if state.get("version", VERSION) != VERSION:
            raise ValueError(f"A detector's state of version {state['version']} is unknown; begin with an empty one.")
        self._rhythm = Rhythm(state.get("rhythm"))
        known = state.get("scales", [None] * len(SCALES))
        self._scales = [Scale(span.total_seconds(), kept) for span, kept in zip(SCALES, known, strict=True)]
        self._news: list[list[float]] = [list(news) for news in state.get("news", [])]
        self._last: float | None = state.get("last")
        self._is_fixed = every is not None
        self._every: float | None = every.total_seconds() if every else state.get("every")

    def state(self) -> dict[str, Any]:
        """All that the next count needs, as JSON can hold it."""
        return {
            "version": VERSION,
            "rhythm": self._rhythm.state(),
            "scales": [scale.state() for scale in self._scales],
            "news": self._news,
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
        every = self._spacing(now)
        gap = every if self._last is None else now - self._last
        self._fade(now)
        expected = self._rhythm.expected(at)
        low, high = self._scales[0].range(expected)
        waits = [
            scale.take(value, expected, gap=gap, every=every)
            for scale in self._scales
            if not scale.seconds or scale.seconds >= 2 * every
        ]
        wait = math.fsum(waits) / len(waits)
        self._rhythm.learn(at, value, hours=min(1.0, every / 3600))
        self._last = now
        return Score(
            at=at,
            value=value,
            score=_score(wait) if self._is_news(now, wait) else 0.0,
            expected=expected,
            low=low,
            high=high,
            once_in=min(LONGEST, timedelta(seconds=math.exp(min(wait, 30.0)))),
        )

    def _spacing(self, now: float) -> float:
        """The seconds between counts: as was said, or as they have come so far."""
        if self._last is not None and not self._is_fixed and (gap := now - self._last) <= PAUSE:
            self._every = gap if self._every is None else self._every + (gap - self._every) * 0.1
        return self._every or FIRST_SPACING

    def _fade(self, now: float) -> None:
        """Let the past weigh less with each day."""
        days = now // DAY - self._last // DAY if self._last is not None else 0
        if days:
            for scale in self._scales:
                scale.fade(0.5 ** (days / HALF_LIFE))

    def _is_news(self, now: float, wait: float) -> bool:
        """Whether nothing as rare came within the cool-down; remembers it either way."""
        step = math.floor((wait - math.log(HALF.total_seconds())) / math.log(GROWTH))
        self._news = [news for news in self._news if now - news[0] <= COOL_DOWN.total_seconds()]
        is_news = not self._news or step > self._news[0][1]
        while self._news and self._news[-1][1] <= step:
            self._news.pop()
        self._news.append([now, step])
        return is_news


def score_of(once_in: timedelta) -> float:
    """The score of news that come once in this time."""
    return _score(math.log(once_in.total_seconds()))


def _score(wait: float) -> float:
    """The same from the logarithm of the seconds, which no rarity is too large for."""
    return 1 / (1 + math.exp(min(700.0, math.log(HALF.total_seconds()) - wait)))


def _seconds(at: datetime) -> float:
    """A moment as seconds; a time without a zone counts as it is written."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
