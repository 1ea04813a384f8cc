"""From single scores to episodes: one for what belongs together, with its beginning, its peak and its end."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Literal

from listening.early_warning.detector import HALF, Score, score_of

# A burst that comes less than once in this time opens an episode, unless the watch was told another time.
ONCE_IN = HALF
# Each step of severity is this much rarer.
STEP = 4
# So long the counts are usual again before an episode has ended.
CALM = timedelta(hours=1)
# What people said of a warning in the end changes how rare the next one must be.
LESSONS = {"false": 1.5, "true": 0.9, "known": 1.0}
RANGE = (timedelta(days=1), timedelta(days=90))


class Severity(IntEnum):
    """How rare an episode is, in words."""

    NOTICE = 1
    SERIOUS = 2
    GRAVE = 3


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of unusual counts; figures are those of its peak so far."""

    started_at: datetime
    last_at: datetime
    peak_at: datetime
    peak_value: float
    expected: float
    low: float
    high: float
    once_in: timedelta
    severity: Severity
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a count did to an episode; `grew` only when the severity rose."""

    kind: Literal["began", "grew", "ended"]
    episode: Episode


class Watch:
    """Follows the scores of one series and says when an episode begins, grows or ends."""

    def __init__(self, state: dict[str, Any] | None = None, *, once_in: timedelta = ONCE_IN) -> None:
        self.once_in = once_in
        self.episode = _episode(state["episode"]) if state and state.get("episode") else None

    def state(self) -> dict[str, Any]:
        """What the next score needs, as JSON can hold it."""
        return {"episode": _plain(self.episode) if self.episode else None}

    def follow(self, score: Score) -> Change | None:
        """Take the next score; returns what changed, if anything did."""
        if self.episode is None:
            if score.score < score_of(self.once_in):
                return None
            self.episode = _begun(score, severity_of(score.once_in, opens_at=self.once_in))
            return Change("began", self.episode)
        if not score.is_high:
            return self._calm(score)
        former = self.episode
        self.episode = _grown(former, score, self.once_in)
        return Change("grew", self.episode) if self.episode.severity > former.severity else None

    def _calm(self, score: Score) -> Change | None:
        assert self.episode is not None
        if score.at - self.episode.last_at < CALM:
            return None
        ended = replace(self.episode, ended_at=score.at)
        self.episode = None
        return Change("ended", ended)


def severity_of(once_in: timedelta, *, opens_at: timedelta = ONCE_IN) -> Severity:
    """How severe it is that something comes once in this time."""
    return Severity(1 + (once_in >= STEP * opens_at) + (once_in >= STEP * STEP * opens_at))


def learned(once_in: timedelta, *, ending: Literal["true", "false", "known"]) -> timedelta:
    """How rare the next burst must be for a warning, after people said how the last one ended."""
    return min(max(once_in * LESSONS[ending], RANGE[0]), RANGE[1])


def _begun(score: Score, severity: Severity) -> Episode:
    return Episode(
        started_at=score.at,
        last_at=score.at,
        peak_at=score.at,
        peak_value=score.value,
        expected=score.expected,
        low=score.low,
        high=score.high,
        once_in=score.once_in,
        severity=severity,
    )


def _grown(episode: Episode, score: Score, opens_at: timedelta) -> Episode:
    severity = max(episode.severity, severity_of(score.once_in, opens_at=opens_at))
    if score.value <= episode.peak_value:
        return replace(episode, last_at=score.at, severity=severity)
    rarest = max(episode.once_in, score.once_in)
    return replace(_begun(score, severity), started_at=episode.started_at, once_in=rarest)


def _plain(episode: Episode) -> dict[str, Any]:
    plain = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(episode).items()
    }
    return plain | {"once_in": episode.once_in.total_seconds(), "severity": int(episode.severity)}


def _episode(plain: dict[str, Any]) -> Episode:
    moments = {name: datetime.fromisoformat(value) for name, value in plain.items() if name.endswith("_at") and value}
    once_in, severity = timedelta(seconds=plain["once_in"]), Severity(plain["severity"])
    return Episode(**(plain | moments | {"once_in": once_in, "severity": severity}))
