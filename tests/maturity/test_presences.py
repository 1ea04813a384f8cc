"""The inventory: kept by people, beside what listening has measured, with what one place more would cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from listening.models import VenueMap
from maturity.actions.budget import set_budget
from maturity.actions.presences import (
    change_presence,
    drop_presence,
    look_over_presences,
    note_presence,
    take_up_presence,
)
from maturity.inventory import Cost, cost, newest_map, spots
from maturity.models import Presence
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast

HERE = "/o/acme/presences/"


def noted(acme: Cast, name: str = "Our account", **fields: Any) -> Presence:
    return note_presence(
        acme.organization, **{"kind": "owned", "name": name, "by": acme.carla, "at": clock.now(), **fields}
    )


def drawn(*venues: tuple[Any, str, int, bool]) -> VenueMap:
    rows = [
        {"key": key, "network": network, "mentions": count, "before": 0, "authors": 1, "sentiment": [0, 0, 0],
         "topics": [], "leaders": [], "ours": 0, "present": present}
        for key, network, count, present in venues
    ]  # fmt: skip
    at = clock.now()
    return VenueMap.objects.create(
        since=at, until=at, drawn_at=at, content={"venues": rows, "mentions": 9, "authors": 3}
    )


def test_it_is_noted_changed_dropped_and_taken_up_again(acme: Cast) -> None:
    row, doing = noted(acme, kind="needed"), {"by": acme.gita, "at": clock.now()}
    change_presence(row, kind="owned", **doing)
    drop_presence(row, **doing)
    assert not Presence.objects.standing().exists()
    take_up_presence(row, **doing)
    assert Presence.objects.standing().get().kind == "owned"
    assert look_over_presences(acme.organization, **doing) == 1
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["note_presence", "change_presence", "drop_presence", "take_up_presence", "look_over_presences"]


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"kind": "dreamt"}, {"kind": "employee"}, {"address": "javascript:alert(1)"}, {"note": "x" * 301}],
)
def test_what_makes_no_sense_is_refused(acme: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        noted(acme, **wrong)


def test_places_of_the_map_know_what_lies_in_them(acme: Cast) -> None:
    forum = factories.source(name="The forum")
    drawn((forum.pk, "feed", 9, False), ("mastodon", "mastodon", 5, True), ("bluesky", "bluesky", 2, False))
    mine = [noted(acme, source=forum), noted(acme, kind="needed", network="bluesky")]
    mine.append(noted(acme, kind="employee", network="bluesky", member=acme.rosa))
    found = spots(newest_map(), mine)
    assert [(spot.venue.name, spot.are_we_there, bool(spot.needed)) for spot in found] == [
        ("The forum", True, False), ("Mastodon", True, False), ("Bluesky", False, True),
    ]  # fmt: skip
    assert len(found[2].presences) == 2


def test_the_cost_of_one_more_comes_from_the_budget(acme: Cast) -> None:
    set_budget(
        acme.organization, line="engagement", hours={"monitoring": Decimal(8), "responding": Decimal(4)},
        by=acme.carla, at=clock.now(),
    )  # fmt: skip
    set_budget(acme.organization, line="content", hours={"creating": Decimal(9)}, by=acme.carla, at=clock.now())
    rows = [noted(acme, str(number)) for number in range(3)] + [noted(acme, kind="needed")]
    found = cost(rows)
    assert (found.hours, found.owned, found.needed, found.each, found.with_one_more) == (12, 3, 1, 4, 3)


def test_advice_is_to_begin_with_few() -> None:
    assert "Plan them first" in Cost(0, 2, 0).advice()[0]
    assert "Begin with one place" in Cost(10, 0, 3).advice()[0]
    assert len(Cost(30, 2, 0).advice()) == 1
    assert "Give one up" in Cost(10, 5, 0).advice()[1]
    assert "no room" in Cost(6, 2, 1).advice()[1]
    assert "12 hours a week. Begin with one." in Cost(8, 2, 3).advice()[-1]


def test_from_an_empty_page_to_a_needed_place(acme: Cast, sign_in: Any) -> None:
    carla, rosa = sign_in(acme.carla), sign_in(acme.rosa)
    assert "No place is noted yet" in carla.get(HERE).content.decode()
    drawn(("bluesky", "bluesky", 2, False))
    page = carla.get(HERE).content.decode()
    assert "kind=needed&amp;place=network%3Abluesky" in page and "note/" not in rosa.get(HERE).content.decode()
    form = carla.get(f"{HERE}note/?kind=needed&place=network:bluesky&name=Bluesky").content.decode()
    assert 'value="Bluesky"' in form and 'value="network:bluesky" selected' in form
    said = {"kind": "needed", "name": "<b>Sky</b>", "place": "network:bluesky", "address": "", "note": ""}
    assert carla.post(f"{HERE}note/", {**said, "address": "ftp://x"}).status_code == 422
    assert carla.post(f"{HERE}note/", said).status_code == 302
    assert "&lt;b&gt;Sky" in rosa.get(HERE).content.decode()
    row = Presence.objects.get()
    assert row.network == "bluesky"
    assert carla.get(f"{HERE}{row.pk}/change/").status_code == 200
    assert carla.post(f"{HERE}{row.pk}/change/", {**said, "kind": "owned"}).status_code == 302
    for verb in ("drop", "take-up"):
        assert carla.post(f"{HERE}{row.pk}/{verb}/").status_code == 302
    assert carla.post(f"{HERE}look-over/").status_code == 302
    assert rosa.post(f"{HERE}look-over/").status_code == 403


def test_the_page_costs_the_same_for_one_and_for_twenty(acme: Cast, sign_in: Any) -> None:
    client, counts = sign_in(acme.carla), []
    drawn(("bluesky", "bluesky", 2, False), (factories.source().pk, "feed", 2, False))
    for number in (1, 19):
        for one in range(number):
            noted(acme, f"{number} {one}", member=acme.rosa, department=acme.care, source=factories.source())
        client.get(HERE)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(HERE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_programs_do_the_same(acme: Cast, api: Any) -> None:
    gita = api(acme.gita)
    made = gita.post("/api/v1/presences/", {"kind": "owned", "name": "Our account", "network": "mastodon"})
    assert made.status_code == 201
    where = f"/api/v1/presences/{made.json()['id']}/"
    assert gita.put(where, {"kind": "needed", "name": "Another"}).json()["kind"] == "needed"
    assert gita.post(f"{where}drop/").json()["dropped_at"]
    assert gita.post(f"{where}take-up/").json()["dropped_at"] is None
    assert gita.post("/api/v1/presences/look-over/").status_code == 204
    assert len(gita.get("/api/v1/presences/").json()["results"]) == 1
    assert api(acme.bodo).post("/api/v1/presences/", {"kind": "owned", "name": "Mine"}).status_code == 403
