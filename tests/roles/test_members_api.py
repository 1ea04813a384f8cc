"""Members over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from roles import clock
from tests.cast import Cast, join


def test_the_list_and_one_of_it(acme: Cast, api: Any, django_assert_max_num_queries: Any) -> None:
    program = api(acme.elif_)
    rows = program.get("/api/v1/members/").json()["results"]
    assert {row["name"] for row in rows} == {"Olga", "Carla", "Gita", "Rosa", "Rui", "Bodo", "Elif"}
    rosa = program.get(f"/api/v1/members/{acme.rosa.pk}/").json()
    assert rosa["email"] == "rosa@example.org" and rosa["is_available"] is True
    position = rosa["positions"][0]
    assert (position["role"], position["department"]["name"], position["capacity"]) == (
        "responder",
        "Customer care",
        20,
    )
    for number in range(20):
        join(f"Player{number}", "responder", acme.care)
    with django_assert_max_num_queries(8):
        assert len(program.get("/api/v1/members/").json()["results"]) == 27


def test_away_and_here(acme: Cast, api: Any) -> None:
    program = api(acme.rosa)
    address = f"/api/v1/members/{acme.rosa.pk}"
    until = (clock.now() + timedelta(days=2)).isoformat()
    answer = program.post(f"{address}/away/", {"until": until})
    assert answer.status_code == 200 and answer.json()["is_available"] is False
    acme.rosa.refresh_from_db()
    assert acme.rosa.is_away and acme.rosa.away_until
    past = program.post(f"{address}/away/", {"until": "2001-01-01T00:00:00Z"})
    assert past.status_code == 400 and past.json()["errors"]["until"]
    assert program.post(f"{address}/here/").json()["is_away"] is False
    assert program.post(f"{address}/away/").status_code == 200, "until further notice needs no body"
    assert program.get(f"{address}/away/").status_code == 405


def test_for_others_only_by_owner_or_coach(acme: Cast, api: Any) -> None:
    address = f"/api/v1/members/{acme.rosa.pk}/away/"
    refused = api(acme.rui).post(address)
    assert refused.status_code == 403 and "somebody else" in refused.json()["detail"]
    assert api(acme.sam).post(address).status_code == 404
    assert api(acme.carla).post(address).status_code == 200


def test_members_come_by_invitation_not_by_the_api(acme: Cast, api: Any) -> None:
    assert api(acme.olga).post("/api/v1/members/", {"name": "X"}).status_code in {403, 405}
