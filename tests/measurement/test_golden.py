"""Cases with figures worked out by hand: every metric equals them, and page, API and file agree."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest

from engagement.models import Reply
from measurement.actions import mark_hours, refresh_rollups
from measurement.measuring import values_of
from measurement.metric import ROUGH
from measurement.metrics import METRICS
from measurement.models import DailyMentions
from measurement.opening import rows_url
from measurement.saying import said
from measurement.selecting import Selection
from tests import factories
from tests.cast import Cast
from tests.measurement.golden import BY_HAND, NOW, WEEK

# Hours, cadence, level and cost are proved where they are made: tests/maturity and test_returns.
ELSEWHERE = {"hours_spent", "hours_budgeted", "cadence_kept", "level", "cost", "cost_per_answer"}


def test_no_metric_is_without_a_figure_by_hand() -> None:
    assert {key for key, metric in METRICS.items() if not metric.place} - ELSEWHERE == set(BY_HAND)


def near(key: str) -> Any:
    """Times come from steps of 5 %; everything else is exact."""
    rough = METRICS[key].precision == ROUGH
    return None if BY_HAND[key] is None else pytest.approx(BY_HAND[key], rel=0.05 if rough else 1e-3)


def test_every_metric_is_what_it_is_by_hand(golden: Any, acme: Cast) -> None:
    found = values_of(Selection(WEEK), at=NOW)
    assert {key: found[key] for key in BY_HAND} == {key: near(key) for key in BY_HAND}
    care = values_of(Selection(WEEK, department=acme.care.pk), at=NOW)
    press = values_of(Selection(WEEK, department=acme.press.pk), at=NOW)
    assert (care["assigned"], press["assigned"], press["answered"], press["targets_met"]) == (6, 1, 1, 0)
    assert care["captured"] is press["reach"] is None, "mentions belong to no department"


def test_replies_of_which_nobody_knows_are_told_apart_from_those_refused(golden: Any, acme: Cast, sign_in: Any) -> None:
    Reply.objects.filter(state="refused").update(state="unknown")
    found = values_of(Selection(WEEK), at=NOW)
    assert (found["replies_unknown"], found["replies_refused"], found["replies_sent"]) == (1 / 4, 1 / 4, 3 / 4)
    here = f"/o/acme{rows_url('replies_unknown', Selection(WEEK))}"
    rows = sign_in(acme.elif_).get(here).context["rows"]
    assert len(rows) == 1


def test_page_api_and_file_say_the_same(golden: Any, acme: Cast, sign_in: Any, api: Any) -> None:
    asked = {"from": "2026-03-23", "to": "2026-03-29", "of": "outside"}
    found = values_of(Selection(WEEK), at=NOW, viewer=acme.carla)
    rows = api(acme.carla).get("/api/v1/metrics/", asked).json()
    assert {row["key"]: row["now"] for row in rows} == {
        key: found.get(key) for key, metric in METRICS.items() if not metric.place
    }
    client = sign_in(acme.carla)
    file = csv.reader(io.StringIO(client.get("/o/acme/measure/figures.csv", asked).content.decode("utf-8-sig")))
    told = {row[0]: row[1] for row in list(file)[1:]}
    page = client.get("/o/acme/measure/figures/", asked).content.decode()
    assert "A dash says that a figure is not available" in page
    for key in BY_HAND:
        metric = METRICS[key]
        text = told[str(metric.label)]
        assert text == "" if BY_HAND[key] is None else float(text) == near(key), key
        [line] = [part for part in page.split("<tr ") if part.startswith(f'id="{key}"')]
        assert said(metric.kind, found[key]) in line, key


def test_a_day_is_that_of_the_organization_on_both_changes_of_the_clock(golden: Any, acme: Cast) -> None:
    moments = [datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 22, 30, tzinfo=UTC),
               datetime(2026, 10, 25, 23, 30, tzinfo=UTC)]  # fmt: skip
    for at in moments:
        factories.mention(at=at, post=factories.post(at=at, network="feed"))
    mark_hours(moments, at=NOW)
    refresh_rollups(at=NOW)

    def by_day() -> dict[date, int]:
        return dict(DailyMentions.objects.filter(query_id=0, network="feed").values_list("day", "captured"))

    # Twenty-five hours in October; in March the mention of Saturday half past eleven (UTC) is one of Sunday.
    assert {day: count for day, count in by_day().items() if day.month == 10} == {
        date(2026, 10, 25): 2, date(2026, 10, 26): 1,
    }  # fmt: skip
    assert by_day()[date(2026, 3, 29)] == 1
    acme.organization.time_zone = "America/Los_Angeles"
    acme.organization.save()
    refresh_rollups(at=NOW)
    assert by_day()[date(2026, 3, 28)] == 2 and date(2026, 3, 29) not in by_day()
    assert {day: count for day, count in by_day().items() if day.month == 10} == {
        date(2026, 10, 24): 1, date(2026, 10, 25): 2,
    }  # fmt: skip
