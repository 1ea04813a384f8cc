"""The people of the tests: fixed names, fixed roles, one of them a stranger who must see nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.contrib.auth.hashers import make_password

from roles import clock
from roles.actions.tokens import make_token
from roles.models import Department, Level, Member, Organization, Position, Role, User
from roles.tenancy import acting_for
from tests.stamp import Drawing, Stamp

PASSWORD = "field-of-play-7"


@dataclass
class Cast:
    """Acme and its people: Olga owns, Carla coaches, Gita gathers, Rosa and Rui respond, Bodo sits in the booth,
    Elif is the executive. Sam works elsewhere and must see nothing."""

    organization: Organization
    care: Department
    press: Department
    olga: Member
    carla: Member
    gita: Member
    rosa: Member
    rui: Member
    bodo: Member
    elif_: Member
    elsewhere: Organization
    sam: Member
    tokens: dict[str, str] = field(default_factory=dict)

    def by_role(self) -> dict[Role, Member]:
        """One member for each role."""
        return {
            Role.OWNER: self.olga,
            Role.COACH: self.carla,
            Role.GATHERER: self.gita,
            Role.RESPONDER: self.rosa,
            Role.BOOTH: self.bodo,
            Role.EXECUTIVE: self.elif_,
        }

    def token(self, member: Member) -> str:
        """The API key of a member, made when first asked for."""
        if member.user.email not in self.tokens:
            with acting_for(member.organization):
                _, key = make_token(member, name="tests", scopes=[], by=member, at=clock.now())
            self.tokens[member.user.email] = key
        return self.tokens[member.user.email]


def join(name: str, role: Role, department: Department | None = None, **position: object) -> Member:
    """Make a user and member of the active organization, in one position."""
    [member] = join_all([(name, [role], department)], **position)
    return member


def join_all(people: Sequence[tuple[str, Sequence[Role], Department | None]], **position: object) -> list[Member]:
    """Make users and members of the active organization with their positions, in three statements."""
    users = User.objects.bulk_create(User(**_account(name)) for name, _roles, _department in people)
    members = Member.objects.bulk_create(Member(user=user) for user in users)
    Position.objects.bulk_create(
        Position(member=member, department=department, role=role, **position)
        for member, (_name, roles, department) in zip(members, people, strict=True)
        for role in roles
    )
    return members


def _account(name: str) -> dict[str, str]:
    # Hashing is slow on purpose; the cast shares one hash.
    return {"email": f"{name.lower()}@example.org", "name": name, "password": _hashed()}


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def assemble() -> Cast:
    """Make both organizations and everyone in them."""
    return _stamp(at=clock.now())


def _draw(drawing: Drawing, at: datetime) -> Cast:
    new = drawing.new

    def come(name: str, *roles: Role, department: Department | None = None) -> Member:
        member = new(Member, user=new(User, **_account(name)))
        for role in roles:
            new(Position, member=member, department=department, role=role)
        return member

    acme, elsewhere = (
        new(Organization, name=name, slug=name.lower(), level=Level.RESPONSIVE, set_up_ended_at=at)
        for name in ("Acme", "Elsewhere")
    )
    with acting_for(acme):
        care = new(Department, name="Customer care", slug="care")
        press = new(Department, name="Communications", slug="press")
    with acting_for(elsewhere):
        sam = come("Sam", Role.OWNER, Role.COACH, Role.RESPONDER, Role.GATHERER, Role.EXECUTIVE)
    with acting_for(acme):
        return Cast(
            organization=acme, care=care, press=press,
            olga=come("Olga", Role.OWNER), carla=come("Carla", Role.COACH), gita=come("Gita", Role.GATHERER),
            rosa=come("Rosa", Role.RESPONDER, department=care), rui=come("Rui", Role.RESPONDER, department=care),
            bodo=come("Bodo", Role.BOOTH), elif_=come("Elif", Role.EXECUTIVE), elsewhere=elsewhere, sam=sam,
        )  # fmt: skip


_stamp = Stamp(_draw)
