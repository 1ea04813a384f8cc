"""The people of the tests: fixed names, fixed roles, one of them a stranger who must see nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from django.contrib.auth.hashers import make_password

from roles import clock
from roles.actions.tokens import make_token
from roles.models import Department, Level, Member, Organization, Position, Role, User
from roles.tenancy import acting_for

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
    user = User(email=f"{name.lower()}@example.org", name=name)
    # Hashing is slow on purpose; the cast shares one hash.
    user.password = _hashed()
    user.save()
    member = Member.objects.create(user=user)
    Position.objects.create(member=member, department=department, role=role, **position)
    return member


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def assemble() -> Cast:
    """Make both organizations and everyone in them."""
    acme = Organization.objects.create(name="Acme", slug="acme", level=Level.RESPONSIVE)
    elsewhere = Organization.objects.create(name="Elsewhere", slug="elsewhere", level=Level.RESPONSIVE)
    with acting_for(elsewhere):
        sam = join("Sam", Role.OWNER)
        for role in (Role.COACH, Role.RESPONDER, Role.GATHERER, Role.EXECUTIVE):
            Position.objects.create(member=sam, role=role)
    with acting_for(acme):
        care = Department.objects.create(name="Customer care", slug="care")
        press = Department.objects.create(name="Communications", slug="press")
        return Cast(
            organization=acme,
            care=care,
            press=press,
            olga=join("Olga", Role.OWNER),
            carla=join("Carla", Role.COACH),
            gita=join("Gita", Role.GATHERER),
            rosa=join("Rosa", Role.RESPONDER, care),
            rui=join("Rui", Role.RESPONDER, care),
            bodo=join("Bodo", Role.BOOTH),
            elif_=join("Elif", Role.EXECUTIVE),
            elsewhere=elsewhere,
            sam=sam,
        )
