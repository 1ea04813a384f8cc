"""Judge the counts step by step, and write down what is unusual: once, whoever else is at it or dies on the way.

One worker at a time judges for an organization: it holds the organization's row of `Lookout`. What a step came to, the
detectors' states, warnings and the mails about them are one transaction, so a step is judged wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product

from listening.early_warning import Change, Detector, Episode, Score, Watch
from listening.lookout import counting
from listening.lookout.counting import STEP, Counts, Subject, step_of
from listening.models import Lookout, Topic, TrackingQuery, WatchedSeries
from listening.models.warnings import Measure

# Less than this says nothing about how much is usual.
PACE_SEEN_IN = timedelta(hours=12)
# What a detector is taught when what it counts changes.
TAUGHT = timedelta(days=14)
# A step is judged when it has been over for so long: what was captured in it is committed by then.
GRACE = timedelta(seconds=20)
# So far back the past is read when something is watched for the first time.
PAST = timedelta(days=28)
AT_ONCE = 288  # steps in one transaction: a day
# What was unusual longer ago teaches, and warns nobody.
STALE = timedelta(hours=1)
# Before it has seen a day, a series warns of nothing; below these counts nothing is worth a warning.
WARM_UP = 288
LEAST = {Measure.VOLUME: 5, Measure.NEGATIVE: 4}
# Where so many are said in five minutes, five minutes say enough; where a quarter of it, an hour is needed.
BUSY = 0.5
KEPT = 288
HOUR = 12  # steps


@dataclass(frozen=True, slots=True)
class Sign:
    """A change of one series that somebody should know of."""

    series: WatchedSeries
    change: Change
    at: datetime  # the end of the step in which it was seen


@dataclass(slots=True)
class Judged:
    """What one round came to."""

    steps: int = 0
    signs: list[Sign] = field(default_factory=list)
    running: list[tuple[WatchedSeries, Episode]] = field(default_factory=list)
    is_behind: bool = False


def begin(*, at: datetime) -> None:
    """Write down where judging begins, if nobody has; outside a transaction, nobody waits for whoever is first."""
    if not Lookout.objects.exists():
        done_until = step_of(max(counting.first_heard() or at, at - PAST))
        Lookout.objects.bulk_create([Lookout(done_until=done_until)], ignore_conflicts=True)


def judge(*, at: datetime) -> Judged:
    """Judge the steps that are over; nothing where another worker is at it. Must run inside a transaction."""
    lookout = Lookout.objects.select_for_update(skip_locked=True).first()
    if lookout is None:
        return Judged()
    start, now = lookout.done_until, step_of(at - GRACE)
    end = min(now, start + AT_ONCE * STEP)
    if end <= start:
        return Judged()
    series = _watched(start)
    round_ = _Round(series, start, end, at=at)
    judged = round_.run()
    judged.is_behind = end < now
    counting.keep(series)
    Lookout.objects.filter(pk=lookout.pk).update(done_until=end)
    return judged


def subject_of(series: WatchedSeries) -> Subject:
    """Return what the series counts, as counts name it."""
    if series.query_id is not None:
        return ("query", series.query_id)
    if series.topic_id is not None:
        return ("topic", series.topic_id)
    return ("organization", None)


def _watched(begins_at: datetime) -> list[WatchedSeries]:
    """All that is watched; what is new begins here, and rests of what is paused wait."""
    queries = list(TrackingQuery.objects.active())
    topics = list(Topic.objects.filter(is_active=True))
    rows = list(WatchedSeries.objects.select_related("query", "topic").order_by("pk"))
    known = {(row.measure, row.query_id, row.topic_id) for row in rows}
    subjects = [(None, None), *((query, None) for query in queries), *((None, topic) for topic in topics)]
    fresh = [
        WatchedSeries(measure=measure, query=query, topic=topic, begins_at=begins_at)
        for (query, topic), measure in product(subjects, (Measure.VOLUME, Measure.NEGATIVE))
        if (measure, query and query.pk, topic and topic.pk) not in known
    ]
    WatchedSeries.objects.bulk_create(fresh)
    active = {query.pk for query in queries}, {topic.pk for topic in topics}
    return [
        row
        for row in [*rows, *fresh]
        if (row.query_id is None or row.query_id in active[0]) and (row.topic_id is None or row.topic_id in active[1])
    ]


class _Round:
    """Some steps, judged for all series."""

    def __init__(self, series: list[WatchedSeries], start: datetime, end: datetime, *, at: datetime) -> None:
        self.series, self.start, self.end, self.at = series, start, end, at
        self.counts: Counts = counting.counts(start - HOUR * STEP, end)
        self.heard = counting.heard(start, end)
        self.judged = Judged()

    def run(self) -> Judged:
        """Judge step by step, each series with what it knew before."""
        steps = [step for step in self._steps() if step in self.heard]
        for row in self.series:
            self._follow(row, steps)
        self.judged.steps = len(list(self._steps()))
        return self.judged

    def _steps(self) -> Iterator[datetime]:
        step = self.start
        while step < self.end:
            yield step
            step += STEP

    def _follow(self, row: WatchedSeries, steps: list[datetime]) -> None:
        if row.judged == 0 or (row.judged > WARM_UP and row.episode_is_over):
            self._settle_pace(row)
        detector = self._detector(row)
        watch = Watch(row.episode, once_in=row.once_in)
        mine = self._of(row, self.counts)
        late = 0 if row.is_hourly or not steps else _came_late(row.recent, mine, since=self.start - HOUR * STEP)
        for step in steps:
            value = _value(mine, step, is_hourly=row.is_hourly) + late
            late = 0
            score = detector.observe(step, value)
            row.judged += 1
            row.recent.append([*_kept(score), mine.get(step, 0)])
            if row.judged <= WARM_UP or (watch.episode is None and value < LEAST[Measure(row.measure)]):
                continue
            change = watch.follow(score)
            if change is not None and (change.kind == "ended" or step + STEP > self.at - STALE):
                self.judged.signs.append(Sign(row, change, step + STEP))
        row.detector, row.episode = detector.state(), watch.state()
        row.recent = row.recent[-KEPT:]
        if watch.episode is not None:
            self.judged.running.append((row, watch.episode))

    def _detector(self, row: WatchedSeries) -> Detector:
        """What the series knows; where a newer program cannot read that, it learns anew."""
        try:
            return Detector(row.detector, every=STEP)
        except ValueError:
            self._teach(row)
            return Detector(row.detector, every=STEP)

    def _settle_pace(self, row: WatchedSeries) -> None:
        """Decide by what was said of late whether five minutes say enough, and learn anew where that changed."""
        if row.judged == 0 and self.end - self.start < PACE_SEEN_IN:
            return
        if row.judged == 0:
            mine = self._of(row, self.counts)
            usual = sum(mine.values()) / max((self.end - self.start) // STEP, 1)
        else:
            usual = sum(count for _at, count, *_bounds in row.recent) / max(len(row.recent), 1)
            usual /= HOUR if row.is_hourly else 1
        is_hourly = usual < (2 * BUSY if row.is_hourly else BUSY / 4) if row.judged else usual < BUSY
        if is_hourly != row.is_hourly:
            row.is_hourly = is_hourly
            if row.judged:
                self._teach(row)

    def _teach(self, row: WatchedSeries) -> None:
        """Let a new detector see the last weeks."""
        since = max(self.start - TAUGHT, row.begins_at)
        mine = self._of(row, counting.counts(since - HOUR * STEP, self.start))
        detector, row.recent = Detector(every=STEP), []
        for step in sorted(counting.heard(since, self.start)):
            value = _value(mine, step, is_hourly=row.is_hourly)
            row.recent.append(_kept(detector.observe(step, value)))
        row.detector = detector.state()

    def _of(self, row: WatchedSeries, counts: Counts) -> dict[datetime, int]:
        place = 0 if row.measure == Measure.VOLUME else 1
        return {step: found[place] for step, found in counts.get(subject_of(row), {}).items()}


def _came_late(recent: list[list[float]], mine: dict[datetime, int], *, since: datetime) -> int:
    """How many were captured in steps that are judged, but committed only after: a slow transaction took them along.

    They count in the step that is judged next, and once: what was counted of each step stands at its end.
    """
    late = 0
    for entry in recent[-HOUR:]:
        moment, _value, _low, _expected, _high, *counted = entry
        step = datetime.fromtimestamp(moment, UTC)
        if not counted or step < since:
            continue
        if (now := mine.get(step, 0)) > counted[0]:
            late += int(now - counted[0])
            entry[-1] = now
    return late


def _kept(score: Score) -> list[float]:
    """A count with what was usual, as pictures want it."""
    moment = int(score.at.timestamp())
    return [moment, score.value, round(score.low, 1), round(score.expected, 1), round(score.high, 1)]


def _value(mine: dict[datetime, int], step: datetime, *, is_hourly: bool) -> int:
    if not is_hourly:
        return mine.get(step, 0)
    return sum(mine.get(step - before * STEP, 0) for before in range(HOUR))
