"""What is added up of some days, and the figures that follow from it: each formula stands here once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from measurement import metrics
from measurement.histogram import added, percentile
from measurement.windows import Window

# What is added up from the roll-ups, as columns there and as fields of `Counts`.
ADDED = ("assigned", *metrics.COUNTED)
HEARD = ("negative", "neutral", "positive", "reach", "reach_known")
# Histograms of what became of assignments: columns there, fields here.
HISTOGRAMS = ("first_response", "business_response", "resolution", "business_resolution")
PROMISED = ("next_response", "business_next_response")


@dataclass
class Counts:
    """What happened on some days; shares and percentiles are None where there is nothing to divide by."""

    window: Window
    by_network: Counter[str] = field(default_factory=Counter)
    by_query: Counter[int] = field(default_factory=Counter)
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    # Followers added up, and of how many mentions they are known.
    reach: int = 0
    reach_known: int = 0
    assigned: int = 0
    answered: int = 0
    in_time: int = 0
    resolved: int = 0
    unanswered: int = 0
    reopened: int = 0
    overdue: int = 0
    # Promises kept, and kept in time, by kind.
    kept: Counter[str] = field(default_factory=Counter)
    kept_in_time: Counter[str] = field(default_factory=Counter)
    histograms: dict[str, list[int]] = field(default_factory=dict)

    @property
    def captured(self) -> int:
        """Mentions captured, each once."""
        return self.by_network.total()

    @property
    def judged(self) -> int:
        """Mentions whose sentiment is known."""
        return self.negative + self.neutral + self.positive

    @property
    def net_sentiment(self) -> float | None:
        """Positive without negative, of what was judged, from -1 to 1."""
        return metrics.net_sentiment(self.positive, self.negative, self.judged)

    @property
    def known_reach(self) -> int | None:
        """Followers added up; None where no network said how many anybody has, which is not 0."""
        return self.reach if self.reach_known else None

    @property
    def share_answered(self) -> float | None:
        """Answered of all assignments made, from 0 to 1."""
        return metrics.ratio(self.answered, self.assigned)

    @property
    def targeted(self) -> int:
        """Assignments whose response target was met or missed: answered, or overdue now."""
        return self.answered + self.overdue

    @property
    def targets_missed(self) -> int:
        """Answered too late, or overdue now."""
        return self.targeted - self.in_time

    @property
    def share_in_time(self) -> float | None:
        """Response targets met, of those that were met or missed, from 0 to 1."""
        return metrics.share_in_time(self.in_time, self.answered, self.overdue)

    def wait(self, histogram: str, share: float) -> float | None:
        """The seconds that this share of the waits did not exceed."""
        return percentile(self.histograms.get(histogram, ()), share)

    @cached_property
    def median(self) -> float | None:
        """Median of the first response, in seconds."""
        return self.wait("first_response", 0.5)

    @cached_property
    def p90(self) -> float | None:
        """90th percentile of the first response, in seconds."""
        return self.wait("first_response", 0.9)

    @cached_property
    def business_median(self) -> float | None:
        """Median of the first response in business hours, in seconds."""
        return self.wait("business_response", 0.5)

    @cached_property
    def business_p90(self) -> float | None:
        """90th percentile of the first response in business hours, in seconds."""
        return self.wait("business_response", 0.9)

    def add(self, parts: Iterable[Counts]) -> None:
        """Add the parts of a window up to the whole; what is overdue now is no part's alone and stays."""
        rows = list(parts)
        for counter in ("by_network", "by_query", "kept", "kept_in_time"):
            for part in rows:
                getattr(self, counter).update(getattr(part, counter))
        for name in (*ADDED, *HEARD):
            setattr(self, name, getattr(self, name) + sum(getattr(part, name) for part in rows))
        for name in {name for part in rows for name in part.histograms}:
            both = [self.histograms.get(name, []), *(part.histograms.get(name, []) for part in rows)]
            self.histograms[name] = added(both)


@dataclass(frozen=True)
class Read:
    """How a metric is read from what was added up, and of what it wants the sums; see `PARTS`."""

    parts: tuple[str, ...]
    of: Callable[[Counts], float | None]

    def __call__(self, counts: Counts) -> float | None:
        """The metric of what was added up."""
        return self.of(counts)


def _heard(of: Callable[[Counts], float | None]) -> Read:
    return Read(("heard",), of)


def _worked(of: Callable[[Counts], float | None]) -> Read:
    return Read(("worked",), of)


def _kept(kind: str) -> Read:
    return Read(("promised",), lambda counts: metrics.ratio(counts.kept_in_time[kind], counts.kept[kind]))


def _wait(histogram: str, share: float) -> Read:
    return Read((histogram,), lambda counts: counts.wait(histogram, share))


# What can be added up: what was heard, what became of assignments, which are overdue now, promises, and histograms.
PARTS = frozenset({"heard", "worked", "overdue", "promised", *HISTOGRAMS, *PROMISED})
# How a metric is read from what was added up; what is read otherwise stands in `measurement.measuring`.
READ: dict[str, Read] = {
    "captured": _heard(lambda counts: counts.captured),
    "reach": _heard(lambda counts: counts.known_reach),
    "net_sentiment": _heard(lambda counts: counts.net_sentiment),
    "negative_share": _heard(lambda counts: metrics.ratio(counts.negative, counts.judged)),
    "positive_share": _heard(lambda counts: metrics.ratio(counts.positive, counts.judged)),
    "assigned": _worked(lambda counts: counts.assigned),
    "answered": _worked(lambda counts: counts.share_answered),
    "unanswered": _worked(lambda counts: metrics.ratio(counts.unanswered, counts.assigned)),
    "reopened": _worked(lambda counts: metrics.ratio(counts.reopened, counts.assigned)),
    "targets_met": Read(("worked", "overdue"), lambda counts: counts.share_in_time),
    "next_targets_met": _kept("next_response"),
    "resolution_targets_met": _kept("resolution"),
    **{
        f"{histogram}_{name}": _wait(histogram, share)
        for histogram in (*HISTOGRAMS, *PROMISED)
        for name, share in (("median", 0.5), ("p90", 0.9))
    },
}


def parts_of(metrics_read: Iterable[str]) -> frozenset[str]:
    """Of what some metrics want the sums."""
    return frozenset(part for key in metrics_read for part in READ[key].parts)
