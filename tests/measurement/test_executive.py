"""The executive's page, its tables, the API: who sees them, and what they say."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.signals import assignments_changed
from listening.models import MentionMatch
from listening.signals import mentions_captured
from measurement.actions import refresh_rollups
from roles import clock
from tests import factories
from tests.cast import Cast

PAGES = ["/measure/", "/measure/mentions/", "/measure/assignments/", "/measure/mentions.csv"]


def fill(cast: Cast, count: int = 5, *, network: str = "feed") -> None:
    """Let mentions come over the last days, half of them answered."""
    at = clock.now()
    query = factories.query()
    for number in range(count):
        when = at - timedelta(hours=7 * number)
        mention = factories.mention(at=when, post=factories.post(at=when, network=network))
        MentionMatch.objects.create(mention=mention, query=query)
        answered_at = when + timedelta(minutes=30) if number % 2 else None
        factories.assignment(department=cast.care, mention=mention, at=when, first_answered_at=answered_at)
    refresh_rollups(at=at)


@pytest.mark.parametrize("address", PAGES)
def test_executive_coach_and_owner_see_figures_and_others_do_not(cast: Cast, sign_in: Any, address: str) -> None:
    for member in (cast.elif_, cast.carla, cast.olga):
        assert sign_in(member).get(f"/o/acme{address}").status_code == 200
    for member in (cast.gita, cast.rosa, cast.bodo):
        assert sign_in(member).get(f"/o/acme{address}").status_code == 403
    assert sign_in(cast.sam).get(f"/o/acme{address}").status_code == 404
    assert sign_in(cast.elif_).post(f"/o/acme{address}").status_code == 405


def test_without_a_mention_the_page_says_what_would_fill_it(acme: Cast, sign_in: Any) -> None:
    text = sign_in(acme.elif_).get("/o/acme/measure/").content.decode()
    assert "No figures yet" in text and "/sources/add/" not in text
    assert '<svg class="chart__picture' not in text
    assert "/sources/add/" in sign_in(acme.carla).get("/o/acme/measure/").content.decode(), "the one thing to do"


def test_on_an_empty_side_it_is_said_that_nothing_was_counted_there(acme: Cast, sign_in: Any) -> None:
    fill(acme)
    text = sign_in(acme.elif_).get("/o/acme/measure/?of=practice").content.decode()
    assert "Nothing was counted here in these days" in text and "Outside, counted apart: 5 mentions" in text
    assert "add a source" not in text and "chart__axis" not in text


def test_a_picture_of_nothing_has_no_axes_and_says_so(acme: Cast, sign_in: Any) -> None:
    fill(acme, 1)
    text = sign_in(acme.elif_).get("/o/acme/measure/").content.decode()
    drawn = re.findall(r'<svg class="chart__picture.*?</svg>', text, re.DOTALL)
    assert ["mentions-narrow" in drawn[0], "answers-narrow" in drawn[1], len(drawn)] == [True, True, 2]
    [told] = re.findall(r'<section class="card" aria-labelledby="first-response-head">.*?</section>', text, re.DOTALL)
    assert told.count("Nothing was answered in this time.") == 1 and "legend" not in told and "<table" not in told


@pytest.mark.parametrize(
    ("business", "said"),
    [
        (None, "Median [^(,]+, 90th"),
        (0, r"\(at least half of the answers outside business hours\)"),
        (600, r"\(\d+ min in business hours\)"),
    ],
)
def test_business_hours_are_said_where_an_answer_took_any(
    acme: Cast, sign_in: Any, business: int | None, said: str
) -> None:
    at = clock.now() - timedelta(hours=3)
    mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
    answered = {"first_answered_at": at + timedelta(minutes=61), "answered_in_seconds": business}
    factories.assignment(department=acme.care, mention=mention, at=at, **answered)
    refresh_rollups(at=clock.now())
    text = sign_in(acme.elif_).get("/o/acme/measure/").content.decode()
    assert re.search(said, text) and "0 s in" not in text


@pytest.mark.parametrize("days", [7, 30, 90, 180])
def test_every_window_draws_its_pictures_as_sound_svg(acme: Cast, sign_in: Any, days: int) -> None:
    fill(acme)
    text = sign_in(acme.elif_).get(f"/o/acme/measure/?days={days}").content.decode()
    drawings = re.findall(r"<svg class=\"chart__picture.*?</svg>", text, re.DOTALL)
    assert len(drawings) == 3
    for drawing in drawings:
        ET.fromstring(drawing)
    assert " style=" not in text
    assert "<script>" not in text


def test_the_window_is_a_link_and_nonsense_is_a_month(acme: Cast, sign_in: Any) -> None:
    fill(acme)
    client = sign_in(acme.elif_)
    text = client.get("/o/acme/measure/?days=7").content.decode()
    assert re.search(r'href="/o/acme/measure/\?days=7&amp;of=outside" aria-current="true"', text)
    text = client.get("/o/acme/measure/?days=9999&of=nowhere").content.decode()
    assert re.search(r'href="/o/acme/measure/\?days=30&amp;of=outside" aria-current="true"', text)


@pytest.mark.parametrize("address", ["/measure/?days=90", "/measure/mentions/", "/measure/assignments/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(acme: Cast, sign_in: Any, address: str) -> None:
    client = sign_in(acme.elif_)
    numbers = []
    for count in (1, 20):
        fill(acme, count)
        client.get(f"/o/acme{address}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/o/acme{address}")
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_pending_hours_are_said(acme: Cast, sign_in: Any) -> None:
    fill(acme)
    client = sign_in(acme.elif_)
    assert "Nothing has changed since." in client.get("/o/acme/measure/").content.decode()
    mentions_captured.send(None, mentions=[factories.mention()], at=clock.now())
    assert "1 hour has changed since" in client.get("/o/acme/measure/").content.decode()


def test_an_open_page_is_offered_newer_figures_only(acme: Cast, sign_in: Any) -> None:
    fill(acme)
    client = sign_in(acme.elif_)
    text = client.get("/o/acme/measure/").content.decode()
    ask = re.search(r'data-live="measure" hx-get="([^"]+)"', text)
    assert ask
    address = ask[1].replace("&amp;", "&")
    assert client.get(address, headers={"HX-Request": "true"}).content.decode().strip() == ""
    assignment = factories.assignment(department=acme.care)
    assignments_changed.send(None, assignments=[assignment], at=clock.now())
    refresh_rollups(at=clock.now())
    assert "New figures" in client.get(address, headers={"HX-Request": "true"}).content.decode()


def test_computing_tells_open_pages(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr("measurement.actions.rollups.look_again", lambda *topics: told.extend(topics))
    refresh_rollups(at=clock.now())
    told.clear()
    assert refresh_rollups(at=clock.now()) == 0
    assert told == []
    mentions_captured.send(None, mentions=[factories.mention()], at=clock.now())
    refresh_rollups(at=clock.now())
    assert told == ["measure"]


def test_whoever_computes_for_long_lets_others_have_their_turn(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hinted: list[str] = []
    monkeypatch.setattr("measurement.actions.rollups.hint", hinted.append)
    monkeypatch.setattr("measurement.actions.rollups.HOURS_AT_ONCE", 1)
    refresh_rollups(at=clock.now())
    for hours in range(3):
        at = clock.now() - timedelta(hours=hours)
        mentions_captured.send(None, mentions=[factories.mention(at=at)], at=at)
    hinted.clear()
    assert [refresh_rollups(at=clock.now(), seconds=0) for _turn in range(3)] == [1, 1, 1]
    assert hinted == ["measurement.tasks.refresh_rollups"] * 2


@pytest.mark.parametrize("picture", ["mentions", "answers", "first-response", "networks", "queries"])
def test_every_picture_has_its_table_as_csv(acme: Cast, sign_in: Any, picture: str) -> None:
    fill(acme)
    answer = sign_in(acme.elif_).get(f"/o/acme/measure/{picture}.csv?days=7")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert len(rows) == (2 if picture in {"networks", "queries"} else 8)
    assert {len(row) for row in rows} == {len(rows[0])}


def test_a_formula_in_a_name_stays_text(acme: Cast, sign_in: Any) -> None:
    for name in ("=1+2", "@SUM(A1)", "-3", "+4", "\t=5"):
        query = factories.query(name=name)
        MentionMatch.objects.create(mention=factories.mention(post=factories.post(network="feed")), query=query)
    refresh_rollups(at=clock.now())
    text = sign_in(acme.elif_).get("/o/acme/measure/queries.csv").content.decode()
    names = [row[0] for row in csv.reader(io.StringIO(text))][1:]
    assert len(names) == 5
    assert all(name.startswith("'") for name in names)


def test_there_is_no_csv_of_an_unknown_picture(acme: Cast, sign_in: Any) -> None:
    assert sign_in(acme.elif_).get("/o/acme/measure/secrets.csv").status_code == 404


@pytest.mark.parametrize(
    "asked",
    ["from=2026-01-01", "from=2026-01-02&to=2026-01-01", "from=x&to=y", "from=2001-01-01&to=2026-01-01", "of=moon",
     "from=0001-01-01&to=0001-01-02", "from=9999-12-30&to=9999-12-31"],
)  # fmt: skip
def test_days_that_make_no_sense_are_explained(acme: Cast, sign_in: Any, api: Any, asked: str) -> None:
    client = sign_in(acme.elif_)
    for address in ("mentions", "assignments"):
        answer = client.get(f"/o/acme/measure/{address}/?{asked}")
        assert answer.status_code == 400
        assert "banner--late" in answer.content.decode()
    answer = api(acme.elif_).get(f"/api/v1/figures/?{asked}")
    assert answer.status_code == 400
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "before", ["x", "2026-01-01,5", "2026-13-01T00:00:00Z,5", "2026-01-01T00:00:00Z,99999999999999999999"]
)
def test_a_broken_place_to_go_on_from_begins_anew(acme: Cast, sign_in: Any, before: str) -> None:
    fill(acme, 2)
    text = sign_in(acme.elif_).get("/o/acme/measure/mentions/", {"before": before}).content.decode()
    assert len(re.findall("data-row=", text)) == 2


def test_a_list_says_how_many_more_there_are(acme: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("measurement.views.listing.PER_PAGE", 2)
    fill(acme, 5)
    client = sign_in(acme.elif_)
    assert "3 more" in client.get("/o/acme/measure/assignments/").content.decode()
    monkeypatch.setattr("measurement.views.listing.COUNTED_TO", 2)
    text = " ".join(client.get("/o/acme/measure/assignments/").content.decode().split())
    assert "more than 2 more" in text
    assert re.search(r'data-total="3"> ?more than 2 ?</strong>', text)


def test_the_api_gives_the_figures_of_the_page(acme: Cast, api: Any) -> None:
    fill(acme, 6)
    answer = api(acme.elif_).get("/api/v1/figures/")
    assert answer.status_code == 200
    found = json.loads(answer.content)
    assert (found["of"], found["pending_hours"], found["backlog"]) == ("outside", 0, 6)
    assert (found["now"]["captured"], found["now"]["assigned"], found["now"]["answered"]) == (6, 6, 3)
    assert found["now"]["share_answered"] == 0.5
    assert found["now"]["first_response_median_seconds"] == pytest.approx(1800, rel=0.05)
    assert found["now"]["captured_by_network"] == {"feed": 6}
    assert [row["captured"] for row in found["now"]["captured_by_query"]] == [6]
    assert len(found["steps"]) == 30
    day = found["now"]["last_day"]
    narrow = api(acme.elif_).get("/api/v1/figures/", {"from": day, "to": day}).json()
    assert len(narrow["steps"]) == 1
    assert narrow["before"]["last_day"] < day


def test_the_api_refuses_whom_the_page_refuses(acme: Cast, api: Any) -> None:
    assert api(acme.rosa).get("/api/v1/figures/").status_code == 403
    assert api(acme.carla).get("/api/v1/figures/").status_code == 200
