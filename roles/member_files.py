"""Members as lines of a CSV file: read with what is wrong in which line, and written so that nothing in it runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from roles.days import is_far
from roles.keys import key_in
from roles.models import CustomRole, Department, Member, Role
from roles.names import one_line
from roles.sheets import is_formula
from roles.tenancy import active_organization
from roles.wording import listed

COLUMNS = ("email", "name", "role", "department", "languages", "skills", "capacity", "until")
NEEDED = ("email", "role")
MOST_LINES = 500
MOST_LETTERS = 200_000
LONGEST = {"email": 254, "name": 120}


class Unreadable(ValueError):
    """The file as a whole cannot be read; says why."""


@dataclass
class Line:
    """One person in one position, as a line says it, or what is wrong with the line."""

    number: int
    email: str = ""
    name: str = ""
    role: str = ""
    custom_role: CustomRole | None = None
    department: Department | None = None
    languages: list[str] = field(default_factory=list)
    skills: list[str] = field(default_factory=list)
    capacity: int = 20
    ends_on: date | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def position(self) -> str:
        """What it offers, in words."""
        title = self.custom_role or (Role(self.role).label if self.role else "?")
        return listed([title, self.department or _("whole organization")])


def read(text: str) -> list[Line]:
    """Return the lines of a file; raises Unreadable where it has no such lines at all."""
    if len(text) > MOST_LETTERS:
        raise Unreadable(_("The file is too large: at most %(most)s letters.") % {"most": MOST_LETTERS})
    text = text.removeprefix("\ufeff").replace("\x00", "")
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as problem:
        raise Unreadable(_("It cannot be read as CSV.")) from problem
    rows = [row for row in found if any(cell.strip() for cell in row)]
    if not rows:
        raise Unreadable(_("The file is empty."))
    head = [cell.strip().lower().replace("e-mail", "email") for cell in rows[0]]
    if missing := [name for name in NEEDED if name not in head]:
        said = _("The first line names the columns; there is none called “%(name)s”. Known are: %(known)s.")
        raise Unreadable(said % {"name": missing[0], "known": ", ".join(COLUMNS)})
    if len(rows) > MOST_LINES + 1:
        raise Unreadable(_("At most %(most)s lines at once.") % {"most": MOST_LINES})
    reader = _Reader()
    return [reader.line(number, dict(zip(head, row, strict=False))) for number, row in enumerate(rows[1:], 2)]


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max((",", ";", "\t"), key=first.count)


class _Reader:
    """Knows the roles and departments that lines may name."""

    def __init__(self) -> None:
        self.departments = {row.name.casefold(): row for row in Department.objects.all()}
        self.composed = {row.name.casefold(): row for row in CustomRole.objects.all()}
        self.roles = {name: role for role in Role for name in (role.value, str(role.label).casefold())}

    def line(self, number: int, cells: dict[str, str]) -> Line:
        """Read one line, and say all that is wrong with it."""
        said = {name: _plain(cells.get(name) or "") for name in COLUMNS}
        line = Line(number, email=said["email"].lower(), name=said["name"])
        try:
            validate_email(line.email)
        except ValidationError:
            line.problems.append(_("“%(email)s” is not an e-mail address.") % {"email": said["email"]})
        line.problems += [
            _("The %(column)s is too long.") % {"column": name}
            for name, most in LONGEST.items()
            if len(said[name]) > most
        ]
        self._position(line, said)
        self._words(line, said)
        return line

    def _position(self, line: Line, said: dict[str, str]) -> None:
        wanted = said["role"].casefold()
        if wanted in self.roles:
            line.role = self.roles[wanted].value
        elif wanted in self.composed:
            line.custom_role = self.composed[wanted]
        else:
            known = listed([*Role.values, *(row.name for row in self.composed.values())])
            line.problems.append(
                _("There is no role “%(name)s”. Choose from: %(known)s.") % {"name": said["role"], "known": known}
            )
        if (place := said["department"].casefold()) and (department := self.departments.get(place)) is None:
            line.problems.append(_("There is no department “%(name)s”.") % {"name": said["department"]})
        elif place:
            line.department = department
        if line.role == Role.OWNER and line.department:
            line.problems.append(_("An owner is owner of the whole organization."))

    @staticmethod
    def _words(line: Line, said: dict[str, str]) -> None:
        line.languages = [word.lower() for word in _several(said["languages"])]
        line.skills = _several(said["skills"])
        if any(len(word) > 10 for word in line.languages) or any(len(word) > 40 for word in line.skills):
            line.problems.append(_("A language or a skill is too long."))
        if said["capacity"]:
            capacity = key_in(said["capacity"])
            if capacity is not None and capacity <= 1000:
                line.capacity = capacity
            else:
                line.problems.append(_("The capacity is a number from 0 to 1000."))
        if said["until"]:
            try:
                line.ends_on = _day(said["until"])
            except ValueError:
                line.problems.append(_("“%(text)s” is not a day; write it as 2027-01-31.") % {"text": said["until"]})


def _day(text: str) -> date:
    """The day that a cell names; raises ValueError where it is none that one can mean."""
    day = date.fromisoformat(text)
    if is_far(day):
        raise ValueError(text)
    return day


def _several(text: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in text.replace(";", ",").split(",") if word.strip()))


def _plain(cell: str) -> str:
    """A cell without the mark that keeps a spreadsheet from running it."""
    cell = one_line(cell.strip())
    return cell[1:].strip() if cell[:1] == "'" and is_formula(cell[1:]) else cell


def lines_of(members: Iterable[Member]) -> Iterator[tuple[object, ...]]:
    """Yield a line for each position of each member."""
    zone = active_organization().zone
    for member in members:
        who = (member.user.email, member.user.name)
        for row in member.positions.all():
            yield (
                *who, row.title if row.custom_role_id else row.role, row.department or "", ", ".join(row.languages),
                ", ".join(row.skills), row.capacity, _last_day(row.ends_at, zone),
            )  # fmt: skip


def _last_day(ends_at: datetime | None, zone: ZoneInfo) -> str:
    # A position ends as the day after its last begins.
    if ends_at is None:
        return ""
    return date.fromordinal(ends_at.astimezone(zone).date().toordinal() - 1).isoformat()
