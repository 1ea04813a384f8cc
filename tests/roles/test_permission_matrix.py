"""Role x capability x level x department, composed roles included: what is decided, worked out another way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from roles import clock
from roles.actions.custom_roles import compose_role
from roles.actions.organization import move_department
from roles.models import Department, Level, Member, Organization, Position, Role
from roles.permissions import CAPABILITIES, OPENED_BY, decide
from tests.cast import Cast, join

COMPOSED = {
    "Night watch": {"listening.read", "listening.triage", "roles.read"},
    "Voice": {"engagement.read", "engagement.claim", "engagement.reply", "engagement.start", "roles.read"},
    "Everything": set(CAPABILITIES),
}


@pytest.fixture
def returns(acme: Cast) -> Department:
    """A department below customer care."""
    row = Department.objects.create(name="Returns", slug="returns")
    move_department(row, parent=acme.care, by=None, at=clock.now())
    return row


@pytest.fixture
def people(acme: Cast, returns: Department) -> dict[tuple[str, str], Member]:
    """Somebody for each role and each place: the whole, customer care, and what lies below it."""
    at = clock.now()
    composed = {
        name: compose_role(acme.organization, name=name, capabilities=wanted, by=None, at=at)
        for name, wanted in COMPOSED.items()
    }
    places = {"whole": None, "care": acme.care, "returns": returns}
    found = {}
    for where, department in places.items():
        for role in Role:
            member = join(f"{role}-{where}", role, department)
            found[role.value, where] = Member.objects.get(pk=member.pk)
        for name, role_row in composed.items():
            member = join(f"{name.split()[0]}-{where}", Role.BOOTH, department)
            Position.objects.filter(member=member).update(role="", custom_role=role_row)
            found[name, where] = Member.objects.get(pk=member.pk)
    return found


# In which department a position of each place counts.
COUNTS = {
    "whole": {"care", "returns", "press"},
    "care": {"care", "returns"},
    "returns": {"returns"},
}


def _carries(role: str, capability: str) -> bool:
    return capability in COMPOSED[role] if role in COMPOSED else role in {str(one) for one in CAPABILITIES[capability]}


@pytest.mark.parametrize("level", list(Level))
def test_the_whole_matrix(acme: Cast, returns: Department, people: Any, level: Level) -> None:
    Organization.objects.filter(pk=acme.organization.pk).update(level=level)
    acme.organization.level = level
    # One department is further than the rest.
    Department.objects.filter(pk=acme.press.pk).update(level=Level.CREATING)
    departments = {
        key: Department.objects.get(pk=row.pk)
        for key, row in {"care": acme.care, "returns": returns, "press": acme.press}.items()
    }
    wrong = []
    for (role, where), member in people.items():
        for capability in CAPABILITIES:
            for key, department in departments.items():
                subject = SimpleNamespace(department=department, department_id=department.pk, pk=member.pk, role="")
                here = Level.CREATING if key == "press" else level
                opened = list(Level).index(here) >= list(Level).index(OPENED_BY.get(capability, Level.PASSIVE))
                expected = _carries(role, capability) and key in COUNTS[where] and opened
                if _needs_the_whole(capability):
                    expected = expected and where == "whole"
                if bool(decide(member, capability, subject)) is not expected:
                    wrong.append((role, where, capability, key, expected))
    assert sorted({(row[2], row[4]) for row in wrong}) == []


def _needs_the_whole(capability: str) -> bool:
    """What no position in one department reaches, whatever it is about."""
    return capability in {"roles.manage_roles", "roles.manage_calendars", "engagement.set_policy"}
