"""Every metric of a selection, one way: what the pages, the reports, CSV and the API say comes from here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DateTimeField, Min, Sum, Value

from engagement.models import Assignment
from measurement import metrics
from measurement.authors import LONGEST, different
from measurement.backlog import AT_ENDS, backlog_at_ends
from measurement.counts import READ, parts_of
from measurement.handling import handling
from measurement.investing import SPENT, spending, spending_by_step
from measurement.metric import Metric
from measurement.metrics import METRICS
from measurement.models import DailyAuthors, DailyMentions, Voice
from measurement.reading import by_step, counts_of
from measurement.selecting import Selection
from measurement.sums import (
    CAME,
    RESULTS,
    SUMS,
    Sums,
    Values,
    channel_cadence,
    results_of,
    results_of_published,
    seconds_of,
)
from measurement.windows import Window
from roles.clock import seconds_between
from roles.models import Member

# What is measured by itself: of some days of one part, each for itself, at a moment, for whoever looks, in case not
# everybody may see it. What is the same for all of the days is read once.
Reader = Callable[[Sequence[Selection], datetime, Member | None], Sequence[Mapping[str, float | None]]]
# What is counted as it lies there now.
LYING = ("backlog", "overdue", "backlog_age_median", "backlog_oldest")


@dataclass(frozen=True)
class Measured:
    """A metric with its figure, beside the one it is compared with."""

    key: str
    now: float | None
    before: float | None
    # How old it may be, where it is not counted anew: when the oldest part of it was looked at.
    as_of: datetime | None = None

    @property
    def metric(self) -> Metric:
        """What it is."""
        return METRICS[self.key]

    @property
    def is_better(self) -> bool | None:
        """Whether it went the good way by enough to be worth a word: a twentieth of it, or a point of a share."""
        good, now, before = self.metric.better, self.now, self.before
        if not good or now is None or before is None:
            return None
        enough = 0.01 if self.metric.kind in {"share", "balance"} else 0.0
        if abs(now - before) <= max(enough, 0.05 * max(abs(now), abs(before))):
            return None
        return bool((now > before) == (good > 0))


def read_with(reader: Reader, *keys: str) -> None:
    """Let an app above measure what it has defined with `metrics.define`; it is asked where one of its keys is."""
    READERS.append((frozenset(keys), reader))


def measure(
    selection: Selection, *, at: datetime, beside: Selection | None = None, viewer: Member | None = None
) -> dict[str, Measured]:
    """Every metric of a selection beside another; without one, beside as many days before."""
    other = beside or selection.on(selection.window.before())
    # Of other days nobody knows any more how much lay there then.
    known = METRICS.keys() - (set(LYING) if other.window != selection.window else set())
    whole = _joined(other, selection)
    if whole is None:
        now, before = values_of(selection, at=at, viewer=viewer), values_of(other, at=at, viewer=viewer, only=known)
    else:
        windows = [other.window, selection.window]
        before, now = values_each(whole, windows, at=at, viewer=viewer, only=known)
        now |= values_of(selection, at=at, viewer=viewer, only=METRICS.keys() - known)
    singles = [key for key, metric in METRICS.items() if not metric.place]
    oldest = looked_at(selection, singles)
    return {key: Measured(key, now.get(key), before.get(key), oldest.get(key)) for key in singles}


def looked_at(selection: Selection, keys: Collection[str]) -> dict[str, datetime]:
    """When the oldest part of what networks tell was looked at, by metric; of all else nothing is asked."""
    asked = ((RESULTS, results_of, selection.of_work), (CAME, results_of_published, selection.of_published))
    found: dict[str, datetime] = {}
    for told, rows, knows in asked:
        if not (wanted := set(told) & set(keys)) or not knows:
            continue
        if oldest := rows(selection).aggregate(oldest=Min("fetched_at"))["oldest"]:
            found |= dict.fromkeys(wanted, oldest)
    return found


def values_of(
    selection: Selection, *, at: datetime, viewer: Member | None = None, only: Collection[str] | None = None
) -> Values:
    """Every metric of a selection as a number, or some; None where there is nothing to tell, which is not 0."""
    asked = METRICS.keys() if only is None else set(only)
    values: Values = {}
    if wanted := asked & READ.keys():
        counts = counts_of(selection, at=at, parts=parts_of(wanted))
        for key in wanted:
            values[key] = READ[key](counts) if selection.tells(METRICS[key].about) else None
    for keys, reader in (*_OWN, *READERS):
        if asked & keys:
            [found] = reader([selection], at, viewer)
            values |= found
    return values


def values_each(
    selection: Selection, windows: Sequence[Window], *, at: datetime, viewer: Member | None = None,
    only: Collection[str],
) -> list[Values]:  # fmt: skip
    """Some metrics of each of some windows that follow each other; what is added up is read for all of them at once."""
    asked, found = set(only), [Values() for _window in windows]
    whole = selection.on(Window(windows[0].first, windows[-1].last, selection.window.zone))

    def add(rows: Sequence[Mapping[str, float | None]]) -> None:
        for values, row in zip(found, rows, strict=True):
            values.update({key: row[key] for key in row.keys() & asked})

    if wanted := asked & READ.keys():
        counted = by_step(whole, windows, at=at, parts=parts_of(wanted))
        told = {key for key in wanted if selection.tells(METRICS[key].about)}
        add([{key: READ[key](counts) if key in told else None for key in wanted} for counts in counted])
    if asked & AT_ENDS.keys() and selection.of_work:
        lay = backlog_at_ends(whole, windows, at=at)
        add([{key: read(one) for key, read in AT_ENDS.items()} for one in lay])
    for sums in SUMS:
        if asked & sums.keys:
            add(sums.by_step(whole, windows))
    if asked & set(SPENT):
        add(spending_by_step(whole, windows, at=at, viewer=viewer))
    steps = [whole.on(window) for window in windows]
    for keys, reader in (*_OWN, *READERS):
        if (asked - ALL_AT_ONCE) & keys:
            add(reader(steps, at, viewer))
    return found


def _joined(first: Selection, second: Selection) -> Selection | None:
    """Both together, where they are the same part of days that follow each other."""
    if first != second.on(first.window) or first.window.last + timedelta(days=1) != second.window.first:
        return None
    return second.on(Window(first.window.first, second.window.last, second.window.zone))


def _left_over(selection: Selection, at: datetime) -> Values:
    """What was not resolved when the days ended, and how old that was on average."""
    [found] = backlog_at_ends(selection, [selection.window], at=at)
    return {key: read(found) for key, read in AT_ENDS.items()}


def lying(selection: Selection, *, at: datetime) -> Values:
    """What is not resolved now, and how old it is, whenever it was made."""
    rows = Assignment.objects.filter(metrics.UNRESOLVED, selection.work()).order_by()
    found = rows.aggregate(
        backlog=Count("pk"),
        overdue=Count("pk", filter=metrics.overdue(at)),
        oldest=Min("created_at"),
        backlog_age_median=seconds_of(0.5, Value(at, output_field=DateTimeField()), "created_at"),
    )
    oldest = found.pop("oldest")
    return {**found, "backlog_oldest": seconds_between(oldest, at) if oldest else None}


def voices(selection: Selection) -> dict[int, tuple[bool, int]]:
    """The queries that are compared: whether each stands for us, and its mentions."""
    chosen = dict(Voice.objects.values_list("query", "is_ours"))
    rows = DailyMentions.objects.filter(selection.days() & selection.on_side(), query_id__in=list(chosen)).order_by()
    counted = dict(rows.values_list("query_id").annotate(Sum("captured")))
    return {key: (is_ours, counted.get(key, 0)) for key, is_ours in chosen.items()}


def _authors(selection: Selection) -> Values:
    if selection.window.days > LONGEST:
        return {"authors": None}
    packs = DailyAuthors.objects.filter(selection.days() & selection.on_side()).values_list("keys", flat=True)
    return {"authors": different(map(bytes, packs))}


def _share_of_voice(selection: Selection) -> Values:
    compared = voices(selection).values()
    ours = sum(count for is_ours, count in compared if is_ours)
    return {"share_of_voice": metrics.ratio(ours, sum(count for _is_ours, count in compared))}


def _handled(selection: Selection, at: datetime) -> Values:
    found = handling(selection.made(), at=at)
    minutes = {"handling": found.median, "handling_p90": found.p90}
    return {key: None if value is None else 60 * value for key, value in minutes.items()}


def _of_mentions(read: Callable[[Selection], Values]) -> Reader:
    return lambda selections, _at, _viewer: [read(one) if one.of_all_mentions else {} for one in selections]


def _added_up(sums: Sums) -> Reader:
    return lambda selections, _at, _viewer: [sums.of(one) for one in selections]


def _of_work(read: Callable[[Selection, datetime], Values]) -> Reader:
    return lambda selections, at, _viewer: [read(one, at) if one.of_work else {} for one in selections]


def _spent(selections: Sequence[Selection], at: datetime, viewer: Member | None) -> list[Mapping[str, float | None]]:
    return [spending(one, at, viewer) for one in selections]


# What is not read from what was added up, and by which of these; each asks the rows once for all of its metrics.
_OWN: tuple[tuple[frozenset[str], Reader], ...] = (
    (frozenset({"authors"}), _of_mentions(_authors)),
    (frozenset({"channel_cadence"}), lambda selections, at, _viewer: channel_cadence(selections, at)),
    (frozenset({"share_of_voice"}), _of_mentions(_share_of_voice)),
    (frozenset(LYING), _of_work(lambda selection, at: lying(selection, at=at))),
    (frozenset(AT_ENDS), _of_work(_left_over)),
    *((sums.keys, _added_up(sums)) for sums in SUMS),
    (frozenset({"handling", "handling_p90"}), _of_work(_handled)),
)
# What is read for many windows as for one.
ALL_AT_ONCE = frozenset({*READ, *AT_ENDS, *SPENT, *(key for sums in SUMS for key in sums.keys)})
READERS: list[tuple[frozenset[str], Reader]] = [(frozenset(SPENT), _spent)]
