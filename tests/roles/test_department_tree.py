"""Departments within departments: a position above counts below, and there are no circles."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given as supposing
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from engagement.models import Assignment
from roles import clock
from roles.actions.organization import move_department
from roles.models import AuditEntry, Department, Member, Position
from roles.permissions import decide
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble


def below(acme: Cast, name: str, parent: Department | None) -> Department:
    row = Department.objects.create(name=name, slug=name.lower())
    move_department(row, parent=parent, by=None, at=clock.now())
    return Department.objects.get(pk=row.pk)


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def test_a_position_above_counts_below(acme: Cast) -> None:
    returns = below(acme, "Returns", acme.care)
    abroad = below(acme, "Abroad", returns)
    rosa = fresh(acme.rosa)
    assert rosa.reach == {acme.care.pk, returns.pk, abroad.pk}
    assert decide(rosa, "engagement.reply", abroad) and not decide(rosa, "engagement.reply", acme.press)
    theirs = factories.assignment(department=abroad)
    assert list(Assignment.objects.visible_to(rosa)) == [theirs]
    assert set(Member.objects.who_may("engagement.claim", abroad.pk)) == {acme.rosa, acme.rui, acme.carla}
    Position.objects.filter(member=acme.rosa).update(department=abroad)
    assert not decide(fresh(acme.rosa), "engagement.reply", acme.care), "it does not count upward"


def test_circles_are_refused(acme: Cast, sign_in: Any) -> None:
    returns = below(acme, "Returns", acme.care)
    for part, parent in ((acme.care, returns), (acme.care, acme.care)):
        with pytest.raises(ValidationError, match="part of itself"):
            move_department(part, parent=parent, by=acme.olga, at=clock.now())
    address = f"/o/acme/departments/{returns.pk}/move/"
    client = sign_in(acme.olga)
    assert client.post(address, {f"m{returns.pk}-parent": acme.press.pk}).status_code == 302
    returns.refresh_from_db()
    assert returns.parent == acme.press
    assert Department.objects.get(pk=acme.press.pk).below == [returns.pk]
    assert Department.objects.get(pk=acme.care.pk).below == []
    assert client.post(address, {f"m{returns.pk}-parent": ""}).status_code == 302
    assert client.post(address, {f"m{returns.pk}-parent": returns.pk}).status_code == 422
    assert AuditEntry.objects.filter(verb="move_department", by=acme.olga).count() == 2
    assert "part of" not in client.get("/o/acme/departments/").content.decode()


def test_who_leads_one_department_moves_none(acme: Cast) -> None:
    Position.objects.filter(member=acme.carla).update(department=acme.care)
    with pytest.raises(PermissionDenied, match="whole organization"):
        move_department(acme.care, parent=acme.press, by=fresh(acme.carla), at=clock.now())


class TestTheTree(TestCase):
    """Whatever is moved where: what lies below is what one finds by walking up, and nothing lies below itself."""

    @settings(max_examples=25)
    @supposing(st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5)), max_size=12))
    def test_below_is_kept(self, moves: list[tuple[int, int]]) -> None:
        cast = assemble()
        with acting_for(cast.organization):
            rows = [Department.objects.create(name=f"D{number}", slug=f"d{number}") for number in range(6)]
            for what, where in moves:
                with suppress(ValidationError):
                    move_department(rows[what], parent=rows[where] if where >= 0 else None, by=None, at=clock.now())
            now = {row.pk: row for row in Department.objects.all()}
            for key, row in now.items():
                above, seen = row.parent_id, []
                while above is not None:
                    assert above not in seen and above != key
                    seen.append(above)
                    above = now[above].parent_id
                assert {other for other, candidate in now.items() if key in candidate.below} == set(seen)
