"""Positions from one day until another: they begin and end by themselves, once, and count not a moment longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from roles import clock
from roles.actions import terms
from roles.actions.people import change_position, deactivate_member, give_position
from roles.actions.terms import keep_terms, plan_position
from roles.housekeeping import membership, organizations_with_terms
from roles.models import AuditEntry, Member, PlannedPosition, Position, Role
from roles.tasks import keep_terms as task
from tests.cast import Cast, join

SOON = timedelta(days=3)


def test_it_begins_and_ends_when_its_moment_has_come(acme: Cast) -> None:
    at = clock.now()
    plan_position(
        acme.gita, role=Role.RESPONDER, department=acme.care, begins_at=at + SOON, ends_at=at + 2 * SOON, by=acme.olga,
        at=at,
    )  # fmt: skip
    assert keep_terms(at=at) == 0 and not acme.gita.positions.filter(role=Role.RESPONDER).exists()
    assert organizations_with_terms(at=at + SOON) == [acme.organization]
    assert keep_terms(at=at + SOON) == 1
    assert acme.gita.positions.get(role=Role.RESPONDER).ends_at == at + 2 * SOON
    assert not PlannedPosition.objects.exists() and keep_terms(at=at + SOON) == 0
    assert keep_terms(at=at + 2 * SOON) == 1
    assert not acme.gita.positions.filter(role=Role.RESPONDER).exists()
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", "by_name"))
    assert verbs == [("plan_position", "Olga"), ("give_position", "Touchline"), ("take_position", "Touchline")]


def test_it_counts_not_a_moment_longer_whoever_has_looked(acme: Cast) -> None:
    at = clock.now()
    Position.objects.filter(member=acme.rosa).update(ends_at=at - timedelta(seconds=1))
    rosa = membership(acme.rosa.user, "acme")
    assert rosa is not None and rosa.held_positions == [] and not rosa.holds("engagement.reply")
    assert Member.objects.get(pk=acme.rosa.pk).roles == frozenset()
    assert acme.rosa not in Member.objects.who_may("engagement.claim")
    assert acme.rosa not in Member.objects.with_role(Role.RESPONDER)


def test_what_cannot_begin_is_dropped_with_the_reason(acme: Cast) -> None:
    at = clock.now()
    for member in (acme.rosa, acme.rui):
        plan_position(member, role=Role.RESPONDER, department=acme.care, begins_at=at + SOON, by=acme.olga, at=at)
    deactivate_member(acme.rui, by=acme.olga, at=at)
    assert keep_terms(at=at + SOON) == 2 and not PlannedPosition.objects.exists()
    whys = [entry.after["why"][0] for entry in AuditEntry.objects.filter(verb="drop_plan").order_by("pk")]
    assert "holds this position already" in whys[0] and "has left" in whys[1]


def test_an_owner_for_a_while_keeps_no_organization(acme: Cast) -> None:
    at = clock.now()
    give_position(acme.carla, role=Role.OWNER, department=None, ends_at=at + SOON, by=acme.olga, at=at)
    with pytest.raises(ValidationError, match="last owner"):
        deactivate_member(acme.olga, by=None, at=at)


def test_over_the_page(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.olga)
    today = clock.now().date()
    data = {"role": "executive", "department": "", "capacity": 20, "languages": "", "skills": ""}
    address = f"/o/acme/team/{acme.gita.pk}/give-position/"
    later = {"begins_on": today + timedelta(days=2), "ends_on": today + timedelta(days=1)}
    assert client.post(address, data | later).status_code == 422
    later["ends_on"] = today + timedelta(days=4)
    page = client.post(address, data | later, follow=True).content.decode()
    assert "Planned" in page and "Executive" in page
    planned = PlannedPosition.objects.get()
    assert planned.ends_at is not None and (planned.ends_at - planned.begins_at).days == 3, "the last day counts"
    assert client.post(f"/o/acme/planned-positions/{planned.pk}/drop/").status_code == 302
    assert not PlannedPosition.objects.exists()
    assert client.post(address, data | {"ends_on": today - timedelta(days=2)}).status_code == 422
    assert client.post(address, data | {"ends_on": today}).status_code == 302
    assert acme.gita.positions.get(role=Role.EXECUTIVE).ends_at > clock.now()


def test_the_task_looks_for_all_organizations(acme: Cast) -> None:
    at = clock.now()
    Position.objects.filter(member=join("Tom", Role.BOOTH)).update(ends_at=at - timedelta(seconds=1))
    assert task() == 1 and task() == 0


def test_the_end_of_a_position_can_be_another(acme: Cast, sign_in: Any) -> None:
    at, position = clock.now(), acme.rosa.positions.get()
    address, prefix = f"/o/acme/positions/{position.pk}/change/", f"p{position.pk}"
    day = (at + timedelta(days=5)).date()
    client = sign_in(acme.olga)
    said = {f"{prefix}-capacity": 20, f"{prefix}-ends_on": day.isoformat()}
    assert client.post(address, said | {f"{prefix}-ends_on": "2001-01-01"}).status_code == 422
    assert client.post(address, said).status_code == 302
    position.refresh_from_db()
    assert position.ends_at and position.ends_at.date() == day + timedelta(days=1)
    assert f'value="{day.isoformat()}"' in client.get(f"/o/acme/team/{acme.rosa.pk}/").content.decode()
    exactly = at + timedelta(hours=50)
    Position.objects.filter(pk=position.pk).update(ends_at=exactly)
    last = (exactly - timedelta(microseconds=1)).date()
    assert client.post(address, said | {f"{prefix}-ends_on": last.isoformat()}).status_code == 302
    position.refresh_from_db()
    assert position.ends_at == exactly, "nobody chose another day"
    client.post(address, {f"{prefix}-capacity": 20})
    position.refresh_from_db()
    assert position.ends_at is None
    mine = acme.olga.positions.get()
    with pytest.raises(ValidationError, match="last owner"):
        change_position(mine, capacity=1, languages=[], skills=[], ends_at=at + SOON, by=acme.olga, at=at)


def test_what_stops_in_the_middle_is_found_again(acme: Cast, monkeypatch: Any) -> None:
    at = clock.now()
    for member in (acme.gita, acme.bodo):
        plan_position(member, role=Role.RESPONDER, department=acme.care, begins_at=at + SOON, by=acme.olga, at=at)
    really, done = terms.give_position, []

    def stops(member: Member, **said: Any) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(really(member, **said))

    monkeypatch.setattr(terms, "give_position", stops)
    with pytest.raises(KeyboardInterrupt):
        keep_terms(at=at + SOON)
    assert PlannedPosition.objects.count() == 2 and not Position.objects.filter(pk=done[0].pk).exists()
    monkeypatch.undo()
    assert [keep_terms(at=at + SOON), keep_terms(at=at + SOON)] == [2, 0]
