"""Whose turn it is: many new places of one organization keep nobody else waiting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from listening.housekeeping import claim_due
from listening.models import Source
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

MINUTE = timedelta(minutes=1)


@pytest.fixture
def at() -> datetime:
    return clock.now() + timedelta(seconds=1)


def add_feeds(count: int, at: datetime, *, server: str = "", polled: datetime | None = None) -> None:
    """Feeds that have waited for an hour, each on a server of its own unless one is named."""
    Source.objects.bulk_create(
        Source(
            network="feed",
            place=f"https://{server or f'feed{number}.example'}/{number}/{polled is None}",
            next_poll_at=at - 60 * MINUTE,
            last_polled_at=polled,
        )
        for number in range(count)
    )


def test_many_new_feeds_keep_nobody_waiting(acme: Cast, at: datetime) -> None:
    add_feeds(300, at)
    field = factories.source(network="practice", place="everything", next_poll_at=at - MINUTE)
    known = factories.source(next_poll_at=at - MINUTE, last_polled_at=at - 90 * MINUTE)
    with acting_for(acme.elsewhere):
        theirs = factories.source(next_poll_at=at)
    first = claim_due(at)
    assert {field, known, theirs} <= {claim.source for claim in first}
    batches = [len(first)]
    while claims := claim_due(at):
        batches.append(len(claims))
    assert batches == [100, 100, 100, 3]  # as many at once as ever


def test_lines_that_are_long_share_a_batch(acme: Cast, at: datetime) -> None:
    add_feeds(60, at)
    add_feeds(60, at + 30 * MINUTE, polled=at - 120 * MINUTE)
    with acting_for(acme.elsewhere):
        add_feeds(60, at + 45 * MINUTE)
    claims = claim_due(at, limit=30)
    taken = [(claim.source.organization_id, claim.source.last_polled_at is None) for claim in claims]
    assert sorted(map(taken.count, set(taken))) == [10, 10, 10]


def test_a_server_is_shared_in_turns(acme: Cast, at: datetime) -> None:
    add_feeds(30, at, server="everybody.example")
    quiet = factories.source(place="https://quiet.example/feed", next_poll_at=at)
    with acting_for(acme.elsewhere):
        theirs = factories.source(place="https://everybody.example/theirs", next_poll_at=at)
    claims = claim_due(at, limit=20)
    assert {quiet, theirs} <= {claim.source for claim in claims}
    assert 1 < len(claims) < 20  # no more than may be visited politely


def test_more_lines_than_fit_in_a_batch_are_all_served(acme: Cast, at: datetime) -> None:
    for number in range(6):
        factories.source(network=f"network{number}", place="here", next_poll_at=at - number * MINUTE)
    served = [claim.source.network for _turn in range(3) for claim in claim_due(at, limit=2)]
    assert sorted(served) == [f"network{number}" for number in range(6)]
    assert set(served[:2]) == {"network4", "network5"}


def test_a_claim_reads_no_more_of_a_line_than_it_may_want(acme: Cast, at: datetime) -> None:
    add_feeds(4_000, at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE listening_source")
    with CaptureQueriesContext(connection) as asked:
        assert len(claim_due(at)) == 100
    statement = next(query["sql"] for query in asked if "WITH RECURSIVE line" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) {statement}")
        plan = cursor.fetchone()[0][0]["Plan"]
    [lines] = [node for node in nodes(plan) if node["Node Type"] == "LockRows"]
    scanned = [node for node in nodes(lines) if node.get("Relation Name") == "listening_source"]
    read = sum(node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in scanned)
    assert 100 <= read <= 600, plan  # those that are held by others are passed over


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All of a plan, from the top."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)
