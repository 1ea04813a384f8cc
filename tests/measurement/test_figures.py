"""Figures are those counted row by row, and every figure opens exactly the rows that it counts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from engagement.models import Assignment
from listening import networks
from listening.models import MentionMatch
from measurement import pictures
from measurement.actions import refresh_rollups
from measurement.figures import Figures, figures
from measurement.opening import rows_url
from measurement.windows import Window
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.measurement import history

NOW = datetime(2026, 4, 2, 12, 0, tzinfo=UTC)
WEEK = Window(date(2026, 3, 27), date(2026, 4, 2), ZoneInfo("UTC"))


@pytest.fixture
def told(acme: Cast) -> Figures:
    """Figures of a week in the middle of a random history."""
    history.live_through([acme.care, acme.press], [factories.query(), factories.query()], seed=11, mentions=120, days=7)
    refresh_rollups(at=NOW)
    return figures(WEEK, at=NOW, side="outside")


def test_every_case_counts_as_the_definitions_say(acme: Cast) -> None:
    def made(hours: float, **fields: Any) -> Assignment:
        mention = factories.mention(at=NOW - timedelta(hours=10), post=factories.post(network="feed"))
        start = NOW - timedelta(hours=9)
        return factories.assignment(
            department=acme.care, mention=mention, at=start, due_at=start + timedelta(hours=hours), **fields
        )

    resolved = {"state": "resolved", "resolved_at": NOW}
    in_time = NOW - timedelta(hours=8)  # two hours after the capture
    late = NOW - timedelta(hours=2)  # eight hours after the capture
    made(4, first_answered_at=in_time, outcome="answered", **resolved)
    made(4, first_answered_at=in_time, reopened_count=1)  # reopened: the answer stands
    made(4, first_answered_at=late, outcome="answered", **resolved)
    # Answered late; the response that the author waits for now has time yet, and changes nothing about the first.
    made(40, first_due_at=NOW - timedelta(hours=5), first_answered_at=late, reopened_count=1)
    made(4, outcome="no_answer_needed", **resolved)  # no answer, no target
    made(4)  # overdue
    made(40)  # waits, not due
    made(4, state="snoozed", snoozed_until=NOW + timedelta(hours=1))  # put away, and overdue all the same
    refresh_rollups(at=NOW)
    found = figures(WEEK, at=NOW)
    counts = found.now
    assert (counts.assigned, counts.answered, counts.in_time, counts.resolved) == (8, 4, 2, 3)
    assert counts.share_answered == pytest.approx(4 / 8)
    assert (counts.targeted, counts.targets_missed) == (6, 4)
    assert counts.share_in_time == pytest.approx(2 / 6)
    assert counts.median == pytest.approx(2 * 3600, rel=0.05)
    assert counts.p90 == pytest.approx(8 * 3600, rel=0.05)
    assert (found.backlog, found.overdue) == (5, 2)


def test_steps_add_up_to_the_window(told: Figures) -> None:
    assert sum(step.captured for step in told.steps) == told.now.captured > 0
    assert sum(step.assigned for step in told.steps) == told.now.assigned > 0
    assert sum(step.answered for step in told.steps) == told.now.answered > 0


def test_no_query_reads_more_for_more_rows(acme: Cast, django_assert_max_num_queries: Any) -> None:
    history.live_through([acme.care], [factories.query()], seed=3, mentions=60)
    refresh_rollups(at=NOW)
    with django_assert_max_num_queries(7) as queries:
        figures(WEEK, at=NOW)
    # What is not resolved now is the one thing that is counted from the rows.
    rows = ('FROM "engagement_assignment"', 'FROM "listening_mention"')
    [backlog] = [query["sql"] for query in queries.captured_queries if any(table in query["sql"] for table in rows)]
    assert "resolved" in backlog


def test_what_is_only_practised_is_counted_apart(acme: Cast) -> None:
    for network in ("practice", "practice", "feed"):
        factories.mention(at=NOW, post=factories.post(network=network, at=NOW))
    refresh_rollups(at=NOW)
    outside = figures(WEEK, at=NOW)
    assert (outside.side, outside.now.captured, outside.apart.captured, outside.both_sides) == ("outside", 1, 2, True)
    practice = figures(WEEK, at=NOW, side="practice")
    assert (practice.now.captured, practice.apart.captured) == (2, 1)


def test_where_there_is_only_practice_it_is_shown(acme: Cast) -> None:
    factories.mention(at=NOW)
    refresh_rollups(at=NOW)
    found = figures(WEEK, at=NOW)
    assert (found.side, found.now.captured, found.both_sides) == ("practice", 1, False)


def test_the_window_before_is_counted_beside(acme: Cast) -> None:
    for days in (1, 8, 9, 20):
        at = NOW - timedelta(days=days)
        factories.mention(at=at, post=factories.post(network="feed", at=at))
    refresh_rollups(at=NOW)
    found = figures(WEEK, at=NOW)
    assert (found.now.captured, found.before.captured) == (1, 2)


def rows_behind(client: Client, url: str) -> int:
    """Follow a figure through all its pages and count the rows."""
    found: set[str] = set()
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, url
        text = answer.content.decode()
        rows = re.findall(r'data-row="(\d+)"', text)
        assert not found & set(rows)
        found |= set(rows)
        older = re.search(r'href="(\?[^"]+)" rel="next"', text)
        url = url.split("?", maxsplit=1)[0] + older[1].replace("&amp;", "&") if older else ""
    return len(found)


def addresses(found: Figures) -> list[tuple[str, int]]:
    """Every address of rows that the page shows with a number, and the number."""
    shown = []
    for draw in pictures.PICTURES.values():
        shown += [(cell.url, int(cell.raw)) for row in draw(found).rows for cell in row if cell.url]
    for rank in pictures.RANKINGS.values():
        shown += [(cell.url, int(cell.raw)) for bar in rank(found).bars for cell in (bar.now, bar.before) if cell.url]
    of = f"of={found.side}"
    window = found.window
    shown += [
        (pictures.mentions_url(window, found.selection), found.now.captured),
        (rows_url("assigned", found.selection), found.now.assigned),
        (rows_url("answered", found.selection), found.now.answered),
        (rows_url("targets_met", found.selection), found.now.in_time),
        (rows_url("assigned", found.selection, target="missed"), found.now.targets_missed),
        (f"/measure/assignments/?{of}&state=unresolved", found.backlog),
        (f"/measure/assignments/?{of}&state=overdue", found.overdue),
    ]
    return shown


@pytest.mark.parametrize("side", ["outside", "practice"])
def test_every_figure_opens_the_rows_that_it_counts(
    acme: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch, side: Any
) -> None:
    acme.organization.time_zone = "America/Los_Angeles"
    acme.organization.save()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr("measurement.views.listing.PER_PAGE", 7)
    queries = [factories.query(), factories.query()]
    history.live_through([acme.care, acme.press], queries, seed=5, mentions=70, days=8)
    refresh_rollups(at=NOW)
    window = Window(date(2026, 3, 28), date(2026, 4, 1), ZoneInfo("America/Los_Angeles"))
    found = figures(window, at=NOW, side=side)
    client = sign_in(acme.elif_)
    checked = addresses(found)
    assert len(checked) > 20
    for url, number in checked:
        assert rows_behind(client, f"/o/acme{url}") == number, url


def test_a_query_counts_a_mention_once_however_often_it_is_listed(acme: Cast) -> None:
    queries = [factories.query(), factories.query()]
    mention = factories.mention(at=NOW, post=factories.post(network="feed", at=NOW))
    MentionMatch.objects.bulk_create(MentionMatch(mention=mention, query=query) for query in queries)
    refresh_rollups(at=NOW)
    found = figures(WEEK, at=NOW)
    assert found.now.captured == 1
    assert [found.now.by_query[query.pk] for query in queries] == [1, 1]
    assert networks.label_of("gone") == "gone"
