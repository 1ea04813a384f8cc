"""Role x capability x level x department, composed roles included: what is decided, worked out another way."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from roles import clock
from roles.actions.custom_roles import compose_role
from roles.actions.organization import move_department
from roles.housekeeping import membership
from roles.levels import OPENED_BY, opening
from roles.models import CustomRole, Department, EarlyOpening, Level, Member, PlannedPosition, Position, Role
from roles.permissions import CAPABILITIES, NEVER_AS_ANOTHER, decide
from tests.cast import Cast, join

COMPOSED = {
    "Night watch": {"listening.read", "listening.triage", "roles.read"},
    "Voice": {"engagement.read", "engagement.claim", "engagement.reply", "engagement.start", "roles.read"},
    "Planner": {"maturity.set_budget", "maturity.attest", "roles.invite", "roles.manage_departments", "roles.read"},
    "Everything": set(CAPABILITIES),
}
# In which department a position of each place counts: returns lies below care, press and lab beside it.
COUNTS = {
    "whole": {"care", "returns", "press", "lab"},
    "care": {"care", "returns"},
    "returns": {"returns"},
    "press": {"press"},
}
# The departments that do not follow the organization's level; and what was opened early, where.
OWN_LEVEL = {"press": Level.CREATING, "lab": Level.PASSIVE}
EARLY = {("engagement.join", "returns"), ("engagement.start", ""), ("engagement.reply", "lab")}
# What no position in one department reaches, whatever it is about; and what none reaches that is about the whole.
OF_THE_WHOLE = {
    "roles.manage_roles", "roles.manage_calendars", "engagement.set_policy", "measurement.publish_reports",
    "content.manage_review",
}  # fmt: skip
ABOUT_THE_WHOLE = OF_THE_WHOLE | {
    "roles.invite", "roles.manage_departments", "maturity.set_level", "maturity.attest", "maturity.open_early",
    "maturity.set_budget", "maturity.set_strategy", "maturity.plan_surges",
    "measurement.annotate", "measurement.compare_voices", "measurement.set_kpis", "measurement.state_assumptions",
}  # fmt: skip


class Held(NamedTuple):
    """A position of the table: a role, where it is held, and whether it counts."""

    role: str
    place: str
    counts: bool = True

    def carries(self, capability: str) -> bool:
        if self.role in COMPOSED:
            return capability in COMPOSED[self.role]
        return self.role in {str(one) for one in CAPABILITIES[capability]}


class Person(NamedTuple):
    """Somebody of the table: their positions, and what else decides."""

    held: tuple[Held, ...]
    has_left: bool = False
    is_acted: bool = False


ONE_EACH = [
    Person((Held(role, place),)) for role in (*map(str, Role), *COMPOSED) for place in ("whole", "care", "returns")
]
TABLE = [
    *ONE_EACH,
    Person(()),
    Person((Held("gatherer", "press"), Held("responder", "returns"))),
    Person((Held("Voice", "press"), Held("coach", "returns"))),
    Person((Held("coach", "whole", counts=False), Held("booth", "care"))),
    Person((Held("Everything", "whole"),), has_left=True),
    Person((Held("Everything", "whole"),), is_acted=True),
]


@pytest.fixture
def places(acme: Cast) -> dict[str, Department | None]:
    """The whole, customer care with returns below it, and two departments that have a level of their own."""
    returns = Department.objects.create(name="Returns", slug="returns")
    move_department(returns, parent=acme.care, by=None, at=clock.now())
    lab = Department.objects.create(name="Lab", slug="lab", level=OWN_LEVEL["lab"])
    Department.objects.filter(pk=acme.press.pk).update(level=OWN_LEVEL["press"])
    rows = Department.objects.in_bulk()
    keys = {"care": acme.care.pk, "returns": returns.pk, "press": acme.press.pk, "lab": lab.pk}
    return {"whole": None, **{name: rows[key] for name, key in keys.items()}}


@pytest.fixture
def people(acme: Cast, places: dict[str, Department | None]) -> list[Member]:
    """Everybody of the table, as a page reads them."""
    at = clock.now()
    composed = {
        name: compose_role(acme.organization, name=name, capabilities=wanted, by=None, at=at)
        for name, wanted in COMPOSED.items()
    }
    return [_made(f"Person{number}", person, places, composed) for number, person in enumerate(TABLE)]


def _made(name: str, person: Person, places: dict[str, Department | None], composed: dict[str, CustomRole]) -> Member:
    at, member = clock.now(), join(name, Role.BOOTH)
    member.positions.all().delete()
    for one in person.held:
        duty = {"role": "" if one.role in COMPOSED else one.role, "custom_role": composed.get(one.role)}
        ends_at = None if one.counts else at - timedelta(minutes=1)
        Position.objects.create(member=member, department=places[one.place], ends_at=ends_at, **duty)
    # What is only planned gives nothing.
    PlannedPosition.objects.create(member=member, role=Role.OWNER, begins_at=at + timedelta(days=1))
    if person.has_left:
        Member.objects.filter(pk=member.pk).update(is_active=False)
        return Member.objects.get(pk=member.pk)
    found = membership(member.user, "acme")
    assert found is not None
    return found


def _expected(person: Person, capability: str, where: str, level: Level) -> bool:
    """Whether the person may; `where` is a department, or empty for something that concerns the whole."""
    carrying = [one for one in person.held if one.counts and one.carries(capability)]
    if person.has_left or (person.is_acted and capability in NEVER_AS_ANOTHER):
        return False
    if capability in (OF_THE_WHOLE if where else ABOUT_THE_WHOLE):
        carrying = [one for one in carrying if one.place == "whole"]
        reach = set(COUNTS["whole"]) if carrying else set()
    else:
        reach = {place for one in carrying for place in COUNTS[one.place]}
    if where:
        return where in reach and _is_open(capability, where, level)
    return bool(carrying) and (_is_open(capability, "", level) or any(_by_itself(capability, one) for one in reach))


def _is_open(capability: str, where: str, level: Level) -> bool:
    here = OWN_LEVEL.get(where, level)
    follows = where not in OWN_LEVEL
    early = any((one, where) in EARLY or (follows and (one, "") in EARLY) for one in opening(capability))
    return early or _reaches(here, capability)


def _by_itself(capability: str, where: str) -> bool:
    """Whether a department opens it apart from the whole: what one may do somewhere, one may begin to do."""
    early = any((one, where) in EARLY for one in opening(capability))
    return early or (where in OWN_LEVEL and _reaches(OWN_LEVEL[where], capability))


def _reaches(level: Level, capability: str) -> bool:
    order = [str(one) for one in Level]
    return order.index(level) >= order.index(OPENED_BY.get(capability, Level.PASSIVE))


def test_the_whole_matrix(acme: Cast, places: dict[str, Department | None], people: list[Member]) -> None:
    at, wrong = clock.now(), []
    for capability, where in EARLY:
        EarlyOpening.objects.create(
            capability=capability, department=places[where] if where else None, reason="x", opened_at=at
        )
    for level in Level:
        acme.organization.level = level
        for person, member in zip(TABLE, people, strict=True):
            member.acted_by = acme.olga if person.is_acted else None
            for where, department in places.items():
                key = department.pk if department else None
                subject = SimpleNamespace(department=department, department_id=key, pk=member.pk, role="")
                asked = where if department else ""
                wrong += [
                    (person.held, capability, asked or "the whole", level, "yes" if expected else "no")
                    for capability in CAPABILITIES
                    if bool(decide(member, capability, subject))
                    is not (expected := _expected(person, capability, asked, level))
                ]
    assert wrong == []


def test_lists_of_who_may_agree_with_what_is_decided(
    places: dict[str, Department | None], people: list[Member]
) -> None:
    ours = {member.pk: person for person, member in zip(TABLE, people, strict=True)}
    for capability in CAPABILITIES:
        for where, department in [(name, places[name]) for name in ("whole", "returns", "press")]:
            asked = (department.pk,) if department else ()
            found = set(Member.objects.who_may(capability, *asked).values_list("pk", flat=True)) & ours.keys()
            expected = {
                key
                for key, person in ours.items()
                if not person.has_left
                and any(
                    one.counts and one.carries(capability) and (not department or where in COUNTS[one.place])
                    for one in person.held
                )
            }
            assert found == expected, (capability, where)
