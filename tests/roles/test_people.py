"""Positions, absence, leaving: over the page, by the action, and as the apps above hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from roles import clock
from roles.actions.people import (
    change_position,
    come_back,
    deactivate_member,
    give_position,
    go_away,
    reactivate_member,
    take_position,
)
from roles.models import ApiToken, AuditEntry, Member, Position, Role
from roles.signals import availability_changed, member_left
from tests.cast import Cast, join


@pytest.fixture
def heard() -> Iterator[list[tuple[str, Member]]]:
    """What the apps above hear."""
    news: list[tuple[str, Member]] = []

    def changed(member: Member, **_rest: Any) -> None:
        news.append(("changed", member))

    def left(member: Member, **_rest: Any) -> None:
        news.append(("left", member))

    availability_changed.connect(changed)
    member_left.connect(left)
    yield news
    availability_changed.disconnect(changed)
    member_left.disconnect(left)


def test_giving_and_taking_over_the_page(acme: Cast, sign_in: Any, heard: list[Any]) -> None:
    client = sign_in(acme.olga)
    data = {
        "role": "responder",
        "department": acme.press.pk,
        "capacity": 5,
        "languages": "DE, en, de",
        "skills": " billing,repairs ",
    }
    address = f"/o/acme/team/{acme.gita.pk}/give-position/"
    assert client.post(address, data).status_code == 302
    position = acme.gita.positions.get(role=Role.RESPONDER)
    assert (position.languages, position.skills, position.capacity) == (["de", "en"], ["billing", "repairs"], 5)
    assert client.post(address, data).status_code == 422, "twice the same"
    page = client.post(f"/o/acme/positions/{position.pk}/take/", follow=True).content.decode()
    assert "Undo" in page
    assert not acme.gita.positions.filter(role=Role.RESPONDER).exists()
    undo = {**data, "languages": "de, en", "skills": "billing, repairs"}
    assert all(f'name="{name}" value="{value}"' in page for name, value in undo.items())
    assert [what for what, _who in heard] == ["changed", "changed"]
    assert AuditEntry.objects.get(verb="take_position").before["languages"] == ["de", "en"]


def test_changing_a_position(acme: Cast, sign_in: Any) -> None:
    position = acme.rosa.positions.get()
    address, prefix = f"/o/acme/positions/{position.pk}/change/", f"p{position.pk}"
    client = sign_in(acme.olga)
    assert client.post(address, {f"{prefix}-capacity": "-1"}).status_code == 422
    assert client.post(address, {f"{prefix}-capacity": "7", f"{prefix}-languages": "x" * 11}).status_code == 422
    assert client.post(address, {f"{prefix}-capacity": "7", f"{prefix}-languages": "fr"}).status_code == 302
    position.refresh_from_db()
    assert (position.capacity, position.languages) == (7, ["fr"])
    entry = AuditEntry.objects.get(verb="change_position")
    assert entry.before["capacity"] == 20 and entry.after["capacity"] == 7


@pytest.mark.parametrize("verb", ["give-position", "leave", "return"])
def test_only_owners_manage_members(acme: Cast, sign_in: Any, verb: str) -> None:
    address = f"/o/acme/team/{acme.rosa.pk}/{verb}/"
    assert sign_in(acme.olga).get(address).status_code == 405
    for who in (acme.carla, acme.rosa, acme.elif_):
        assert sign_in(who).post(address, {"role": "owner"}).status_code == 403
    assert sign_in(acme.sam).post(address).status_code == 404
    assert sign_in(acme.sam).post(address.replace("acme", "elsewhere")).status_code == 404
    assert not AuditEntry.objects.exists()


def test_the_last_owner_stays(acme: Cast, sign_in: Any) -> None:
    now = clock.now()
    position = acme.olga.positions.get()
    with pytest.raises(ValidationError):
        deactivate_member(acme.olga, by=acme.olga, at=now)
    with pytest.raises(ValidationError):
        take_position(position, by=acme.olga, at=now)
    page = sign_in(acme.olga).post(f"/o/acme/team/{acme.olga.pk}/leave/", follow=True).content.decode()
    assert "last owner" in page
    give_position(acme.carla, role=Role.OWNER, department=None, by=acme.olga, at=now)
    deactivate_member(acme.olga, by=acme.olga, at=now)
    acme.carla.refresh_from_db()
    with pytest.raises(ValidationError):
        deactivate_member(acme.carla, by=acme.carla, at=now)


def test_an_owner_who_left_counts_for_nothing(acme: Cast) -> None:
    now = clock.now()
    orla = join("Orla", Role.OWNER)
    deactivate_member(orla, by=acme.olga, at=now)
    with pytest.raises(ValidationError):
        deactivate_member(acme.olga, by=acme.olga, at=now)


def test_an_owner_is_owner_of_the_whole(acme: Cast) -> None:
    with pytest.raises(ValidationError):
        give_position(acme.rosa, role=Role.OWNER, department=acme.care, by=acme.olga, at=clock.now())


def test_who_leaves_is_out_at_once(acme: Cast, sign_in: Any, api: Any, heard: list[Any]) -> None:
    client, program = sign_in(acme.rosa), api(acme.rosa)
    assert client.get("/o/acme/team/").status_code == 200 and program.get("/api/v1/members/").status_code == 200
    assert sign_in(acme.olga).post(f"/o/acme/team/{acme.rosa.pk}/leave/").status_code == 302
    assert client.get("/o/acme/team/").status_code == 404
    assert program.get("/api/v1/members/").status_code == 401
    assert heard == [("left", acme.rosa)]
    reactivate_member(Member.objects.get(pk=acme.rosa.pk), by=acme.olga, at=clock.now())
    assert client.get("/o/acme/team/").status_code == 200
    assert program.get("/api/v1/members/").status_code == 401, "the token stays revoked"
    assert ApiToken.objects.get(member=acme.rosa).revoked_at


def test_being_away_until_a_morning(acme: Cast, sign_in: Any, heard: list[Any]) -> None:
    acme.organization.time_zone = "Europe/Berlin"
    acme.organization.save()
    client = sign_in(acme.rosa)
    address = f"/o/acme/team/{acme.rosa.pk}/away/"
    assert client.post(address, {"until": "2001-01-01"}).status_code == 302
    acme.rosa.refresh_from_db()
    assert not acme.rosa.is_away, "a day that has passed is refused"
    day = (clock.now() + timedelta(days=40)).date()
    client.post(address, {"until": day.isoformat()})
    acme.rosa.refresh_from_db()
    assert acme.rosa.is_away and acme.rosa.away_until and acme.rosa.away_until.minute == 0
    assert acme.rosa.away_until.hour in {22, 23}, "midnight in Berlin"
    assert not Member.objects.available(clock.now()).filter(pk=acme.rosa.pk).exists()
    assert Member.objects.available(acme.rosa.away_until).filter(pk=acme.rosa.pk).exists()
    client.post(f"/o/acme/team/{acme.rosa.pk}/here/")
    acme.rosa.refresh_from_db()
    assert not acme.rosa.is_away and acme.rosa.away_until is None
    assert [what for what, _ in heard] == ["changed", "changed"]


def test_the_switch_in_ones_menu(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    assert client.get("/o/acme/availability/").status_code == 405
    assert client.post("/o/acme/availability/", {"is_away": "on", "next": "/o/acme/team/"}).status_code == 302
    acme.rosa.refresh_from_db()
    assert acme.rosa.is_away
    answer = client.post("/o/acme/availability/", {"is_away": "", "next": "https://elsewhere.example.org/"})
    assert answer.headers["Location"].startswith("/o/acme/")
    acme.rosa.refresh_from_db()
    assert not acme.rosa.is_away


def test_others_are_sent_home_by_owner_or_coach_only(acme: Cast, sign_in: Any) -> None:
    address = f"/o/acme/team/{acme.rosa.pk}/away/"
    for who in (acme.rui, acme.gita, acme.elif_):
        assert sign_in(who).post(address).status_code == 403
    with pytest.raises(PermissionDenied):
        come_back(acme.rosa, by=acme.rui, at=clock.now())
    assert sign_in(acme.carla).post(address).status_code == 302
    assert AuditEntry.objects.get().by == acme.carla


def test_saying_the_same_again_says_nothing_new(acme: Cast, heard: list[Any]) -> None:
    now = clock.now()
    for _again in range(2):
        go_away(acme.rosa, by=acme.rosa, at=now)
    for _again in range(2):
        come_back(acme.rosa, by=acme.rosa, at=now)
    position = acme.rosa.positions.get()
    change_position(position, capacity=20, languages=[], skills=[], by=acme.olga, at=now)
    assert AuditEntry.objects.count() == 2 and len(heard) == 2


def test_nothing_is_told_of_what_was_rolled_back(acme: Cast, heard: list[Any]) -> None:
    def refuse(**_rest: Any) -> None:
        raise RuntimeError

    availability_changed.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            go_away(acme.rosa, by=acme.rosa, at=clock.now())
    finally:
        availability_changed.disconnect(refuse)
    acme.rosa.refresh_from_db()
    assert not acme.rosa.is_away and not AuditEntry.objects.exists()


def test_positions_of_a_coach_in_one_department_do_not_reach_another(acme: Cast) -> None:
    from roles.permissions import decide

    cora = join("Cora", Role.COACH, acme.care)
    assert decide(cora, "roles.manage_departments", acme.care)
    assert not decide(cora, "roles.manage_departments", acme.press)
    assert not decide(cora, "roles.manage_departments", acme.organization)
    assert Position.objects.filter(member=cora).count() == 1
