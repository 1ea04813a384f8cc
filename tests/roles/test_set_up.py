"""The first steps of a new organization: ticked from what is there, for one person or for many."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from listening.actions import queries
from maturity.actions.levels import set_level
from roles import clock
from roles.actions.organization import add_department, found_organization
from roles.models import AuditEntry, Department, Level, Member, Organization, Position, Role
from roles.setting_up import open_steps
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast


@pytest.fixture
def first(db: None) -> Member:
    """The owner of an organization that was founded a moment ago."""
    return found_organization("New Works", email="nina@example.org", owner_name="Nina", at=clock.now())


def signed_in(member: Member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def left(member: Member) -> int:
    """How many steps are open, as somebody finds it who looks anew."""
    return open_steps(Member.objects.get(pk=member.pk))


def test_the_first_owner_is_led_from_step_to_step(first: Member) -> None:
    client = signed_in(first)
    assert client.get("/o/new-works/").headers["Location"].endswith("/o/new-works/set-up/")
    page = client.get("/o/new-works/set-up/").content.decode()
    assert "0 of 11 are done" in page
    assert page.count("next</span>") == 1
    assert "Somebody else does this" in page, "an owner alone does not listen"
    client.post("/o/new-works/set-up/hold-every-role/")
    with acting_for(first.organization):
        me = Member.objects.get(pk=first.pk)
        assert me.roles == set(Role) and left(me) == 10
        at = clock.now()
        department = add_department(first.organization, name="Care", by=me, at=at)
        queries.add_query(name="Us", expression="works", by=me, at=at)
        factories.source()
        factories.mention(at=at)
        set_level(first.organization, level=Level.RESPONSIVE, reason="We answer", by=me, at=at)
        assert department and left(me) == 5
    page = client.get("/o/new-works/set-up/").content.decode()
    assert "6 of 11 are done" in page and "Somebody else does this" not in page


def test_it_is_ticked_by_what_is_there_and_not_by_clicks(first: Member) -> None:
    with acting_for(first.organization):
        before = left(first)
        row = Department.objects.create(name="Care", slug="care")
        assert left(first) == before - 1
        row.delete()
        assert left(first) == before
        Organization.objects.filter(pk=first.organization.pk).update(time_zone="Europe/Paris")
        assert left(first) == before - 1


def test_it_can_be_put_away_and_taken_out(first: Member) -> None:
    client = signed_in(first)
    assert client.post("/o/new-works/set-up/put-away/").status_code == 302
    assert "/set-up/" not in client.get("/o/new-works/").headers["Location"]
    page = client.get("/o/new-works/set-up/").content.decode()
    assert "put away" in page
    assert client.post("/o/new-works/set-up/take-out/").status_code == 302
    assert client.get("/o/new-works/").headers["Location"].endswith("/set-up/")
    with acting_for(first.organization):
        verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"put_set_up_away", "take_set_up_out"} <= verbs


def test_all_steps_are_asked_in_one_statement(first: Member) -> None:
    with acting_for(first.organization), CaptureQueriesContext(connection) as asked:
        left(first)
    assert len(asked) == 2, "who looks, and what is done"


def test_a_page_asks_once_for_all_that_shows_them(first: Member) -> None:
    client = signed_in(first)
    with CaptureQueriesContext(connection) as asked:
        client.get("/o/new-works/set-up/")
    assert sum("query_0" in one["sql"] for one in asked) == 1


def test_every_step_leads_to_a_page_for_who_holds_every_role(first: Member) -> None:
    client = signed_in(first)
    client.post("/o/new-works/set-up/hold-every-role/")
    page = client.get("/o/new-works/set-up/")
    for shown in page.context["steps"]:
        assert (shown.may or shown.may.url) and client.get(shown.url).status_code == 200, shown.step.name


def test_others_are_not_bothered(acme: Cast, sign_in: Any) -> None:
    Organization.objects.update(set_up_ended_at=None)
    for who in (acme.rosa, acme.gita, acme.elif_):
        assert "/set-up/" not in sign_in(who).get("/o/acme/").headers["Location"]
        assert sign_in(who).get("/o/acme/set-up/").status_code == 403
    assert sign_in(acme.carla).post("/o/acme/set-up/hold-every-role/").status_code == 403
    assert Position.objects.filter(member=acme.carla).count() == 1
