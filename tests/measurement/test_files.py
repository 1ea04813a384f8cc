"""Whatever stands on a page of figures leaves as a file, too, with the same numbers and the same filters."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from content.models import PublicationResult
from listening.models import MentionMatch
from maturity.models import MeasuredTime
from measurement.actions import mark_hours
from measurement.actions.annotations import annotate
from measurement.actions.returns import add_kpi, state_assumption, withdraw_assumption
from measurement.actions.rollups import refresh_rollups
from measurement.actions.voices import compare_voices
from roles import clock
from tests import factories
from tests.cast import Cast

MEASURE = "/o/acme/measure/"


def lines(client: Any, address: str) -> list[dict[str, str]]:
    answer = client.get(f"{MEASURE}{address}")
    assert answer.headers["Content-Type"].startswith("text/csv"), address
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_kpis_leave_with_where_they_stand_and_how_old_that_is(acme: Cast, sign_in: Any) -> None:
    at = clock.now()
    doing = {"owner": acme.rosa, "by": acme.carla, "at": at}
    add_kpi(acme.organization, name="=Liked", kind="awareness", metric="publication_likes", target=3, **doing)
    add_kpi(acme.press, name="Out", kind="engagement", metric="publications", target=1, **doing)
    row = factories.publication(
        factories.variant(factories.piece(department=acme.press), channel=factories.channel(network="mastodon")),
        state="accepted", accepted_at=at - timedelta(hours=3), due_at=at, remote_id="p",
    )  # fmt: skip
    PublicationResult.objects.create(publication=row, likes=2, fetched_at=at - timedelta(hours=2))
    client = sign_in(acme.elif_)
    out, liked = lines(client, "kpis/?as=csv&days=7&of=outside")
    assert (liked["KPI"], liked["Kind"], liked["Now"], liked["Before"], liked["Target"], liked["State"]) == (
        "'=Liked", "Awareness", "2", "", "3", "not reached",
    )  # fmt: skip
    assert liked["Looked at"] and not out["Looked at"] and (out["Department"], out["Now"], out["State"]) == (
        "Communications", "1", "reached",
    )  # fmt: skip
    assert [line["KPI"] for line in lines(client, f"kpis/?as=csv&department={acme.press.pk}&of=outside")] == ["Out"]
    page = client.get(f"{MEASURE}kpis/?days=7&of=outside").content.decode()
    assert "looked at" in page and "Nothing is set of these kinds:" in page and "Cost savings" in page


def test_a_page_without_kpis_says_what_to_do_next(acme: Cast, sign_in: Any) -> None:
    coach, executive = (sign_in(one).get(f"{MEASURE}kpis/").content.decode() for one in (acme.carla, acme.elif_))
    assert coach.count(f"{MEASURE}kpis/add/") == 1 and "Choose two or three metrics" in coach
    assert "kpis/add/" not in executive and "Ask one of them" in executive
    doing = {"kind": "savings", "metric": "answered", "target": 0.5, "owner": acme.rosa, "by": acme.carla}
    add_kpi(acme.organization, name="Answered", at=clock.now(), **doing)
    press = sign_in(acme.carla).get(f"{MEASURE}kpis/?department={acme.press.pk}").content.decode()
    assert "Communications has no KPIs yet" in press
    form = sign_in(acme.carla).get(f"{MEASURE}kpis/add/?kind=awareness").content.decode()
    assert 'value="awareness" selected' in form


def test_what_a_return_rests_on_leaves_whole(acme: Cast, sign_in: Any) -> None:
    doing = {"by": acme.carla, "at": clock.now()}
    said = {"currency": "EUR", "first_day": date(2026, 1, 1), "source": "payroll"}
    state_assumption(acme.organization, about="hour", amount=Decimal(40), **said, **doing)
    gone = state_assumption(
        acme.press, about="each", metric="answers", kind="savings", amount=Decimal("2.50"), **said, **doing
    )
    withdraw_assumption(gone, **doing)
    newest, first = lines(sign_in(acme.elif_), "return/?as=assumptions")
    assert (newest["Amount"], newest["Department"], newest["Each of what"]) == (
        "2.50", "Communications", "answered assignment",
    )  # fmt: skip
    assert newest["Withdrawn at"] and not first["Withdrawn at"] and (first["Amount"], first["By"]) == ("40.00", "Carla")
    assert sign_in(acme.rosa).get(f"{MEASURE}return/?as=assumptions").status_code == 403


def test_no_hours_are_said_in_words(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    page = client.get(f"{MEASURE}return/").content.decode()
    assert "no hours were spent on these days" in page and "from what is stated below" not in page
    MeasuredTime.objects.create(member=acme.carla, day=clock.now().date(), activity="measuring", seconds=120)
    page = client.get(f"{MEASURE}return/").content.decode()
    assert "2 min spent" in page and "0 h spent" not in page


def test_voices_and_the_time_line_leave_by_the_filters_of_their_pages(acme: Cast, sign_in: Any) -> None:
    at, client = clock.now(), sign_in(acme.elif_)
    ours, theirs = factories.query("acme", name="Us"), factories.query("rival", name="Them")
    compare_voices(acme.organization, ours=[ours], theirs=[theirs], by=acme.carla, at=at)
    for number in range(4):
        query, network = (ours, "feed") if number else (theirs, "mastodon")
        mention = factories.mention(at=at, post=factories.post(at=at, network=network), query_ids=[query.pk])
        MentionMatch.objects.create(mention=mention, query=query)
    mark_hours([at], at=at)
    refresh_rollups(at=at)
    told = [tuple(line.values())[:4] for line in lines(client, "voices/?as=csv")]
    assert told == [("Us", "We", "3", "0.75"), ("Them", "Competitors", "1", "0.25")]
    feed = lines(client, "voices/?as=csv&network=feed&days=7")
    assert [(line["Query"], line["Share"]) for line in feed] == [("Us", "1"), ("Them", "0")]
    assert 'name="network"' in client.get(f"{MEASURE}voices/?days=7").content.decode(), "filters stand on the page"
    doing = {"by": acme.carla, "at": at}
    annotate(acme.organization, title="Launch", first_day=at.date(), **doing)
    annotate(acme.press, title="Fair", first_day=at.date() - timedelta(days=20), last_day=at.date(), **doing)
    annotate(acme.organization, title="Long ago", first_day=at.date() - timedelta(days=100), **doing)
    assert [line["What happened"] for line in lines(client, "timeline/?as=csv&days=7")] == ["Fair", "Launch"]
    assert len(lines(client, "timeline/?as=csv")) == 3 and len(lines(client, "timeline/?as=csv&days=30")) == 2
    care = lines(client, f"timeline/?as=csv&days=30&department={acme.care.pk}")
    assert [(line["What happened"], line["Kind"]) for line in care] == [("Launch", "Note")]
