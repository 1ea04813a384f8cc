"""What keeps the figures in step with the rows. Only the application itself does this, so no capability is asked for.

Marks and figures are safe against each other by three facts. A mark is committed with the change that it speaks of.
A worker first takes marks away and then, in a later statement, reads the rows: whatever a taken mark spoke of is
visible by then, and a mark that came meanwhile was not taken. And an organization has one computing worker at a time,
so nobody writes an older count over a newer one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models import QuerySet, Sum

from measurement.metrics import COUNTED
from measurement.models import DailyMentions, DailyResponses, HourlyMentions, HourlyResponses, RollUp, StaleHour
from measurement.querysets import Spans, answers_by_hour, captured_by_hour, day_of, matched_by_hour
from measurement.windows import Window, zone_of
from roles.background import hint
from roles.live import look_again
from roles.tenancy import active_organization

HOURS_AT_ONCE = 200
ROUNDS = 50  # a task has its time; the next one goes on where this one stopped
LOCK = 7251  # the first half of the advisory lock's key; the second is the organization's

_MARK = """
INSERT INTO measurement_stalehour (organization_id, hour, marked_at)
SELECT DISTINCT %s::bigint, date_trunc('hour', moment, %s), %s::timestamptz FROM unnest(%s::timestamptz[]) AS moment
"""
_MARK_ALL = """
INSERT INTO measurement_stalehour (organization_id, hour, marked_at)
SELECT %(organization)s, date_trunc('hour', captured_at, %(zone)s), %(at)s::timestamptz
FROM listening_mention WHERE organization_id = %(organization)s
UNION
SELECT %(organization)s, date_trunc('hour', created_at, %(zone)s), %(at)s::timestamptz
FROM engagement_assignment WHERE organization_id = %(organization)s
"""
_TAKE = """
DELETE FROM measurement_stalehour WHERE organization_id = %s AND hour IN (
    SELECT DISTINCT hour FROM measurement_stalehour WHERE organization_id = %s ORDER BY hour DESC LIMIT %s
) RETURNING hour
"""
_COUNTED = ", ".join(COUNTED)
_ADDED = ", ".join(f"sum({name}) AS {name}" for name in COUNTED)
_NOTHING = ", ".join("0" for _name in COUNTED)
# Each assignment is judged once; counts and histograms come from the same judgement. There is no join of one step with
# another: how many rows a step gives is not known beforehand, and a wrong guess would make a join take hours.
_RESPONSES = f"""
WITH judged (organization_id, hour, department_id, network, {_COUNTED}, bucket, business) AS ({{rows}}),
counted AS (
    SELECT organization_id, hour, department_id, network, count(*) AS assigned, {_ADDED},
        greatest(max(bucket), max(business)) AS top
    FROM judged GROUP BY 1, 2, 3, 4
),
places AS (
    SELECT organization_id, hour, department_id, network, place, sum(held) AS held, sum(business_held) AS business_held
    FROM (
        SELECT organization_id, hour, department_id, network, bucket AS place, 1 AS held, 0 AS business_held
        FROM judged WHERE bucket IS NOT NULL
        UNION ALL
        SELECT organization_id, hour, department_id, network, business, 0, 1 FROM judged WHERE business IS NOT NULL
        UNION ALL
        SELECT organization_id, hour, department_id, network, generate_series(0, top), 0, 0 FROM counted
    ) AS held_or_empty GROUP BY 1, 2, 3, 4, 5
)
INSERT INTO measurement_hourlyresponses
    (organization_id, hour, department_id, network, assigned, {_COUNTED}, first_response, business_response)
SELECT organization_id, hour, department_id, network, sum(assigned), {_ADDED},
    coalesce(array_agg(held::int ORDER BY place) FILTER (WHERE place IS NOT NULL), ARRAY[]::int[]),
    coalesce(array_agg(business_held::int ORDER BY place) FILTER (WHERE place IS NOT NULL), ARRAY[]::int[])
FROM (
    SELECT organization_id, hour, department_id, network, assigned, {_COUNTED},
        NULL::int AS place, NULL::int AS held, NULL::int AS business_held FROM counted
    UNION ALL
    SELECT organization_id, hour, department_id, network, 0, {_NOTHING}, place, held, business_held FROM places
) AS counts_and_places GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - the names are those of the definitions
_DAILY_RESPONSES = f"""
WITH hourly (organization_id, day, network, assigned, {_COUNTED}, first_response, business_response) AS ({{rows}}),
places AS (
    SELECT organization_id, day, network, place, sum(held) AS held, sum(coalesce(business_held, 0)) AS business_held
    FROM hourly CROSS JOIN LATERAL unnest(first_response, business_response)
        WITH ORDINALITY AS histogram (held, business_held, place) GROUP BY 1, 2, 3, 4
)
INSERT INTO measurement_dailyresponses
    (organization_id, day, network, assigned, {_COUNTED}, first_response, business_response)
SELECT organization_id, day, network, sum(assigned), {_ADDED},
    coalesce(array_agg(held::int ORDER BY place) FILTER (WHERE place IS NOT NULL), ARRAY[]::int[]),
    coalesce(array_agg(business_held::int ORDER BY place) FILTER (WHERE place IS NOT NULL), ARRAY[]::int[])
FROM (
    SELECT organization_id, day, network, assigned, {_COUNTED},
        NULL::bigint AS place, NULL::bigint AS held, NULL::bigint AS business_held FROM hourly
    UNION ALL
    SELECT organization_id, day, network, 0, {_NOTHING}, place, held, business_held FROM places
) AS counts_and_places GROUP BY 1, 2, 3
"""  # noqa: S608


def mark_hours(moments: Iterable[datetime], *, at: datetime) -> None:
    """Mark the hours in which these moments lie, in the transaction of what changed there, and hint a worker."""
    organization = active_organization()
    if not (kept := list(set(moments))):
        return
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [organization.pk, zone_of(organization.time_zone).key, at, kept])
    hint("measurement.tasks.refresh_rollups")


def refresh_rollups(*, at: datetime) -> int:
    """Compute the active organization's stale hours again; returns how many. Does nothing where a worker is at it.

    After each commit it looks again, so that what was marked while it held the lock waits for no beat.
    """
    computed = 0
    for _round in range(ROUNDS):
        with transaction.atomic():
            done = _refresh_once(at) if _locked(wait=False) else None
            if done:
                look_again("measure")
        computed += done or 0
        if done is None or not StaleHour.objects.exists():
            break
    return computed


def recompute_rollups(window: Window, *, at: datetime) -> None:
    """Compute every hour of a window again from the rows, whether marked or not."""
    with transaction.atomic():
        _locked(wait=True)
        _begin_anew(at)
        _compute(Spans(((window.start, window.end),)), [(window.first, window.last)])
        RollUp.objects.update(computed_at=at)
        look_again("measure")


def _locked(*, wait: bool) -> bool:
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [LOCK, active_organization().pk % 2**31])
        return wait or bool(cursor.fetchone()[0])


def _refresh_once(at: datetime) -> int:
    _begin_anew(at)
    organization = active_organization()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [organization.pk, organization.pk, HOURS_AT_ONCE])
        hours_taken = sorted({hour for (hour,) in cursor.fetchall()})
    if not hours_taken:
        return 0
    zone = zone_of(organization.time_zone)
    days = sorted({hour.astimezone(zone).date() for hour in hours_taken})
    _compute(Spans.of_hours(hours_taken), [(day, day) for day in days])
    RollUp.objects.update(computed_at=at)
    return len(hours_taken)


def _begin_anew(at: datetime) -> None:
    """Where days were cut in another time zone, or never, drop all roll-ups and mark every hour that has rows."""
    organization = active_organization()
    zone = zone_of(organization.time_zone).key
    if RollUp.objects.filter(time_zone=zone).exists():
        return
    for model in (StaleHour, HourlyMentions, HourlyResponses, DailyMentions, DailyResponses):
        model.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(_MARK_ALL, {"organization": organization.pk, "zone": zone, "at": at})
    RollUp.objects.update_or_create(defaults={"time_zone": zone, "computed_at": at})


def _compute(spans: Spans, days: Sequence[tuple[Any, Any]]) -> None:
    """Replace the rows of these hours and days; the hours must lie on the days."""
    zone = zone_of(active_organization().time_zone)
    whole_days = Spans(tuple((Window(a, b, zone).start, Window(a, b, zone).end) for a, b in days))
    on_days = models.Q()
    for first, last in days:
        on_days |= models.Q(day__gte=first, day__lte=last)
    for hourly in (HourlyMentions, HourlyResponses):
        hourly.objects.filter(spans.holds("hour")).delete()
    for daily in (DailyMentions, DailyResponses):
        daily.objects.filter(on_days).delete()
    _insert(HourlyMentions, "organization_id, hour, network, captured, query_id", captured_by_hour(spans, zone), ", 0")
    _insert(HourlyMentions, "organization_id, hour, network, query_id, captured", matched_by_hour(spans, zone))
    _run(_RESPONSES, answers_by_hour(spans, zone))
    mentions = HourlyMentions.objects.filter(whole_days.holds("hour")).annotate(day=day_of("hour", zone)).order_by()
    sums = mentions.values("organization_id", "day", "network", "query_id").annotate(total=Sum("captured"))
    _insert(DailyMentions, "organization_id, day, network, query_id, captured", sums)
    responses = HourlyResponses.objects.filter(whole_days.holds("hour")).annotate(day=day_of("hour", zone)).order_by()
    columns = ("assigned", *COUNTED, "first_response", "business_response")
    _run(_DAILY_RESPONSES, responses.values("organization_id", "day", "network", *columns))


def _insert(model: type[models.Model], columns: str, rows: QuerySet[Any, Any], more: str = "") -> None:
    sql, params = rows.query.sql_with_params()
    table = model._meta.db_table
    # Names come from this module and from Django's own compiler, values go as parameters.
    statement = f"INSERT INTO {table} ({columns}) SELECT counted.*{more} FROM ({sql}) counted"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _run(statement: str, rows: QuerySet[Any, Any]) -> None:
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement.format(rows=sql), params)
