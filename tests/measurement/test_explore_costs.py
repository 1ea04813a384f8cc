"""What the pages in depth cost, what no day keeps, and whose voices are compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from measurement.actions.rollups import refresh_rollups
from measurement.actions.voices import compare_voices
from measurement.exploring import parts
from measurement.measuring import values_of
from measurement.models import Voice
from measurement.selecting import Selection, usual_side
from measurement.sums import SUMS
from measurement.windows import Window
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.measurement.golden import BY_HAND, WEEK
from tests.measurement.golden import NOW as MONDAY

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
HERE = "/o/acme/measure/explore/"


def test_what_is_kept_by_no_day_is_asked_once_for_all_steps(golden: Any) -> None:
    week = Selection(WEEK)
    before = week.on(WEEK.before())
    for key in (key for sums in SUMS for key in sums.keys):
        alone = [values_of(week.on(step), at=MONDAY, only={key}).get(key) for step in WEEK.steps()]
        assert [part.now for part in parts(key, "time", week, before, at=MONDAY)] == alone, key
        assert any(value is not None for value in alone) == (BY_HAND[key] is not None), key
    year = week.on(Window.up_to(MONDAY, days=365, zone=WEEK.zone))
    with CaptureQueriesContext(connection) as queries:
        told = parts("approval_p90", "time", year, year.on(year.window.before()), at=MONDAY)
    assert len(told) == 53 and len(queries) == 2
    for key in ("authors", "cadence_kept"):
        assert {part.now for part in parts(key, "time", year, year, at=MONDAY)} == {None}, "it is too long for it"


def test_pages_cost_the_same_however_much_there_is(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    addresses = (
        HERE,
        f"{HERE}?by=query",
        f"{HERE}?by=hour",
        f"{HERE}?by=time&metric=targets_met",
        f"{HERE}?by=time&metric=backlog_age",
        "/o/acme/measure/figures/",
        "/o/acme/measure/people/",
    )
    counts: dict[str, list[int]] = {address: [] for address in addresses}
    for number in (2, 20):
        for _one in range(number):
            at = clock.now() - timedelta(hours=_one)
            mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
            factories.assignment(department=acme.care, member=acme.rosa, mention=mention, at=at)
        refresh_rollups(at=clock.now())
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts[address].append(len(queries))
    assert {address: found for address, found in counts.items() if found[0] != found[1]} == {}


def test_voices_are_chosen_and_compared(acme: Cast, sign_in: Any, api: Any) -> None:
    ours, theirs = factories.query(name="Us"), factories.query(name="Them")
    client = sign_in(acme.carla)
    there = "/o/acme/measure/voices/"
    assert "Nobody is compared yet" in client.get(there).content.decode()
    assert client.post(there, {"ours": [ours.pk], "theirs": [theirs.pk]}).status_code == 302
    assert dict(Voice.objects.values_list("query", "is_ours")) == {ours.pk: True, theirs.pk: False}
    for wrong in ({"ours": [ours.pk], "theirs": [ours.pk]}, {"ours": [ours.pk]}):
        assert client.post(there, wrong).status_code == 422
    assert sign_in(acme.elif_).post(there, {"ours": [ours.pk], "theirs": [theirs.pk]}).status_code == 403
    assert "Them" in sign_in(acme.elif_).get(there).content.decode()
    program = api(acme.carla)
    assert program.post("/api/v1/voices/choose/", {"ours": [], "theirs": []}).json() == []
    with pytest.raises(ValidationError):
        compare_voices(acme.organization, ours=[ours], theirs=[ours], by=None, at=NOW)


def test_the_usual_side_is_the_outside_unless_all_is_practice(acme: Cast) -> None:
    at = clock.now()
    assert usual_side(at) == "outside"
    factories.mention(at=at)
    refresh_rollups(at=at)
    assert usual_side(at) == "practice"
    factories.mention(at=at, post=factories.post(at=at, network="feed"))
    from measurement.actions import mark_hours

    mark_hours([at], at=at)
    refresh_rollups(at=at)
    assert usual_side(at) == "outside"


def test_all_figures_ask_for_both_windows_at_once_and_for_people_once(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    client.get("/o/acme/measure/figures/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/o/acme/measure/figures/").status_code == 200
    asked = [row["sql"] for row in queries.captured_queries]

    def times(table: str) -> int:
        return sum(f'FROM "{table}"' in sql for sql in asked)

    # Hours ask whose time may be told, cadence does not of whom she coaches; nobody asks again for the days before.
    assert sum('"roles_department"."below" AS' in sql for sql in asked) == 1
    for table in ("maturity_measuredtime", "maturity_timeentry"):
        # Hours of both windows, and the blocks of both.
        assert times(table) == 2
    # One for both windows; promises as numbers and as histograms, clicks of all links and of those in replies.
    for table, most in (("measurement_dailypromises", 2), ("content_linkhour", 2), ("listening_story", 1)):
        assert times(table) == most, table
    assert len(asked) <= 80, len(asked)
