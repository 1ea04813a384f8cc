"""How roll-ups are made: for some hours and days the old rows go, and new ones are counted from what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, models
from django.db.models import BigIntegerField, QuerySet, Value
from django.db.models.functions import ExtractHour

from measurement.authors import joined, packed
from measurement.counts import ADDED, HEARD, HISTOGRAMS
from measurement.histogram import MARK, NARROW
from measurement.judged_querysets import (
    answers_by_hour,
    authors_by_hour,
    came_by_hour,
    ended_by_hour,
    matches_by_hour,
    mentions_by_hour,
    promises_by_hour,
    topics_by_hour,
)
from measurement.models import (
    DailyAuthors,
    DailyFlow,
    DailyMentions,
    DailyPromises,
    DailyResponses,
    DailyTopics,
    DailyWaits,
    HourlyAuthors,
    HourlyFlow,
    HourlyMentions,
    HourlyPromises,
    HourlyResponses,
    HourlyTopics,
)
from measurement.querysets import Spans, day_of
from measurement.waits import PLACES
from measurement.windows import Window

OF_MENTIONS = ("captured", *HEARD)
AUTHORS_AT_ONCE = 500
EVERYWHERE = Value(0, output_field=BigIntegerField())


@dataclass(frozen=True)
class Table:
    """One kind of roll-up by hour and by day: what its rows are told apart by, what is added up, and from what."""

    hourly: type[models.Model]
    daily: type[models.Model]
    rows: Sequence[Callable[[Spans, ZoneInfo], QuerySet[Any, Any]]]
    keys: tuple[str, ...]
    # Columns, in the order in which the querysets of judged rows have them.
    added: tuple[str, ...]
    histograms: tuple[str, ...] = ()


TABLES = (
    Table(HourlyMentions, DailyMentions, (mentions_by_hour, matches_by_hour), ("network", "query_id"), OF_MENTIONS),
    Table(HourlyTopics, DailyTopics, (topics_by_hour,), ("network", "topic_id"), OF_MENTIONS),
    Table(HourlyResponses, DailyResponses, (answers_by_hour,), ("department_id", "network"), ADDED, HISTOGRAMS),
    Table(
        HourlyPromises, DailyPromises, (promises_by_hour,), ("department_id", "network", "kind"),
        ("kept", "kept_in_time"), ("wait", "business_wait"),
    ),
    Table(
        HourlyFlow, DailyFlow, (came_by_hour, ended_by_hour), ("department_id", "network"),
        ("came", "came_made", "ended", "ended_made"),
    ),
)  # fmt: skip
ROLL_UPS: tuple[type[models.Model], ...] = (
    *(model for table in TABLES for model in (table.hourly, table.daily)), HourlyAuthors, DailyAuthors, DailyWaits,
)  # fmt: skip


def compute(spans: Spans, days: Sequence[tuple[date, date]], zone: ZoneInfo) -> None:
    """Replace the rows of these hours and days; the hours must lie on the days."""
    whole_days = Spans(tuple((Window(a, b, zone).start, Window(a, b, zone).end) for a, b in days))
    on_days = models.Q()
    for first, last in days:
        on_days |= models.Q(day__gte=first, day__lte=last)
    for table in TABLES:
        _rows_of(table.hourly).filter(spans.holds("hour")).delete()
        _rows_of(table.daily).filter(on_days).delete()
        _count(table, "hour", *(rows(spans, zone) for rows in table.rows))
        hours = _rows_of(table.hourly).filter(whole_days.holds("hour")).order_by()
        hours = hours.annotate(day=day_of("hour", zone), everywhere=EVERYWHERE)
        names = ("organization_id", "day", *table.keys, *table.added, *table.histograms)
        _count(table, "day", hours.values(*names))
        if "department_id" in table.keys:
            # All departments together, so that whoever wants them reads a row where there would be one for each.
            names = tuple("everywhere" if name == "department_id" else name for name in names)
            _count(table, "day", hours.values(*names))
    DailyWaits.objects.filter(on_days).delete()
    _count_waits(whole_days, zone)
    HourlyAuthors.objects.filter(spans.holds("hour")).delete()
    DailyAuthors.objects.filter(on_days).delete()
    _pack(spans, whole_days, zone)


def _rows_of(model: type[models.Model]) -> Any:
    return model.objects  # type: ignore[attr-defined]


def _count_waits(whole_days: Spans, zone: ZoneInfo) -> None:
    """Keep first responses by the hour in which their assignments were made, of each department and of all together."""
    rows = HourlyResponses.objects.filter(whole_days.holds("hour")).order_by()
    hours = rows.annotate(day=day_of("hour", zone), made_at=ExtractHour("hour", tzinfo=zone))
    names = ("organization_id", "day", "made_at", "department_id", "network", "first_response")
    sql, params = hours.values(*names).query.sql_with_params()
    # Names come from the definitions and from Django's own compiler, values go as parameters.
    statement = f"""
        INSERT INTO {DailyWaits._meta.db_table} (organization_id, day, department_id, network, first_response)
        WITH hours ({", ".join(names)}) AS ({sql}),
        steps AS (
            SELECT organization_id, day, made_at, department_id, network, place, sum(held) AS held
            FROM hours CROSS JOIN LATERAL unnest(first_response) WITH ORDINALITY AS histogram (held, place)
            WHERE held > 0 GROUP BY organization_id, day, made_at, department_id, network, place
        )
        SELECT organization_id, day, department_id, network, string_agg(
            int2send((made_at * {PLACES} + place - 1)::int2) || int4send(held::int), ''::bytea ORDER BY made_at, place
        )
        FROM (
            SELECT organization_id, day, made_at, department_id, network, place, held FROM steps
            UNION ALL
            SELECT organization_id, day, made_at, 0, network, place, sum(held) FROM steps
            GROUP BY organization_id, day, made_at, network, place
        ) AS of_each_and_all GROUP BY organization_id, day, department_id, network
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _pack(spans: Spans, whole_days: Spans, zone: ZoneInfo) -> None:
    HourlyAuthors.objects.bulk_create(
        (
            HourlyAuthors(hour=hour, network=network, keys=packed(keys))
            for hour, network, keys in authors_by_hour(spans, zone).iterator(AUTHORS_AT_ONCE)
        ),
        batch_size=AUTHORS_AT_ONCE,
    )
    hours = HourlyAuthors.objects.filter(whole_days.holds("hour")).annotate(day=day_of("hour", zone))
    found = hours.order_by("day", "network", "hour").values_list("day", "network", "keys")
    DailyAuthors.objects.bulk_create(
        (
            DailyAuthors(day=day, network=network, keys=joined(bytes(keys) for _day, _network, keys in group))
            for (day, network), group in groupby(found.iterator(AUTHORS_AT_ONCE), key=itemgetter(0, 1))
        ),
        batch_size=AUTHORS_AT_ONCE,
    )


def _count(table: Table, time: str, *rows: QuerySet[Any, Any]) -> None:
    asked = [one.query.sql_with_params() for one in rows]
    sql = " UNION ALL ".join(f"({text})" for text, _values in asked)
    params = [value for _text, values in asked for value in values]
    is_hourly = time == "hour"
    name = (table.hourly if is_hourly else table.daily)._meta.db_table
    columns = ", ".join(("organization_id", time, *table.keys))
    write = _with_histograms if table.histograms else _without
    # Names come from the definitions and from Django's own compiler, values go as parameters.
    statement = write(table, name, columns, is_hourly=is_hourly).replace("{rows}", sql)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _without(table: Table, name: str, columns: str, *, is_hourly: bool) -> str:
    """The statement that adds judged rows up."""
    added = ", ".join(table.added)
    sums = ", ".join(f"sum({column})" for column in table.added)
    return f"""
        INSERT INTO {name} ({columns}, {added})
        WITH judged ({columns}, {added}) AS ({{rows}})
        SELECT {columns}, {sums} FROM judged GROUP BY {columns}
    """  # noqa: S608


def _with_histograms(table: Table, name: str, columns: str, *, is_hourly: bool) -> str:
    """The statement that adds judged rows up and counts their buckets.

    Each row is judged once; counts and histograms come from the same judgement. There is no join of one step with
    another: how many rows a step gives is not known beforehand, and a wrong guess would make a join take hours.
    Histograms of hours are kept as numbers, of which days are added up; those of days are kept packed.
    """
    numbered = list(enumerate(table.histograms))
    added, histograms = ", ".join(table.added), ", ".join(table.histograms)
    sums = ", ".join(f"sum({column}) AS {column}" for column in table.added)
    nothing = ", ".join("0" for _column in table.added)
    if is_hourly:
        tops = "".join(f", max({histogram}) AS top_{number}" for number, histogram in numbered)
        kept = [_as_numbers(number) for number, _ in numbered]
    else:
        tops = ""
        kept = [as_pack(number) for number, _ in numbered]
    places = " UNION ALL ".join(_places(table, columns, is_hourly=is_hourly))
    return f"""
        INSERT INTO {name} ({columns}, {added}, {histograms})
        WITH judged ({columns}, {added}, {histograms}) AS ({{rows}}),
        counted AS (SELECT {columns}, {sums}{tops} FROM judged GROUP BY {columns}),
        places AS (
            SELECT {columns}, which, place, sum(held) AS held
            FROM ({places}) AS held_or_empty ({columns}, which, place, held)
            GROUP BY {columns}, which, place
        )
        SELECT {columns}, {", ".join(f"sum({column})" for column in table.added)}, {", ".join(kept)}
        FROM (
            SELECT {columns}, {added}, NULL::int AS which, NULL::int AS place, NULL::bigint AS held FROM counted
            UNION ALL
            SELECT {columns}, {nothing}, which, place, held FROM places
        ) AS counts_and_places GROUP BY {columns}
    """  # noqa: S608


def _as_numbers(number: int) -> str:
    """One histogram as an array."""
    return f"coalesce(array_agg(held::int ORDER BY place) FILTER (WHERE which = {number}), ARRAY[]::int[])"


def as_pack(number: int) -> str:
    """One histogram as bytes, as `measurement.histogram` says."""
    own = f"FILTER (WHERE which = {number})"
    narrow = f"string_agg(substring(int4send(held::int) FROM 4), ''::bytea ORDER BY place) {own}"
    wide = f"string_agg(int4send(held::int), ''::bytea ORDER BY place) {own}"
    return (
        f"CASE WHEN max(held) {own} <= {NARROW} THEN '\\x{MARK.hex()}'::bytea || {narrow}"
        f" ELSE coalesce({wide}, ''::bytea) END"
    )


def _places(table: Table, columns: str, *, is_hourly: bool) -> list[str]:
    """The statements that give each bucket of each histogram: what it holds, or nothing, so that none is left out."""
    numbered = list(enumerate(table.histograms))
    if not is_hourly:
        return [
            f"SELECT {columns}, {number}, place::int, held FROM judged"  # noqa: S608
            f" CROSS JOIN LATERAL unnest({histogram}) WITH ORDINALITY AS histogram (held, place)"
            for number, histogram in numbered
        ]
    held = [
        f"SELECT {columns}, {number}, {histogram}, 1 FROM judged WHERE {histogram} IS NOT NULL"  # noqa: S608
        for number, histogram in numbered
    ]
    return held + [
        f"SELECT {columns}, {number}, generate_series(0, top_{number}), 0 FROM counted"  # noqa: S608
        for number, _histogram in numbered
    ]
