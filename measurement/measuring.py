"""Every metric of a selection, one way: what the pages, the reports, CSV and the API say comes from here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
)

from engagement.models import Approval, Assignment, Reply, ReplyResult
from listening.models import Story
from measurement import metrics
from measurement.authors import LONGEST, different
from measurement.backlog import AT_ENDS, backlog_at_ends
from measurement.counts import READ
from measurement.handling import handling
from measurement.investing import spending
from measurement.metric import Metric
from measurement.metrics import METRICS
from measurement.models import DailyAuthors, DailyMentions, Voice
from measurement.reading import counts_of
from measurement.selecting import Selection
from roles.clock import seconds_between
from roles.models import Member

Values = dict[str, float | None]
# Apps above measure what is theirs: a selection, the moment, and who looks, in case not everybody may see it.
Reader = Callable[[Selection, datetime, Member | None], Mapping[str, float | None]]
READERS: list[tuple[frozenset[str], Reader]] = [(frozenset({"cost", "cost_per_answer"}), spending)]
# What is counted as it lies there now.
LYING = ("backlog", "overdue", "backlog_age_median", "backlog_oldest")
# What networks are asked for, ever again.
RESULTS = ("reply_answers", "reply_likes", "reply_reposts")


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


class Percentile(Aggregate):
    """The time that a share of some times does not exceed, exactly."""

    function = "percentile_cont"
    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def seconds_of(share: float, end: Any, start: str, *, counted: Q | None = None) -> Func:
    """The seconds from a start to an end that this share of some rows does not exceed."""
    lasted = ExpressionWrapper(end - F(start), output_field=DurationField())
    reached = Percentile(lasted, share=repr(share), filter=counted)
    return Func(reached, template="extract(epoch FROM %(expressions)s)", output_field=FloatField())


def read_with(reader: Reader, *keys: str) -> None:
    """Let an app above measure what it has defined with `metrics.define`; it is asked where one of its keys is."""
    READERS.append((frozenset(keys), reader))


def measure(
    selection: Selection, *, at: datetime, beside: Selection | None = None, viewer: Member | None = None
) -> dict[str, Measured]:
    """Every metric of a selection beside another; without one, beside as many days before."""
    other = beside or selection.on(selection.window.before())
    now, before = values_of(selection, at=at, viewer=viewer), values_of(other, at=at, viewer=viewer)
    if other.window != selection.window:
        # Nobody knows any more how much lay there then.
        before |= dict.fromkeys(LYING)
    looked_at = results_of(selection).aggregate(oldest=Min("fetched_at"))["oldest"] if selection.of_work else None
    singles = [key for key, metric in METRICS.items() if not metric.place]
    return {key: Measured(key, now.get(key), before.get(key), looked_at if key in RESULTS else None) for key in singles}


def values_of(
    selection: Selection, *, at: datetime, viewer: Member | None = None, only: Collection[str] | None = None
) -> Values:
    """Every metric of a selection as a number, or some; None where there is nothing to tell, which is not 0."""
    asked = METRICS.keys() if only is None else set(only)
    values: Values = {}
    if asked & READ.keys():
        counts = counts_of(selection, at=at)
        for key, read in READ.items():
            values[key] = read(counts) if selection.tells(of_work=METRICS[key].of_departments) else None
    for keys, reader in (*_OWN, *READERS):
        if not keys or asked & keys:
            values |= reader(selection, at, viewer)
    return values


def results_of(selection: Selection) -> QuerySet[ReplyResult]:
    """What came of the replies that were written on these days."""
    window = selection.window
    written = Q(reply__written_at__gte=window.start, reply__written_at__lt=window.end)
    return ReplyResult.objects.filter(written, selection.work("reply__assignment__")).order_by()


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


def _heard(selection: Selection) -> Values:
    packs = DailyAuthors.objects.filter(selection.days() & selection.on_side()).values_list("keys", flat=True)
    compared = voices(selection).values()
    ours = sum(count for is_ours, count in compared if is_ours)
    begun = Q(first_at__gte=selection.window.start, first_at__lt=selection.window.end)
    found: Values = {
        "authors": different(map(bytes, packs)) if selection.window.days <= LONGEST else None,
        "share_of_voice": metrics.ratio(ours, sum(count for _is_ours, count in compared)),
    }
    # Stories know no network; what is practised is told apart from the outside, so there they are not.
    if not selection.network and selection.side == "outside":
        found["stories"] = Story.objects.filter(begun, metrics.TOLD).count()
    return found


def _said(selection: Selection) -> Values:
    """Replies that were written on these days, by what became of them."""
    written = Q(written_at__gte=selection.window.start, written_at__lt=selection.window.end)
    rows = Reply.objects.filter(written, selection.work("assignment__")).order_by()
    found = rows.aggregate(
        every=Count("pk"),
        sent=Count("pk", filter=metrics.SENT),
        trouble=Count("pk", filter=metrics.IN_TROUBLE),
        programs=Count("pk", filter=metrics.BY_PROGRAM),
    )
    return {
        "replies": found["every"],
        "replies_sent": metrics.ratio(found["sent"], found["every"]),
        "replies_refused": metrics.ratio(found["trouble"], found["every"]),
        "replies_automatic": metrics.ratio(found["programs"], found["every"]),
    }


def _approved(selection: Selection) -> Values:
    """Steps of approval that were asked for on these days, and how long they took."""
    asked = Q(asked_at__gte=selection.window.start, asked_at__lt=selection.window.end)
    rows = Approval.objects.filter(asked, selection.work("reply__assignment__")).order_by()
    found = rows.aggregate(
        every=Count("pk"),
        decided=Count("pk", filter=metrics.DECIDED),
        given=Count("pk", filter=metrics.APPROVED),
        median=seconds_of(0.5, F("ended_at"), "asked_at", counted=metrics.DECIDED),
        p90=seconds_of(0.9, F("ended_at"), "asked_at", counted=metrics.DECIDED),
    )
    return {
        "approvals": found["every"],
        "approvals_given": metrics.ratio(found["given"], found["decided"]),
        "approval_median": found["median"],
        "approval_p90": found["p90"],
    }


def _came_back(selection: Selection) -> Values:
    """What came of these replies; where no network tells it, there is no figure."""
    return results_of(selection).aggregate(
        reply_answers=Sum("answers"), reply_likes=Sum("likes"), reply_reposts=Sum("reposts")
    )


def _handled(selection: Selection, at: datetime) -> Values:
    minutes = handling(selection.made(), at=at).median
    return {"handling": None if minutes is None else 60 * minutes}


def _of_mentions(read: Callable[[Selection], Values]) -> Reader:
    return lambda selection, _at, _viewer: read(selection) if selection.of_all_mentions else {}


def _of_work(read: Callable[[Selection, datetime], Values]) -> Reader:
    return lambda selection, at, _viewer: read(selection, at) if selection.of_work else {}


# What is not read from what was added up, and by which of these; each asks the rows once for all of its metrics.
_OWN: tuple[tuple[frozenset[str], Reader], ...] = (
    (frozenset({"authors", "share_of_voice", "stories"}), _of_mentions(_heard)),
    (frozenset(LYING), _of_work(lambda selection, at: lying(selection, at=at))),
    (frozenset(AT_ENDS), _of_work(_left_over)),
    (
        frozenset({"replies", "replies_sent", "replies_refused", "replies_automatic"}),
        _of_work(lambda selection, _at: _said(selection)),
    ),
    (frozenset(RESULTS), _of_work(lambda selection, _at: _came_back(selection))),
    (
        frozenset({"approvals", "approvals_given", "approval_median", "approval_p90"}),
        _of_work(lambda selection, _at: _approved(selection)),
    ),
    (frozenset({"handling"}), _of_work(_handled)),
)
