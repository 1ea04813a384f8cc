"""Acting as somebody else: for a while, seen on every page, under both names, never upward, never in public."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from engagement.models import Assignment
from maturity.models import LastSign
from roles import acting, clock
from roles.actions.acting import act_as
from roles.actions.people import give_position
from roles.models import AuditEntry, Member, Position, Role
from roles.permissions import CAPABILITIES, NEVER_AS_ANOTHER
from tests import factories
from tests.cast import Cast


@pytest.fixture
def as_rosa(acme: Cast, sign_in: Any) -> Client:
    """Carla, who acts as Rosa."""
    client: Client = sign_in(acme.carla)
    assert client.post(f"/o/acme/team/{acme.rosa.pk}/act-as/").status_code == 302
    return client


def test_every_page_says_so_and_one_click_ends_it(acme: Cast, as_rosa: Client) -> None:
    for address in ("/o/acme/queue/", "/o/acme/team/", "/o/acme/account/"):
        page = as_rosa.get(address).content.decode()
        assert "Carla, you act as <strong>Rosa</strong>" in page and "/o/acme/acting/end/" in page
    assert as_rosa.get("/o/acme/audit/").status_code == 403, "Rosa may not"
    assert as_rosa.post("/o/acme/acting/end/").status_code == 302
    assert "you act as" not in as_rosa.get("/o/acme/queue/").content.decode()
    assert as_rosa.get("/o/acme/audit/").status_code == 200
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", "by_name", "subject_label"))
    assert verbs == [("act_as", "Carla", "Rosa"), ("end_acting", "Carla", "Rosa")]
    assert as_rosa.get(f"/o/acme/team/{acme.rosa.pk}/act-as/").status_code == 405


def test_what_is_done_stands_under_both_names(acme: Cast, as_rosa: Client) -> None:
    row = factories.assignment(department=acme.care, member=acme.rosa)
    assert as_rosa.post(f"/o/acme/queue/{row.pk}/claim/").status_code in {200, 302}
    assert Assignment.objects.get(pk=row.pk).state == "claimed"
    first = AuditEntry.objects.get(verb="claim")
    assert (first.by, first.by_name) == (acme.rosa, "Rosa (Carla)")
    second = AuditEntry.objects.get(verb="did_as")
    assert (second.by, second.subject_id) == (acme.carla, acme.rosa.pk)
    assert second.after == {"verb": "claim", "subjects": [["assignment", row.pk]]}


def test_nothing_is_said_in_public_or_decided_in_their_name(acme: Cast, as_rosa: Client) -> None:
    row = factories.assignment(department=acme.care, member=acme.rosa)
    answer = as_rosa.post(f"/o/acme/queue/{row.pk}/reply/", {"text": "Hello"})
    assert answer.status_code == 403
    # Nor written: who wrote in another's name could say yes to it in their own.
    piece = {"title": "Wheels", "kind": "post", "step": "engage"}
    assert as_rosa.post("/o/acme/content/pieces/begin/", piece).status_code == 403
    variant = factories.variant(factories.piece(author=acme.rosa))
    assert as_rosa.post(f"/o/acme/content/variants/{variant.pk}/plan/", {}).status_code == 403
    assert as_rosa.get("/o/acme/tokens/").status_code == 403
    assert as_rosa.post("/o/acme/account/name/", {"name": "X"}).status_code == 403
    assert CAPABILITIES.keys() >= NEVER_AS_ANOTHER


def test_nobody_has_told_to_themselves_what_is_written_to_another(acme: Cast, as_rosa: Client, sign_in: Any) -> None:
    """An address that is left behind would be told long after the name was given back."""
    assert sign_in(acme.rosa).get("/o/acme/notices/").status_code == 200
    assert as_rosa.get("/o/acme/notices/").status_code == 403
    as_carla = sign_in(acme.olga)
    assert as_carla.get("/o/acme/webhooks/").status_code == 200
    assert as_carla.post(f"/o/acme/team/{acme.carla.pk}/act-as/").status_code == 302
    assert as_carla.get("/o/acme/webhooks/").status_code == 403
    assert as_carla.get("/o/acme/notices/").status_code == 403


def test_what_is_theirs_alone_stays_so_and_time_is_counted_for_who_spends_it(acme: Cast, as_rosa: Client) -> None:
    assert as_rosa.get("/o/acme/time/").status_code == 403
    assert as_rosa.post("/o/acme/guidelines/acknowledge/", {"versions": "1"}).status_code == 403
    for _ in range(2):
        assert as_rosa.get("/o/acme/queue/", headers={"accept": "text/html"}).status_code == 200
    assert list(LastSign.objects.values_list("member", flat=True)) == [acme.carla.pk]


def test_nobody_acts_upward(acme: Cast, sign_in: Any) -> None:
    at = clock.now()
    for who, other in ((acme.carla, acme.olga), (acme.carla, acme.carla)):
        with pytest.raises(PermissionDenied):
            act_as(other, by=who, at=at)
    for who in (acme.rosa, acme.gita, acme.bodo, acme.elif_):
        assert sign_in(who).post(f"/o/acme/team/{acme.rui.pk}/act-as/").status_code == 403
    assert sign_in(acme.carla).post(f"/o/acme/team/{acme.olga.pk}/act-as/").status_code == 403
    Position.objects.filter(member=acme.carla).update(department=acme.press)
    coach = Member.objects.get(pk=acme.carla.pk)
    with pytest.raises(PermissionDenied, match="cannot give what you do not hold"):
        act_as(acme.rosa, by=coach, at=at)
    for other in (acme.rosa, acme.carla, acme.elif_):
        act_as(other, by=acme.olga, at=at)


def test_it_ends_by_itself(acme: Cast, as_rosa: Client, monkeypatch: Any) -> None:
    later = clock.now() + acting.LASTS + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "you act as" not in as_rosa.get("/o/acme/queue/").content.decode()
    assert "acting_as" not in as_rosa.session


def test_it_ends_with_the_right_to_it(acme: Cast, as_rosa: Client) -> None:
    give_position(acme.rosa, role=Role.OWNER, department=None, by=None, at=clock.now())
    assert "you act as" not in as_rosa.get("/o/acme/queue/").content.decode()


def test_nobody_acts_from_one_organization_in_another(acme: Cast, as_rosa: Client) -> None:
    assert as_rosa.get("/o/elsewhere/").status_code == 404
    assert as_rosa.post(f"/o/acme/team/{acme.gita.pk}/act-as/").status_code == 403, "not as a third"
