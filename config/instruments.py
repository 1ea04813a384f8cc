"""What a Prometheus server reads at `/metrics`: what waits and how long, what failed, how fast pages are.

Nothing of what anybody wrote and no organization's name is in it. The figures of a team's work are another thing: those
are metrics of the room `measurement`.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.parts import QUEUES
from roles import clock, live

ROOMS = ("maturity", "roles", "listening", "engagement", "content", "measurement")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PAGES = Histogram(
    "touchline_request_seconds",
    "Seconds that pages and the API took, by room, method and kind of status.",
    ["room", "method", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

# What goes out, and what came in and waits to be taken: each by an index of what is not done yet.
_UNDER_WAY = """
SELECT kind, state, count(*), coalesce(extract(epoch FROM %(at)s - min(since)), 0) FROM (
    SELECT 'reply' AS kind, state, next_attempt_at AS since FROM engagement_reply WHERE state = 'ready'
    UNION ALL SELECT 'reply', state, lease_until FROM engagement_reply WHERE state = 'sending'
    UNION ALL SELECT 'reply', state, next_attempt_at FROM engagement_reply WHERE state = 'unknown'
    UNION ALL SELECT 'publication', state, next_attempt_at FROM content_publication
        WHERE state = 'ready' AND next_attempt_at <= %(at)s
    UNION ALL SELECT 'publication', state, lease_until FROM content_publication WHERE state = 'sending'
    UNION ALL SELECT 'publication', state, next_attempt_at FROM content_publication WHERE state = 'unknown'
    UNION ALL SELECT 'mail', state, next_attempt_at FROM roles_mail WHERE state = 'ready'
    UNION ALL SELECT 'mail', state, lease_until FROM roles_mail WHERE state = 'sending'
    UNION ALL SELECT 'event', state, next_attempt_at FROM listening_outboundevent WHERE state = 'ready'
    UNION ALL SELECT 'notice', state, due_at FROM listening_notice WHERE state = 'ready'
    UNION ALL SELECT 'webhook', 'received', received_at FROM listening_inboundbody WHERE taken_at IS NULL
) AS row GROUP BY kind, state ORDER BY kind, state
"""
_ASSIGNMENTS = """
SELECT CASE WHEN state = 'open' AND member_id IS NULL THEN 'left over' ELSE state END AS state, count(*),
    count(*) FILTER (WHERE due_at < %(at)s)
FROM engagement_assignment WHERE state IN ('open', 'claimed') GROUP BY 1 ORDER BY 1
"""
_SOURCES = """
SELECT count(*) FILTER (WHERE state = 'active'),
    count(*) FILTER (WHERE state = 'active' AND next_poll_at < %(at)s - interval '10 minutes'),
    count(*) FILTER (WHERE state = 'active' AND (network_failures_in_row > 0 OR parse_failures_in_row > 0))
FROM listening_source
"""
_CONNECTIONS = "SELECT state, count(*) FROM listening_connection GROUP BY state ORDER BY state"
_TASKS = """
SELECT name, failures, failures_in_row, extract(epoch FROM %(at)s - ended_at)
FROM roles_taskrecord WHERE every_seconds IS NOT NULL OR failures > 0 ORDER BY name
"""
_DATABASE = "SELECT pg_database_size(current_database())"
_IN_ORDER = (_UNDER_WAY, _ASSIGNMENTS, _SOURCES, _CONNECTIONS, _TASKS)


class Installation(Collector):
    """What is asked of the database and the broker each time somebody looks."""

    def collect(self) -> Iterator[Metric]:
        """Yield every figure; where a part does not answer, its own is 0 and those that hang on it are left out."""
        at = clock.now()
        up = GaugeMetricFamily("touchline_up", "Whether a part answers (1) or not (0).", labels=["part"])
        for part, read in (("database", of_the_database), ("broker", of_the_broker)):
            try:
                found = read(at)
            except (DatabaseError, redis.RedisError, OSError):
                up.add_metric([part], 0)
            else:
                up.add_metric([part], 1)
                yield from found
        yield up
        place = settings.VAR_DIR if settings.VAR_DIR.exists() else settings.BASE_DIR
        yield _gauge("disk_free_bytes", "Room left where data are kept.", [((), shutil.disk_usage(place).free)])


def of_the_database(at: datetime) -> list[Metric]:
    """What is under way, for all organizations together; never longer than five seconds a statement."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")
        rows = [_asked(cursor, statement, at) for statement in _IN_ORDER]
        under_way, assignments, (sources,), connections, tasks = rows
        [(size,)] = _asked(cursor, _DATABASE, at)
    by_kind, by_state = ("kind", "state"), ("state",)
    counts = [((kind, state), count) for kind, state, count, _wait in under_way]
    waits = [((kind, state), max(float(wait), 0)) for kind, state, _count, wait in under_way]
    open_ones = [((state,), count) for state, count, _late in assignments]
    late_ones = [((state,), late) for state, _count, late in assignments]
    polled = list(zip((("active",), ("overdue",), ("failing",)), sources, strict=True))
    reached = [((state,), count) for state, count in connections]
    return [
        _gauge("under_way", "What is due to go out or to be taken in.", counts, labels=by_kind),
        _gauge("longest_wait_seconds", "How long the oldest of these has been due.", waits, labels=by_kind),
        _gauge("assignments", "Assignments that nobody has ended.", open_ones, labels=by_state),
        _gauge("assignments_late", "Those past their response target.", late_ones, labels=by_state),
        _gauge("sources", "Sources that are polled.", polled, labels=("are",)),
        _gauge("connections", "Connections to networks.", reached, labels=by_state),
        *of_tasks(tasks),
        _gauge("database_bytes", "Size of the database.", [((), size)]),
    ]


def of_tasks(rows: Sequence[tuple[Any, ...]]) -> list[Metric]:
    """How often each of the workers' tasks failed, and since when none of its runs came to its end."""
    failures = CounterMetricFamily(
        "touchline_task_failures", "Runs that failed, as a whole or in part.", labels=["task"]
    )
    for task, count, _in_row, _seconds in rows:
        failures.add_metric([task], count)
    in_row = [((task,), count) for task, _all, count, _seconds in rows]
    ended = [((task,), max(float(seconds), 0)) for task, _all, _in_row, seconds in rows if seconds is not None]
    return [
        failures,
        _gauge("task_failures_in_row", "Runs that failed since one did not.", in_row, labels=("task",)),
        _gauge("task_ended_seconds", "Since a run came to its end, to a minute.", ended, labels=("task",)),
    ]


def of_the_broker(at: datetime) -> list[Metric]:
    """What waits in each queue, and since when no worker has taken anything from it."""
    queues = QUEUES.split(",")
    waiting = [((queue,), live.waiting_messages(queue)) for queue in queues]
    beats = [(queue, live.last_beat(queue)) for queue in queues]
    signs = [((queue,), max((at - beat).total_seconds(), 0)) for queue, beat in beats if beat is not None]
    return [
        _gauge("messages", "Messages that no worker has taken.", waiting, labels=("queue",)),
        _gauge("last_sign_seconds", "Since a worker took one; left out after an hour.", signs, labels=("queue",)),
    ]


def _asked(cursor: Any, statement: str, at: datetime) -> list[tuple[Any, ...]]:
    cursor.execute(statement, {"at": at})
    return list(cursor.fetchall())


def _gauge(
    name: str, says: str, rows: Sequence[tuple[tuple[str, ...], float]], *, labels: tuple[str, ...] = ()
) -> Metric:
    gauge = GaugeMetricFamily(f"touchline_{name}", says, labels=labels)
    for values, value in rows:
        gauge.add_metric(values, value)
    return gauge


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format for who holds METRICS_TOKEN; without that setting there is no such page."""
    token = settings.METRICS_TOKEN
    if not token:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        refused = HttpResponse(
            "Send “Authorization: Bearer” and METRICS_TOKEN.\n", status=401, content_type="text/plain"
        )
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    parts = CollectorRegistry()
    parts.register(Installation())
    pages: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        pages = CollectorRegistry()
        multiprocess.MultiProcessCollector(pages)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(parts) + generate_latest(pages), content_type=CONTENT_TYPE_LATEST)


def time_pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Note how long each answer took."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = get_response(request)
        method = request.method if request.method in METHODS else "other"
        PAGES.labels(_room(request), method, f"{response.status_code // 100}xx").observe(time.perf_counter() - begun)
        return response

    return middleware


def _room(request: HttpRequest) -> str:
    """The room whose page this is; “other” for sign-in, health and what is not found."""
    if request.resolver_match is None:
        return "other"
    room = request.resolver_match.func.__module__.partition(".")[0]
    return room if room in ROOMS else "other"
