"""Each row that figures count, judged once: in which hour it lies and what it adds to each column of the roll-ups."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    Expression,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from engagement.models import Assignment, Promise
from listening.models import Mention
from measurement import metrics
from measurement.counts import HISTOGRAMS
from measurement.histogram import GROWTH, LAST
from measurement.querysets import Spans


class HourIn(Func):
    """The beginning of the hour in a time zone, as a moment."""

    template = "date_trunc('hour', %(expressions)s)"
    output_field = DateTimeField()

    def __init__(self, field: str, zone: ZoneInfo) -> None:
        super().__init__(F(field), Value(zone.key, output_field=CharField()))


class Bucket(Func):
    """The bucket of a histogram that the time between two moments falls into."""

    _seconds = "GREATEST(1.0, EXTRACT(EPOCH FROM (%(expressions)s))::float8)"
    template = f"LEAST({LAST}, FLOOR(LN({_seconds}) / LN({GROWTH}::float8)))::int"
    arg_joiner = " - "
    output_field = IntegerField()

    def __init__(self, end: str, start: str) -> None:
        super().__init__(F(end), F(start))


class BucketOf(Func):
    """The bucket of a histogram that a number of seconds falls into; none where there is no number."""

    template = f"LEAST({LAST}, FLOOR(LN(GREATEST(1.0, (%(expressions)s)::float8)) / LN({GROWTH}::float8)))::int"
    output_field = IntegerField()


class Epoch(Func):
    """A moment in whole seconds since 1970."""

    template = "floor(extract(epoch FROM %(expressions)s))::bigint"
    output_field = BigIntegerField()


# What a mention adds to each column.
_HEARD: dict[str, Any] = {
    "is_negative": Case(When(metrics.NEGATIVE, then=1), default=0),
    "is_neutral": Case(When(metrics.NEUTRAL, then=1), default=0),
    "is_positive": Case(When(metrics.POSITIVE, then=1), default=0),
    "could_read": Coalesce("followers", 0, output_field=BigIntegerField()),
    "has_readers": Case(When(followers__isnull=False, then=1), default=0),
}

# Of which assignments each histogram is, and into which bucket of it one of them falls; so too of promises kept.
WAITS: dict[str, tuple[Q, Func]] = {
    "first_response": (metrics.ANSWERED, Bucket("first_answered_at", "mention__captured_at")),
    "business_response": (metrics.ANSWERED & metrics.TIMED, BucketOf(F("answered_in_seconds"))),
    "resolution": (metrics.RESOLVED, Bucket("resolved_at", "mention__captured_at")),
    "business_resolution": (
        metrics.RESOLVED & Q(resolved_in_seconds__isnull=False), BucketOf(F("resolved_in_seconds"))
    ),
}  # fmt: skip
PROMISE_WAITS: dict[str, tuple[Q, Func]] = {
    "next_response": (Q(kind="next_response"), Bucket("kept_at", "started_at")),
    "business_next_response": (
        Q(kind="next_response", kept_in_seconds__isnull=False), BucketOf(F("kept_in_seconds"))
    ),
}  # fmt: skip


def mentions_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """Mentions, each once: under no query."""
    rows = _news(spans, zone).annotate(no_query=Value(0, output_field=BigIntegerField()), **_HEARD)
    return _judged(rows.values("organization_id", "hour", "network", "no_query", "one", *_HEARD))


def matches_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """Mentions, once for each query that matched."""
    rows = _news(spans, zone).filter(matches__isnull=False).annotate(by_query=F("matches__query_id"), **_HEARD)
    return _judged(rows.values("organization_id", "hour", "network", "by_query", "one", *_HEARD))


def topics_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """Mentions that have a topic."""
    rows = _news(spans, zone).filter(topic__isnull=False).annotate(**_HEARD)
    return _judged(rows.values("organization_id", "hour", "network", "topic_id", "one", *_HEARD))


def authors_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """The keys of the different authors of an hour and network, in order."""
    rows = _news(spans, zone).filter(post__author__isnull=False)
    grouped = rows.values("hour", "network").annotate(keys=ArrayAgg("post__author", distinct=True))
    return _judged(grouped.values_list("hour", "network", "keys"))


def answers_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """Assignments, with what became of each and how long it took."""
    rows = Assignment.objects.filter(spans.holds("created_at")).annotate(hour=HourIn("created_at", zone))
    counted = {f"is_{name}": Case(When(condition, then=1), default=0) for name, condition in metrics.COUNTED.items()}
    waits = {f"{name}_bucket": _where(*WAITS[name]) for name in HISTOGRAMS}
    rows = rows.filter(spans.holds("hour")).order_by().annotate(one=Value(1), **counted, **waits)
    return _judged(rows.values("organization_id", "hour", "department_id", "network", "one", *counted, *waits))


def promises_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """Promises that were kept, beside first responses, in the hour in which their assignment was made."""
    rows = Promise.objects.filter(
        spans.holds("assignment__created_at"), kept_at__isnull=False, kind__in=("next_response", "resolution")
    )
    rows = rows.annotate(hour=HourIn("assignment__created_at", zone)).filter(spans.holds("hour")).order_by()
    columns: dict[str, Any] = {
        "where": F("assignment__department_id"),
        "place": F("assignment__network"),
        "one": Value(1),
        "is_in_time": Case(When(metrics.KEPT_IN_TIME, then=1), default=0),
        "took": Bucket("kept_at", "started_at"),
        "business_took": _where(Q(kept_in_seconds__isnull=False), BucketOf(F("kept_in_seconds"))),
    }
    names = ("organization_id", "hour", "where", "place", "kind", "one", "is_in_time", "took", "business_took")
    return _judged(rows.annotate(**columns).values(*names))


def came_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """Assignments, in the hour in which each was made, with that moment."""
    return _flow("created_at", ("one", "made", "none", "nothing"), spans, zone)


def ended_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """Assignments that are resolved, in the hour in which each ended, with the moment at which it was made."""
    return _flow("resolved_at", ("none", "nothing", "one", "made"), spans, zone)


def _flow(field: str, columns: tuple[str, ...], spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    rows = Assignment.objects.filter(spans.holds(field)).annotate(hour=HourIn(field, zone))
    nothing = Value(0, output_field=BigIntegerField())
    rows = (
        rows.filter(spans.holds("hour"))
        .order_by()
        .annotate(one=Value(1), made=Epoch("created_at"), none=Value(0), nothing=nothing)
    )
    return _judged(rows.values("organization_id", "hour", "department_id", "network", *columns))


def _news(spans: Spans, zone: ZoneInfo) -> Any:
    rows = Mention.objects.filter(spans.holds("captured_at"), metrics.NEWS)
    rows = rows.annotate(hour=HourIn("captured_at", zone), one=Value(1))
    return rows.filter(spans.holds("hour")).order_by()


def _judged(rows: Any) -> QuerySet[Any, Any]:
    """The rows as the type checker can follow them: what was annotated is no field."""
    judged: QuerySet[Any, Any] = rows
    return judged


def _where(condition: Q, bucket: Expression | Func) -> Case:
    return Case(When(condition, then=bucket), default=Value(None, output_field=IntegerField()))
