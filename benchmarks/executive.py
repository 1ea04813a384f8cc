"""The executive page over 180 days and a year in depth, beside the same figures from the raw rows in the same run.

Mentions, matches and assignments are made by set-based SQL in an organization of their own, which is removed at the end
(or kept, with --keep). Roll-ups are then computed by the application's own code. Both sides give the same figures,
which is checked. So it is with a year in depth: each page stands beside the raw query for what it shows.

    python -m benchmarks executive -- [--mentions 100000] [--rounds 9] [--keep]

It runs on no other database: while rows are made, the indexes of their tables are not there, whoever they belong to.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.raw_figures import IN_DEPTH, ask, read_raw
from benchmarks.report import table
from benchmarks.year import HISTORY, SLUG, fill, prepare, refuse_others, remove
from measurement.actions import recompute_rollups, refresh_rollups
from measurement.exploring import parts
from measurement.figures import Figures, figures
from measurement.models import StaleHour
from measurement.selecting import Selection
from measurement.windows import Window
from roles import clock
from roles.models import Member, Organization
from roles.tenancy import acting_for

DAYS = 180
# Of so many rows the raw queries are asked once, after once for warming up as the pages are: they take minutes.
MANY = 2_000_000
# A year in depth, as it is asked for when a figure of the page raises a question.
BESIDE = {
    "all figures over 30 days": "measure/figures/?days=30",
    "all figures over a year": "measure/figures/?days=365",
    "a year over time": "measure/explore/?days=365&by=time&metric=captured",
    "the backlog over a year": "measure/explore/?days=365&by=time&metric=backlog_at_end",
    "a year by department": "measure/explore/?days=365&by=department&metric=first_response_p90",
    "a year by network": "measure/explore/?days=365&by=network&metric=captured",
    "a year by tracking query": "measure/explore/?days=365&by=query&metric=net_sentiment",
    "a year by topic": "measure/explore/?days=365&by=topic&metric=negative_share",
    "a year by hour of the week": "measure/explore/?days=365&by=hour&metric=captured",
    "a year of waits": "measure/explore/?days=365&by=spread",
    "the rows behind a year": "measure/mentions/?from={first}&to={last}&of=outside&sentiment=negative",
}


def main() -> None:
    """Fill, compute, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mentions", type=int, default=100_000, help="at most 5,000,000")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--keep", action="store_true", help="leave the rows for looking at the page")
    asked = parser.parse_args()
    at = clock.now()
    refuse_others()
    remove()
    organization, member = prepare()
    try:
        with acting_for(organization):
            run(organization, member, min(asked.mentions, 5_000_000), asked.rounds, at)
    finally:
        if not asked.keep:
            remove()


def run(organization: Organization, member: Member, mentions: int, rounds: int, at: datetime) -> None:
    """Measure everything for one number of mentions."""
    window = Window.up_to(at, days=DAYS, zone=organization.zone)
    filled = timed(lambda: fill(organization, mentions, at), 1)
    computed = timed(lambda: refresh_rollups(at=at), 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(
        f"{mentions:,} mentions over {HISTORY} days: made in {filled:.0f} s, all roll-ups computed in {computed:.0f} s."
        f" Medians of {rounds} rounds; the page in depth is of a year beside the year before.\n",
        flush=True,
    )
    in_queries = statistics.median(query_time(window, at) for _ in range(rounds))
    with CaptureQueriesContext(connection) as queries:
        figures(window, at=at)
        reads = len(queries)
    raw, asked = slow(lambda: read_raw(organization, window, at), mentions)
    check(figures(window, at=at), asked, window)
    page, statements, size = serve(member, f"measure/?days={DAYS}", rounds)
    rolled = timed(lambda: figures(window, at=at), rounds)
    rows = [
        line(f"figures of {DAYS} days", rolled, reads, raw),
        line("of that in the database", in_queries, reads, raw),
        line(f"the executive page, {size / 1024:.0f} kB", page, statements, raw),
    ]
    rows += in_depth(organization, member, mentions, max(3, rounds // 3), at)
    month = Window(window.last.replace(day=1), window.last, window.zone)
    rows.append(line("one stale hour computed again", timed(lambda: one_hour(at), rounds)))
    rows.append(line(f"{month.days} days computed again", timed(lambda: recompute_rollups(month, at=at), 1)))
    print(table(["", "ms", "queries", "raw rows, ms", "x raw"], rows))


def in_depth(
    organization: Organization, member: Member, mentions: int, rounds: int, at: datetime
) -> list[tuple[str, ...]]:
    """A year, page by page, each beside the raw query for the same."""
    year = Window.up_to(at, days=365, zone=organization.zone)
    rows, answers = [], {}
    for name, address in BESIDE.items():
        took, statements, _size = serve(member, address.format(first=year.first, last=year.last), rounds)
        raw = None
        if name in IN_DEPTH:
            raw, answers[name] = slow(lambda sql=IN_DEPTH[name]: ask(sql, organization, year, at), mentions)
        elif name == "all figures over a year":
            raw, _asked = slow(lambda: read_raw(organization, year, at), mentions)
        rows.append(line(name, took, statements, raw))
    check_in_depth(answers, year, at)
    return rows


def line(name: str, took: float, queries: int | None = None, raw: float | None = None) -> tuple[str, ...]:
    """One row of the table: how long it takes, and how long the raw rows take for the same."""
    beside = ("", "") if raw is None else (f"{raw * 1000:,.0f}", f"{raw / took:,.1f}")
    return name, f"{took * 1000:,.1f}", str(queries or ""), *beside


def slow(work: Callable[[], Any], mentions: int) -> tuple[float, Any]:
    """The median time of a few rounds, and what was answered; of very many rows of one round; all after a first one."""
    taken, answer = [], work()
    for _ in range(1 if mentions > MANY else 3):
        begun = time.perf_counter()
        answer = work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken), answer


def check_in_depth(answers: dict[str, list[Any]], year: Window, at: datetime) -> None:
    """What the pages in depth show is what the raw rows give."""
    selection = Selection(year)

    def told(metric: str, by: str) -> dict[str, float]:
        found = parts(metric, by, selection, selection.on(year.before()), at=at)
        return {part.key: part.now for part in found if part.now is not None}

    def raw(name: str) -> list[Any]:
        return [row[1:] for row in answers[name] if row[0] is True]

    for key, p90 in raw("a year by department"):
        assert abs(told("first_response_p90", "department")[str(key)] / float(p90) - 1) <= 0.05
    assert same(told("net_sentiment", "query"), dict(raw("a year by tracking query")))
    assert same(told("negative_share", "topic"), dict(raw("a year by topic")))
    assert same(told("captured", "network"), dict(raw("a year by network")))
    hours = {24 * (int(day) - 1) + int(hour): count for day, hour, count in raw("a year by hour of the week")}
    assert same({key: count for key, count in told("captured", "hour").items() if count}, hours)
    waits = sum(count for _step, count in raw("a year of waits"))
    assert sum(told("first_response_median", "spread").values()) == waits
    lying = [count for _day, count in sorted(answers["the backlog over a year"])]
    assert list(told("backlog_at_end", "time").values())[:-1] == lying[:-1], "the last is as of now"


def same(told: dict[str, float], raw: dict[Any, Any]) -> bool:
    """Whether a page says of each part what the rows give."""
    known = {str(key): float(value) for key, value in raw.items() if value is not None}
    return told.keys() == known.keys() and all(abs(told[key] - known[key]) < 1e-9 for key in known)


def check(found: Figures, raw: dict[str, list[Any]], window: Window) -> None:
    """Both sides must say the same; percentiles within their 5 %."""
    inside = [row for row in raw["by day and network"] if row[0] >= window.first]
    assert [sum(row[i] for row in inside) for i in (2, 3, 4)] == [
        found.now.captured,
        found.now.positive,
        found.now.negative,
    ]
    assert {row[0]: row[1] for row in raw["by query"] if row[1]} == {k: v for k, v in found.now.by_query.items() if v}
    assignments = [row for row in raw["assignments by day"] if row[0] >= window.first]
    assert [sum(row[i] for row in assignments) for i in (1, 2, 3)] == [
        found.now.assigned,
        found.now.answered,
        found.now.in_time,
    ]
    assert raw["backlog"] == [(found.backlog, found.overdue)]
    for is_now, median, p90 in raw["percentiles of both windows"]:
        counts = found.now if is_now else found.before
        assert abs((counts.median or 0) / float(median) - 1) <= 0.05
        assert abs((counts.p90 or 0) / float(p90) - 1) <= 0.05


def query_time(window: Window, at: datetime) -> float:
    """The time that one reading of all figures spends in the database, fetching included."""
    spent = 0.0

    def measure(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal spent
        begun = time.perf_counter()
        try:
            return execute(*args)
        finally:
            spent += time.perf_counter() - begun

    with connection.execute_wrapper(measure):
        figures(window, at=at)
    return spent


def one_hour(at: datetime) -> None:
    """Mark and compute the present hour."""
    StaleHour.objects.create(hour=at.replace(minute=0, second=0, microsecond=0), marked_at=at)
    assert refresh_rollups(at=at) == 1


def serve(member: Member, asked: str, rounds: int) -> tuple[float, int, int]:
    """Ask for a page as a browser does; returns seconds, statements and bytes."""
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(member.user)
    address = f"/o/{SLUG}/{asked}"
    client.get(address)
    with acting_for(None), CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
        statements = len(queries)
    assert answer.status_code == 200
    return timed(lambda: client.get(address), rounds), statements, len(answer.content)


def timed(work: Callable[[], Any], rounds: int) -> float:
    """The median time of some rounds, in seconds."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
