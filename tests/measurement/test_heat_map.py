"""The hours of the week: how long answers take and how it sounds, beside how much there is."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from measurement.actions.reports import compose_report
from measurement.actions.rollups import refresh_rollups
from measurement.comparing import compare
from measurement.models import DailyWaits
from measurement.paper import as_pdf
from measurement.reading import told_by_hour
from measurement.reporting import tell
from measurement.selecting import Selection
from measurement.windows import Window
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.measurement.test_reports import words_of

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
HERE = "/o/acme/measure/explore/"


def test_waits_by_the_hour_are_those_of_the_rows_and_open_them(
    acme: Cast, sign_in: Any, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    chance, waits = random.Random(3), defaultdict[int, list[float]](list)
    acme.organization.time_zone = "Europe/Berlin"  # on the 29th its clock jumps from two to three
    acme.organization.save()
    zone = ZoneInfo("Europe/Berlin")
    for _number in range(60):
        at = NOW - timedelta(minutes=chance.randrange(13 * 24 * 60))
        mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
        lasted = chance.choice([None, 90, 4000, 50_000])
        factories.assignment(
            department=chance.choice([acme.care, acme.press]), mention=mention, at=at,
            first_answered_at=None if lasted is None else at + timedelta(seconds=lasted),
        )  # fmt: skip
        if lasted is not None:
            local = at.astimezone(zone)
            waits[24 * local.weekday() + local.hour].append(lasted)
    refresh_rollups(at=NOW)
    days = Selection(Window.up_to(NOW, days=14, zone=zone))
    told = told_by_hour(days, "first_response_p90")
    assert {hour for hour, value in enumerate(told) if value is not None} == set(waits)
    for hour, lasted in waits.items():
        assert told[hour] == pytest.approx(sorted(lasted)[ceil(0.9 * len(lasted)) - 1], rel=0.06)
    both = [told_by_hour(replace(days, department=one.pk), "first_response_median") for one in (acme.care, acme.press)]
    assert {hour for one in both for hour, value in enumerate(one) if value is not None} == set(waits)
    asked = {"by": "hour", "metric": "first_response_median", "from": "2026-03-20", "to": "2026-04-02"}
    found = api(acme.elif_).get("/api/v1/metrics/split/", asked).json()
    assert [part["now"] is not None for part in found] == [value is not None for value in told]
    page = sign_in(acme.elif_).get(HERE, asked)
    hour, lasted = next(iter(waits.items()))
    [part] = [part for part in page.context["parts"] if part.key == str(hour)]
    rows = sign_in(acme.elif_).get(f"/o/acme{part.url}" if part.url.startswith("/measure") else part.url)
    assert f'data-total="{len(lasted)}"' in rows.content.decode()
    assert "m: minutes" in page.content.decode()


def test_what_sounds_worse_than_it_sounds_good_has_its_own_colour_and_its_sign(
    acme: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for hour, sounds in ((3, -1), (5, 1), (6, 0)):
        at = NOW.replace(hour=hour)
        factories.mention(at=at, post=factories.post(at=at, network="feed"), sentiment=sounds)
    refresh_rollups(at=NOW)
    page = sign_in(acme.elif_).get(HERE, {"by": "hour", "metric": "net_sentiment", "days": "7"}).content.decode()
    cells = re.findall(r'heat__cell--([a-z0-9-]+)"><a [^>]*title="([^"]+)">([^<]+)<', page)
    assert cells == [("less-5", "−100 %", "−100"), ("5", "+100 %", "+100"), ("0", "0 %", "0")]


def test_a_report_draws_it_too(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    at = datetime(2026, 3, 31, 9, tzinfo=UTC)
    for sounds in (-1, -1, 1):
        mention = factories.mention(at=at, post=factories.post(at=at, network="feed"), sentiment=sounds)
        factories.assignment(department=acme.care, mention=mention, at=at, first_answered_at=at + timedelta(hours=3))
    refresh_rollups(at=NOW)
    metrics = ("net_sentiment", "first_response_median", "captured", "answered")
    row = compose_report(
        acme.organization, name="Hours", period="days7", by=acme.carla, at=NOW,
        blocks=[{"kind": "hour", "metric": metric} for metric in metrics],
    )  # fmt: skip
    told = tell(row, at=NOW, viewer=None)
    # The second day of the week at nine.
    assert [block.week[1][1][9] for block in told.blocks] == [
        ("−33", "less-5"), ("3h", "5"), ("3", "5"), ("100", "5"),
    ]  # fmt: skip
    assert "−33 %" in told.blocks[0].lines[0] and told.blocks[1].rows[1][10].raw == pytest.approx(3 * 3600, rel=0.05)
    printed = words_of(as_pdf(told))
    assert "−33" in printed and "3h" in printed


def test_what_was_kept_is_compared_with_the_rows(acme: Cast) -> None:
    mention = factories.mention(at=NOW, post=factories.post(at=NOW, network="feed"))
    factories.assignment(department=acme.care, mention=mention, at=NOW, first_answered_at=NOW + timedelta(minutes=5))
    refresh_rollups(at=NOW)
    week = Window.up_to(NOW, days=7, zone=ZoneInfo("UTC"))
    assert not list(compare(week, at=NOW))
    DailyWaits.objects.filter(department_id=0).update(first_response=b"")
    [found] = compare(week, at=NOW)
    assert "daily waits" in str(found) and "kept 0 in 0 steps, counted 1 in 1 steps" in str(found)
