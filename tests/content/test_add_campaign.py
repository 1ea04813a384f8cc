"""Campaigns and events: planned, changed, closed; bands over the weeks, and what came out of each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from content.actions.campaigns import add_campaign, change_campaign, close_campaign, reopen_campaign
from content.bands import LANES, Banded, lanes, outcome_of
from content.link_querysets import count_click
from content.models import Campaign, PublicationResult
from content.tracking import link_of
from roles import clock
from tests import factories
from tests.cast import Cast

MONDAY = date(2026, 3, 23)
SAID: dict[str, Any] = {"name": "Spring", "begins_on": MONDAY, "ends_on": MONDAY + timedelta(days=9)}


def test_it_is_planned_changed_closed_and_opened_again(acme: Cast) -> None:
    acting: dict[str, Any] = {"by": acme.carla, "at": clock.now()}
    row = add_campaign(**SAID, **acting)
    change_campaign(row, name="  Summer ", goal="More rides", **acting)
    row.refresh_from_db()
    assert (row.name, row.goal) == ("Summer", "More rides")
    assert close_campaign(row, **acting).state == "closed" and reopen_campaign(row, **acting).state == "open"
    for wrong in ({"name": ""}, {"colour": 9}, {"ends_on": MONDAY - timedelta(days=1)}, {"kind": "war"}):
        with pytest.raises(ValidationError):
            change_campaign(row, **wrong, **acting)
    with pytest.raises(PermissionDenied):
        add_campaign(**SAID, by=acme.rosa, at=clock.now())


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 20)), max_size=9).map(
        lambda rows: [
            Banded(number, "x", 1, MONDAY + timedelta(days=begins), MONDAY + timedelta(days=begins + lasts))
            for number, (begins, lasts) in enumerate(rows, 1)
        ]
    )
)  # fmt: skip
def test_bands_fill_each_week_and_lie_on_their_days(rows: list[Banded]) -> None:
    found = lanes(rows, MONDAY)
    assert len(found) <= LANES and all(sum(band.days for band in lane) == 7 for lane in found)
    placed = []
    for lane in found:
        day = MONDAY
        for band in lane:
            if band.campaign:
                placed.append(band.campaign.pk)
                assert day == max(band.campaign.begins_on, MONDAY)
                assert day + timedelta(days=band.days - 1) == min(band.campaign.ends_on, MONDAY + timedelta(days=6))
            day += timedelta(days=band.days)
    here = [row.pk for row in rows if row.begins_on <= MONDAY + timedelta(days=6) and row.ends_on >= MONDAY]
    assert len(placed) == len(set(placed)) and set(placed) <= set(here)
    assert len(placed) == len(here) or len(found) == LANES


def test_what_came_out_is_counted(acme: Cast, sign_in: Any, api: Any) -> None:
    row = add_campaign(**SAID, by=acme.carla, at=clock.now())
    piece = factories.piece(campaign=row)
    out, _draft = factories.variant(piece), factories.variant(piece)
    told = factories.publication(out, state="accepted", accepted_at=clock.now())
    factories.publication(out, state="missed")
    factories.publication(factories.variant(factories.piece(campaign=row)))
    factories.publication()
    found = outcome_of(row)
    assert (found.pieces, found.variants, found.published, found.planned, found.in_trouble, found.channels) == (
        2, 3, 1, 1, 1, 1
    )  # fmt: skip
    assert (found.likes, found.answers, found.people) == (None, None, None), "nobody has told it: that is not 0"
    PublicationResult.objects.create(publication=told, likes=7, answers=0, fetched_at=clock.now())
    link = link_of(
        "https://example.org/", "https://example.org/", publication=told, campaign=row, by=None, at=clock.now()
    )
    assert outcome_of(row).people == 0
    for is_bot in (False, False, True):
        count_click(organization_id=acme.organization.pk, link_id=link.pk, at=clock.now(), is_bot=is_bot, network="")
    found = outcome_of(row)
    assert (found.likes, found.reposts, found.answers, found.people) == (7, None, 0, 2)
    text = sign_in(acme.carla).get(f"/o/acme/content/campaigns/{row.pk}/").content.decode()
    assert "2 times by people" in text and "7 likes" in text and "reposts: not available" in text
    answer = api(acme.rosa).get(f"/api/v1/campaigns/{row.pk}/outcome/").json()
    assert (answer["likes"], answer["reposts"], answer["people"]) == (7, None, 2)


def test_the_pages(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)
    assert "No campaign and no event yet" in carla.get("/o/acme/content/campaigns/").content.decode()
    form = {"name": "<b>Fair</b>", "kind": "event", "begins_on": "2026-03-23", "ends_on": "2026-03-25", "colour": "2"}
    answer = carla.post("/o/acme/content/campaigns/add/", form)
    row = Campaign.objects.get()
    assert answer.headers["Location"].endswith(f"/content/campaigns/{row.pk}/")
    text = carla.get(answer.headers["Location"]).content.decode()
    assert "&lt;b&gt;Fair&lt;/b&gt;" in text and "No piece belongs to it yet" in text
    wrong = form | {"ends_on": "2026-03-22"}
    assert carla.post(f"/o/acme/content/campaigns/{row.pk}/change/", wrong).status_code == 422
    assert carla.post(f"/o/acme/content/campaigns/{row.pk}/close/").status_code == 302
    assert "Fair" in carla.get("/o/acme/content/campaigns/?state=closed").content.decode()
    assert "band--2" in carla.get("/o/acme/content/calendar/?from=2026-03-01").content.decode()


def test_many_campaigns_take_as_many_queries_as_one(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert carla.get("/o/acme/content/campaigns/").status_code == 200
        return len(caught)

    add_campaign(**SAID, by=acme.carla, at=clock.now())
    few = queries()
    for _number in range(19):
        factories.variant(factories.piece(campaign=add_campaign(**SAID, by=acme.carla, at=clock.now())))
    assert queries() == few


def test_over_the_api(acme: Cast, api: Any) -> None:
    coach = api(acme.carla)
    said = {"name": "Fair", "kind": "event", "begins_on": "2026-03-23", "ends_on": "2026-03-25"}
    key = coach.post("/api/v1/campaigns/", said).json()["id"]
    assert coach.put(f"/api/v1/campaigns/{key}/", said | {"name": "The fair"}).json()["name"] == "The fair"
    assert coach.put(f"/api/v1/campaigns/{key}/", said | {"ends_on": "2026-03-01"}).status_code == 400
    assert coach.post(f"/api/v1/campaigns/{key}/close/").json()["state"] == "closed"
    assert coach.post(f"/api/v1/campaigns/{key}/reopen/").json()["state"] == "open"
    assert api(acme.rosa).post("/api/v1/campaigns/", said).status_code == 403
