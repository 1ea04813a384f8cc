"""How well the early warning warns, beside a windowed Gaussian, scored as the Numenta Anomaly Benchmark does.

Standard profile: of each labelled window the best warning in it counts, early ones more; a warning outside costs 0.11,
less just after a window; one threshold for all series of a set, the best one; 0 is never to warn, 100 to warn at the
beginning of every window. Series made here have a rhythm by day and week, chatter and planted events. Where captured
series lie beside the project (see SERIES) they are scored as well, also cropped, thinned and scaled; on request with
every constant 30 % lower and higher.

    python -m benchmarks.early_warning [--made 8] [--constants]
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from benchmarks.report import table
from listening.early_warning import Detector, detector, rarity, rhythm, scale

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "B_social" / "nab_realTweets"
SERIES = Path(os.environ.get("SERIES", BESIDE))
FALSE_WARNING = 0.11
PROBATION, LONGEST_PROBATION = 0.15, 750
EVERY = timedelta(minutes=5)
CONSTANTS = (
    (scale, "SCATTER"), (rarity, "TAIL"), (rarity, "USUAL_STEEPNESS"), (rarity, "USUAL_WEIGHT"), (rhythm, "STEP"),
    (rhythm, "DAYS"), (rhythm, "WEEKS"), (detector, "COOL_DOWN"), (detector, "SCALES"), (detector, "HALF_LIFE"),
)  # fmt: skip

Detect = Callable[["Series"], list[float]]


@dataclass(frozen=True)
class Series:
    """Counts with their times, and the first and last row of each labelled window."""

    times: list[datetime]
    counts: list[float]
    windows: list[tuple[int, int]]


@dataclass(frozen=True)
class Outcome:
    """What one threshold brings on a set of series."""

    score: float
    threshold: float
    hit: int
    windows: int
    false: int

    def __str__(self) -> str:
        return f"{self.score:.1f}"


def touchline(series: Series) -> list[float]:
    watching = Detector()
    return [watching.observe(at, count).score for at, count in zip(series.times, series.counts, strict=True)]


def windowed_gaussian(series: Series, size: int = 6400, step: int = 100) -> list[float]:
    """One minus the tail probability under the mean and deviation of the counts before, moved on in steps."""
    scores, begin, end, total, squares = [], 0, 0, 0.0, 0.0
    for row, count in enumerate(series.counts):
        held = end - begin
        if not held:
            scores.append(0.0)
        else:
            mean = total / held
            deviation = math.sqrt(max(0.0, squares / held - mean * mean)) or 1e-6
            # As coarse as the published figures, which were kept in twelve digits.
            scores.append(round(1 - 0.5 * math.erfc(abs(count - mean) / deviation / math.sqrt(2)), 12))
        if held < size or row - end + 1 == step:
            begin = max(0, row + 1 - size)
            end = row + 1
            total, squares = math.fsum(series.counts[begin:end]), math.fsum(x * x for x in series.counts[begin:end])
    return scores


def never(series: Series) -> list[float]:
    return [0.0] * len(series.counts)


def worth(rows: int, windows: Sequence[tuple[int, int]]) -> Iterator[tuple[int | None, float]]:
    """For each row the window it lies in, and what a warning there brings or costs."""
    coming, past = list(enumerate(windows)), None
    for row in range(rows):
        while coming and row > coming[0][1][1]:
            past = coming.pop(0)[1]
        if coming and row >= coming[0][1][0]:
            number, (first, last) = coming[0]
            yield number, _place(-(last - row + 1) / (last - first + 1)) / _place(-1.0)
        else:
            yield None, FALSE_WARNING * (_place((row - past[1]) / (past[1] - past[0])) if past else -1.0)


def _place(position: float) -> float:
    return -1.0 if position > 3 else 2 / (1 + math.exp(5 * position)) - 1


def judge(scored: Sequence[tuple[Series, list[float]]], threshold: float | None = None) -> Outcome:
    """What the threshold brings; the best one if none is given."""
    rows = []
    for number, (series, scores) in enumerate(scored):
        quiet = min(int(PROBATION * len(scores)), LONGEST_PROBATION)
        for row, (window, brings) in enumerate(worth(len(scores), series.windows)):
            if row >= quiet and scores[row] > 0 and (threshold is None or scores[row] >= threshold):
                rows.append((scores[row], None if window is None else (number, window), brings))
    rows.sort(key=lambda row: -row[0])
    windows = sum(len(series.windows) for series, _scores in scored)
    best = now = Outcome(-float(windows), 1.1, 0, windows, 0)
    hits: dict[tuple[int, int], float] = {}
    for place, (score, window, brings) in enumerate(rows):
        if window is None:
            now = replace(now, score=now.score + brings, false=now.false + 1)
        elif brings > (before := hits.get(window, -1.0)):
            hits[window] = brings
            now = replace(now, score=now.score + brings - before, hit=len(hits))
        is_last_of_its_score = place + 1 == len(rows) or rows[place + 1][0] != score
        if is_last_of_its_score and (now.score > best.score or threshold is not None):
            best = replace(now, threshold=score)
    return replace(best, score=100 * (best.score + windows) / (2 * windows))


def scored(detect: Detect, corpus: Sequence[Series]) -> list[tuple[Series, list[float]]]:
    return [(series, detect(series)) for series in corpus]


def captured() -> dict[str, Series]:
    """The labelled series in the folder, by name."""
    labels = next(iter(sorted(SERIES.glob("windows*.json"))), None)
    found = {}
    for name, spans in json.loads(labels.read_text()).items() if labels else ():
        with (SERIES / Path(name).name).open() as file:
            rows = [(datetime.fromisoformat(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
        row_of = {at: row for row, (at, _count) in enumerate(rows)}
        windows = [tuple(row_of[datetime.fromisoformat(end).replace(microsecond=0)] for end in span) for span in spans]
        found[Path(name).stem] = Series([at for at, _ in rows], [count for _, count in rows], windows)  # type: ignore[arg-type]
    return found


def made(seed: int, rows: int = 15_840) -> Series:
    """Eight weeks of a brand: rhythm, scatter, chatter of single loud moments, and two to four events."""
    chance = random.Random(seed)
    level, weekend, chatter = 10 ** chance.uniform(0.3, 1.8), chance.uniform(0.3, 1.0), chance.uniform(1.2, 2.2)
    begin = datetime(2026, 1, 5, chance.randrange(24), tzinfo=UTC)
    events, count = [], chance.randint(2, 4)
    while len(events) < count:
        at = chance.randrange(2500, rows - 900)
        if all(abs(at - other) > 1500 for other in events):
            events.append(at)
    shapes = {at: (10 ** chance.uniform(0.7, 1.6), chance.uniform(4, 100), chance.choice((1, 6, 24))) for at in events}
    times, counts = [begin + row * EVERY for row in range(rows)], []
    for row, at in enumerate(times):
        mean = level * (1 - 0.6 * math.cos((at.hour + at.minute / 60 - 3) * math.pi / 12))
        mean *= weekend if at.weekday() > 4 else 1.0
        for event, (height, decay, rise) in shapes.items():
            if 0 <= row - event < 1000:
                mean += level * height * min(1.0, (row - event + 1) / rise) * math.exp(-(row - event) / decay)
        loud = chance.paretovariate(chatter) if chance.random() < 0.01 else 1.0
        counts.append(float(poisson(chance, mean * loud * chance.gammavariate(5, 0.2))))
    half = rows // 20 // count
    return Series(times, counts, [(at - half, at + half) for at in sorted(events)])


def poisson(chance: random.Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    count, product, least = 0, chance.random(), math.exp(-mean)
    while product > least:
        count, product = count + 1, product * chance.random()
    return count


def changed(series: Series) -> Iterator[tuple[str, Series]]:
    """The same series as it might have been."""
    chance, days = random.Random(1), 350
    windows = [(first - days, last - days) for first, last in series.windows if first - days > LONGEST_PROBATION]
    yield "begun 29 hours later", Series(series.times[days:], series.counts[days:], windows)
    yield (
        "every mention kept with chance one half",
        replace(
            series, counts=[float(sum(chance.random() < 0.5 for _ in range(int(count)))) for count in series.counts]
        ),
    )
    yield "three times as much", replace(series, counts=[3 * count for count in series.counts])
    yield (
        "each count off by 15 %",
        replace(series, counts=[float(round(count * math.exp(chance.gauss(0, 0.15)))) for count in series.counts]),
    )
    yield "clock 13 hours on", replace(series, times=[at + timedelta(hours=13) for at in series.times])


def left_out(results: Sequence[tuple[Series, list[float]]]) -> float:
    """The score where each series has the threshold that is best for the others."""
    total = 0.0
    for place, one in enumerate(results):
        threshold = judge([other for at, other in enumerate(results) if at != place]).threshold
        outcome = judge([one], threshold)
        total += outcome.score * outcome.windows
    return total / sum(len(series.windows) for series, _scores in results)


def beside(heading: str, corpus: Sequence[Series]) -> None:
    rows = []
    for name, detect in (("never warns", never), ("windowed Gaussian", windowed_gaussian), ("Touchline", touchline)):
        begun = time.process_time()
        results = scored(detect, corpus)
        spent = (time.process_time() - begun) / sum(len(series.counts) for series in corpus) * 1e6
        best = judge(results)
        rows.append(
            (name, best, f"{left_out(results):.1f}", f"{best.hit} of {best.windows}", best.false, f"{spent:.0f}")
        )
    print(f"{heading}\n")
    print(table(("", "score", "with the others' threshold", "windows", "false", "µs a count"), rows), flush=True)


def constants(corpus: Sequence[Series]) -> Iterator[tuple[str, Outcome, Outcome]]:
    """Every constant 30 % lower and higher."""
    for module, name in CONSTANTS:
        former = getattr(module, name)
        outcomes = []
        for factor in (0.7, 1.3):
            other = tuple(one * factor for one in former) if isinstance(former, tuple) else former * factor
            with patch.object(module, name, other):
                outcomes.append(judge(scored(touchline, corpus)))
        yield name.lower().replace("_", " "), outcomes[0], outcomes[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--made", type=int, default=8, help="how many series are made")
    parser.add_argument("--constants", action="store_true", help="try other constants too, which takes minutes")
    options = parser.parse_args()
    beside(f"{options.made} series made here", [made(seed) for seed in range(options.made)])
    if not (found := captured()):
        return
    corpus = list(found.values())
    print()
    beside(f"{len(found)} captured series of mentions in 5 minutes", corpus)
    print()
    others: dict[str, list[Series]] = {}
    for series in corpus:
        for how, other in changed(series):
            others.setdefault(how, []).append(other)
    changes = [(how, judge(scored(touchline, them))) for how, them in others.items()]
    rows = [(how, it, f"{it.hit} of {it.windows}", it.false) for how, it in changes]
    print(table(("the captured series, changed", "score", "windows", "false"), rows), flush=True)
    if options.constants:
        print()
        print(table(("a constant changed", "30 % lower", "30 % higher"), constants(corpus)))


if __name__ == "__main__":
    main()
