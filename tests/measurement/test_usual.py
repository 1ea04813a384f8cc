"""What is usual: the median and the range of the same span in the year before, and honest where there is less."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.models import Assignment
from listening.models import Mention
from measurement.actions.reports import compose_report
from measurement.actions.returns import add_kpi
from measurement.actions.rollups import refresh_rollups
from measurement.measuring import values_each, values_of
from measurement.metrics import METRICS
from measurement.periods import period
from measurement.reporting import tell
from measurement.selecting import Selection
from measurement.usual import spans_before, usual
from measurement.windows import Window
from roles import clock
from tests import factories
from tests.cast import Cast

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
DAYS = Window(date(2026, 3, 27), date(2026, 4, 2), ZoneInfo("UTC"))
# So many mentions in each of the seven weeks before, the oldest first, and in this one.
WEEKS = (4, 9, 2, 7, 7, 3, 5)
THIS_WEEK = 12


@pytest.fixture
def seven_weeks(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """In each week each mention is answered, after as many hours as there were mentions."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for number, count in enumerate((*WEEKS, THIS_WEEK)):
        day = datetime.combine(DAYS.first - timedelta(days=7 * (len(WEEKS) - number)), datetime.min.time(), UTC)
        for hour in range(count):
            at = day + timedelta(hours=hour)
            mention = factories.mention(at=at, post=factories.post(at=at, network="feed"), sentiment=1)
            factories.assignment(
                department=acme.care, mention=mention, at=at, first_answered_at=at + timedelta(hours=count)
            )
    refresh_rollups(at=NOW)
    return acme


def test_it_is_the_median_and_the_range_of_the_spans_that_were_measured(seven_weeks: Cast) -> None:
    past = usual(Selection(DAYS), ["captured", "first_response_median", "assigned", "reach"], at=NOW)
    # Fifty-two weeks there are, and of seven anything is known: six before it would be nothing, not 0.
    assert (past.there, past.measured) == (52, 7)
    heard = past.found["captured"]
    assert (heard.median, heard.lowest, heard.highest, heard.spans) == (median(WEEKS), 2, 9, 7)
    waits = past.found["first_response_median"]
    assert waits.median == pytest.approx(5 * 3600, rel=0.05) and waits.highest == pytest.approx(9 * 3600, rel=0.05)
    assert "reach" not in past.found, "no network said it"
    assert "7 such spans" in past.said


def test_where_there_is_less_it_is_said_and_nothing_is_made_up(seven_weeks: Cast) -> None:
    month = Window(date(2026, 3, 10), date(2026, 4, 2), ZoneInfo("UTC"))
    past = usual(Selection(month), ["captured"], at=NOW)
    assert not past.found and (past.there, past.measured) == (15, 1)
    assert past.said == "Only 1 such span of the year before was measured: too few to say what is usual."
    with CaptureQueriesContext(connection) as queries:
        half_a_year = usual(Selection(Window.up_to(NOW, days=180, zone=DAYS.zone)), ["captured"], at=NOW)
    assert not half_a_year.found and not queries and "too few such spans" in half_a_year.said
    # Of a network that came later its own beginning counts.
    at = NOW - timedelta(days=20)
    factories.mention(at=at, post=factories.post(at=at, network="mastodon"))
    refresh_rollups(at=NOW)
    assert not usual(Selection(DAYS, network="mastodon"), ["captured"], at=NOW).found
    assert usual(Selection(DAYS, network="feed"), ["captured"], at=NOW).found


def test_a_month_lies_beside_months_and_a_year_has_twelve() -> None:
    for day in (date(2026, 3, 1), date(2024, 3, 1), date(2025, 1, 15)):
        month = period("month", day, ZoneInfo("UTC"))
        spans = spans_before(month)
        assert len(spans) == 12 and all(span.first.day == 1 for span in spans)
        assert all(span.last + timedelta(days=1) == later.first for span, later in pairwise(spans))
        assert spans[-1].last + timedelta(days=1) == month.first
    assert len(spans_before(period("quarter", date(2026, 5, 1), ZoneInfo("UTC")))) == 4


def test_what_is_read_at_once_is_what_is_read_one_by_one(acme: Cast) -> None:
    chance, at = random.Random(7), NOW
    for _number in range(60):
        came = at - timedelta(seconds=chance.randrange(28 * 86_400))
        mention = factories.mention(
            at=came, post=factories.post(at=came, network=chance.choice(["feed", "mastodon"])),
            sentiment=chance.choice([-1, 0, 1, None]),
        )  # fmt: skip
        if chance.random() < 0.7:
            lasted = timedelta(seconds=chance.randrange(60, 200_000))
            factories.assignment(
                department=chance.choice([acme.care, acme.press]), mention=mention, at=came,
                first_due_at=came + timedelta(hours=8), due_at=came + timedelta(hours=8),
                first_answered_at=came + lasted if chance.random() < 0.7 and came + lasted < at else None,
            )  # fmt: skip
    refresh_rollups(at=at)
    assert Mention.objects.exists() and Assignment.objects.exists()
    windows = [Window(date(2026, 3, 5) + timedelta(days=7 * n), date(2026, 3, 11) + timedelta(days=7 * n), DAYS.zone)
               for n in range(4)]  # fmt: skip
    keys = [key for key, metric in METRICS.items() if not metric.place]
    for part in ({}, {"network": "feed"}, {"department": acme.press.pk}):
        selection = Selection(DAYS, **part)
        together = values_each(selection, windows, at=at, only=keys)
        for window, found in zip(windows, together, strict=True):
            alone = values_of(selection.on(window), at=at)
            assert {key: found.get(key) for key in keys} == {key: alone.get(key) for key in keys}


def test_page_report_kpis_and_programs_say_it(seven_weeks: Cast, sign_in: Any, api: Any) -> None:
    acme = seven_weeks
    said = {"name": "Heard", "kind": "awareness", "metric": "captured", "target": 10, "owner": acme.elif_}
    add_kpi(acme.organization, **said, by=acme.carla, at=NOW)
    client = sign_in(acme.elif_)
    assert "usual 5 (2 to 9)" in " ".join(client.get("/o/acme/measure/?days=7").content.decode().split())
    kpis = " ".join(client.get("/o/acme/measure/kpis/?days=7").content.decode().split())
    assert "usual 5 (2 to 9), of 7 spans of the year before" in kpis
    asked = {"from": "2026-03-27", "to": "2026-04-02"}
    [standing] = api(acme.elif_).get("/api/v1/kpis/standing/", asked).json()
    assert standing["usual"] == {"metric": "captured", "median": 5, "lowest": 2, "highest": 9, "spans": 7}
    figures = api(acme.elif_).get("/api/v1/figures/", asked).json()
    assert {one["metric"]: one["median"] for one in figures["usual"]}["captured"] == 5

    row = compose_report(
        acme.organization, name="Weekly", period="days7", by=acme.carla, at=NOW,
        blocks=[{"kind": "sentences"}, {"kind": "figures"}, {"kind": "kpis"}],
    )  # fmt: skip
    told = tell(row, at=NOW + timedelta(days=1), viewer=None)
    sentences, shown, kpi = told.blocks
    assert "Mentions: 12, more than in any of the 7 spans before; usual is 5 (2 to 9)." in sentences.lines
    assert [cell.text for cell in shown.rows[0]][:2] == ["Mentions", "12"]
    assert (shown.rows[0][3].text, shown.rows[0][3].raw) == ("5 (2 to 9)", 5)
    assert "5 (2 to 9)" in [cell.text for cell in kpi.rows[0]]
