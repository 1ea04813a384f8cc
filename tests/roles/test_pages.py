"""The team's pages open for those who may, and say what they should."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from roles import clock
from roles.actions.invitations import invite
from roles.actions.organization import change_organization
from roles.actions.people import deactivate_member, go_away
from roles.models import AuditEntry, Position, Role
from roles.tenancy import acting_for
from tests.cast import Cast

PAGES = ["team/", "team/who-may-do-what/", "team/invitations/", "departments/", "audit/", "tokens/", "account/"]


@pytest.mark.parametrize("address", [*PAGES, "playbook/"])
def test_the_owner_sees_it(acme: Cast, sign_in: Any, address: str) -> None:
    now = clock.now()
    go_away(acme.rosa, by=acme.rosa, at=now)
    deactivate_member(acme.rui, by=acme.olga, at=now)
    invite(acme.care, email="new@example.org", role=Role.RESPONDER, by=acme.olga, at=now)
    answer = sign_in(acme.olga).get(f"/o/acme/{address}")
    assert answer.status_code == 200
    assert b"<h1>" in answer.content


def test_the_team_stands_by_department(acme: Cast, sign_in: Any) -> None:
    deactivate_member(acme.rui, by=acme.olga, at=clock.now())
    text = sign_in(acme.elif_).get("/o/acme/team/").content.decode()
    care, gone = text.split("Customer care")[1], text.split("has left")[1]
    assert "Rosa" in care
    assert "Rui" in gone and "Rui" not in care.split("has left")[0]


def test_the_number_of_queries_does_not_grow_with_the_team(
    acme: Cast, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(acme.olga)
    from tests.cast import join

    for number in range(20):
        join(f"Player{number}", Role.RESPONDER, acme.care)
    for address in ("team/", "departments/", "audit/"):
        with django_assert_max_num_queries(20):
            client.get(f"/o/acme/{address}")


def test_a_person_has_a_page(acme: Cast, sign_in: Any) -> None:
    text = sign_in(acme.olga).get(f"/o/acme/team/{acme.rosa.pk}/").content.decode()
    assert "Frontline responder, Customer care" in text
    assert "Let Rosa leave" in text
    assert "Let Rosa leave" not in sign_in(acme.carla).get(f"/o/acme/team/{acme.rosa.pk}/").content.decode()


def test_the_table_is_the_one_that_decides(acme: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from roles import permissions

    client = sign_in(acme.gita)
    before = client.get("/o/acme/team/who-may-do-what/").content.decode()
    monkeypatch.setitem(permissions.CAPABILITIES, "engagement.reply", frozenset())
    after = client.get("/o/acme/team/who-may-do-what/").content.decode()
    assert before.count(">yes<") == after.count(">yes<") + 2


def test_without_a_position_there_is_nothing_to_see(acme: Cast, sign_in: Any) -> None:
    Position.objects.filter(member=acme.rosa).delete()
    assert sign_in(acme.rosa).get("/o/acme/team/").status_code == 403


def test_home_leads_to_the_one_organization_or_offers_a_choice(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.rosa)
    assert client.get("/").headers["Location"] == "/o/acme/"
    from roles.models import Member

    with acting_for(cast.elsewhere):
        Member.objects.create(user=cast.rosa.user)
    text = client.get("/").content.decode()
    assert "/o/acme/" in text and "/o/elsewhere/" in text


def test_the_audit_log_reads_as_sentences_and_filters(acme: Cast, sign_in: Any) -> None:
    now = clock.now()
    go_away(acme.rosa, by=acme.carla, at=now)
    go_away(acme.rui, by=acme.rui, at=now)
    client = sign_in(acme.olga)
    assert "Carla marked Rosa as away" in client.get("/o/acme/audit/").content.decode()
    only = client.get(f"/o/acme/audit/?by={acme.rui.pk}").content.decode()
    assert "Rui marked Rui as away" in only and "Carla marked" not in only
    none = client.get(f"/o/acme/audit/?by={acme.gita.pk}").content.decode()
    assert "Nothing in the log matches" in none
    odd = client.get("/o/acme/audit/?by=x&verb=nothing&before=-1")
    assert odd.status_code == 200


def test_the_audit_log_pages_by_key(acme: Cast, sign_in: Any) -> None:
    now = clock.now()
    AuditEntry.objects.bulk_create(
        AuditEntry(at=now, by_name="Touchline", verb="poll", subject_kind="source", subject_label=f"S{n}.")
        for n in range(120)
    )
    client = sign_in(acme.olga)
    seen: list[str] = []
    address = "/o/acme/audit/?verb=poll"
    for _page in range(3):
        text = client.get(address).content.decode()
        seen += [f"S{n}." for n in range(120) if f"– S{n}." in text]
        if 'rel="next"' not in text:
            break
        query = text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        assert "verb=poll" in query
        address = f"/o/acme/audit/{query}"
    assert sorted(seen) == sorted(f"S{n}." for n in range(120))


def test_the_export_is_whole_safe_and_itself_in_the_log(acme: Cast, sign_in: Any) -> None:
    now = clock.now()
    AuditEntry.objects.create(
        at=now, by=acme.rosa, by_name="=1+1", verb="note", subject_kind="member", subject_label="@SUM(A1)"
    )
    client = sign_in(acme.olga)
    assert client.get("/o/acme/audit/export/").status_code == 405
    answer = client.post("/o/acme/audit/export/", {"by": acme.rosa.pk})
    text = b"".join(answer.streaming_content).decode()
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "'=1+1" in text and "'@SUM(A1)" in text and "export_audit" not in text
    entry = AuditEntry.objects.get(verb="export_audit")
    assert entry.by == acme.olga and entry.after == {"filters": {"by": str(acme.rosa.pk)}}
    assert sign_in(acme.rosa).post("/o/acme/audit/export/").status_code == 403


def test_settings_are_checked_and_kept(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.olga)
    data = {"organization-name": "Acme & Co", "organization-time_zone": "Nowhere/Town"}
    assert client.post("/o/acme/organization/change/", data).status_code == 422
    data |= {"organization-time_zone": "Europe/Berlin", "organization-response_minutes": "90"}
    assert client.post("/o/acme/organization/change/", data).status_code == 302
    acme.organization.refresh_from_db()
    assert (acme.organization.time_zone, acme.organization.response_minutes) == ("Europe/Berlin", 90)
    entry = AuditEntry.objects.get(verb="change_organization")
    assert entry.before == {"name": "Acme", "time_zone": "UTC", "response_minutes": 240}
    assert sign_in(acme.carla).post("/o/acme/organization/change/", data).status_code == 403
    with pytest.raises(ValidationError):
        change_organization(
            acme.organization, name="Acme", time_zone="Nowhere/Town", response_minutes=90, by=acme.olga, at=clock.now()
        )


def test_departments_are_added_and_renamed(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    assert client.post("/o/acme/departments/add/", {"name": "customer CARE"}).status_code == 422
    assert client.post("/o/acme/departments/add/", {"name": "Legal"}).status_code == 302
    from roles.models import Department

    legal = Department.objects.get(name="Legal")
    address = f"/o/acme/departments/{legal.pk}/rename/"
    assert client.post(address, {f"d{legal.pk}-name": "Communications"}).status_code == 422
    assert client.post(address, {f"d{legal.pk}-name": "Law"}).status_code == 302
    legal.refresh_from_db()
    assert legal.name == "Law"
    assert {"add_department", "rename_department"} <= set(AuditEntry.objects.values_list("verb", flat=True))
    assert sign_in(acme.rosa).post("/o/acme/departments/add/", {"name": "X"}).status_code == 403


def test_ones_own_name(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    assert client.post("/o/acme/account/name/", {"name": ""}).status_code == 422
    assert client.post("/o/acme/account/name/", {"name": "Rosa Luz"}).status_code == 302
    acme.rosa.user.refresh_from_db()
    assert acme.rosa.user.name == "Rosa Luz"


def test_one_place_of_the_navigation_is_current(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.olga)
    for address, label in (("team/", "Team"), ("team/who-may-do-what/", "Who may do what")):
        nav = client.get(f"/o/acme/{address}").context["nav"]
        assert [link.label for shown in nav for link in shown.links if link.current] == [label]
        assert [str(shown.room.title) for shown in nav if shown.is_here] == ["People and time"]


def test_moments_stand_in_the_organizations_time_zone(acme: Cast, sign_in: Any) -> None:
    acme.organization.time_zone = "Asia/Kathmandu"
    acme.organization.save()
    at = datetime(2026, 3, 4, 20, 30, tzinfo=UTC)
    go_away(acme.rosa, by=acme.rosa, at=at)
    text = sign_in(acme.olga).get("/o/acme/audit/").content.decode()
    assert "2026-03-05T02:15:00+05:45" in text


def test_a_write_by_script_that_leads_elsewhere_loads_the_whole_page(acme: Cast, sign_in: Any) -> None:
    answer = sign_in(acme.rosa).post("/o/acme/account/name/", {"name": "Rosa R."}, headers={"HX-Request": "true"})
    # A page that htmx itself asked for would be its part alone, in the place of everything.
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/o/acme/account/")
