"""Take members over from a file, and take them out as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles.actions.invitations import invite
from roles.actions.people import change_position, give_position
from roles.audit import record
from roles.member_files import Line
from roles.models import Invitation, Member, Organization, Position
from roles.permissions import allowed


@dataclass
class Outcome:
    """What a line does: invites, gives a position, changes one, nothing, or cannot be taken over."""

    line: Line
    does: str
    said: str
    link: str = ""


@dataclass
class Report:
    """What the file does, line by line."""

    outcomes: list[Outcome] = field(default_factory=list)
    is_written: bool = False

    @property
    def problems(self) -> list[Outcome]:
        """The lines that cannot be taken over."""
        return [one for one in self.outcomes if one.does == "problem"]

    def count(self, does: str) -> int:
        """How many lines do this."""
        return sum(one.does == does for one in self.outcomes)


@allowed("roles.import_members")
def import_members(
    organization: Organization, *, lines: Sequence[Line], is_trial: bool, by: Member, at: datetime
) -> Report:
    """Invite whom the lines name and who is not here, and give the others the positions; again, it changes nothing.

    A trial does all of it and takes all of it back. Where a line cannot be taken over, nothing is written either.
    """
    report = Report()
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        report.outcomes = [_take(line, organization, by=by, at=at) for line in lines]
        report.is_written = not is_trial and not report.problems
        counts = {does: report.count(does) for does in ("invite", "give", "change", "nothing")}
        record("import_members", organization, by=by, at=at, after=counts)
        # Of a trial nothing stays, and no mail leaves.
        transaction.set_rollback(not report.is_written)
    for one in report.outcomes:
        one.link = one.link if report.is_written else ""
    return report


def _take(line: Line, organization: Organization, *, by: Member, at: datetime) -> Outcome:
    if line.problems:
        return Outcome(line, "problem", " ".join(line.problems))
    try:
        with transaction.atomic():
            return _do(line, organization, by=by, at=at)
    except ValidationError as problem:
        return Outcome(line, "problem", " ".join(problem.messages))
    except PermissionDenied as refusal:
        return Outcome(line, "problem", str(refusal))


def _do(line: Line, organization: Organization, *, by: Member, at: datetime) -> Outcome:
    duty = {"role": line.role, "custom_role": line.custom_role, "department": line.department}
    member = Member.objects.active().filter(user__email=line.email).select_related("user").first()
    if member is None:
        if Invitation.objects.open(at).filter(email=line.email, **duty).exists():
            return Outcome(line, "nothing", _("is invited already"))
        where = line.department or organization
        detail: dict[str, Any] = {"capacity": line.capacity, "languages": line.languages, "skills": line.skills}
        _made, link = invite(
            where, email=line.email, name=line.name, role=line.role, custom_role=line.custom_role, **detail,
            ends_at=_end_of(line, organization), by=by, at=at,
        )  # fmt: skip
        return Outcome(line, "invite", _("is invited"), link)
    held = Position.objects.in_force().filter(member=member, **duty).first()
    if held is None:
        given = {"capacity": line.capacity, "languages": line.languages, "skills": line.skills}
        give_position(member, **duty, **given, ends_at=_end_of(line, organization), by=by, at=at)  # type: ignore[arg-type]
        return Outcome(line, "give", _("gets this position"))
    # A line without a last day leaves the one that is there.
    ends_at = _end_of(line, organization) or held.ends_at
    wanted = (line.capacity, line.languages, line.skills, ends_at)
    if (held.capacity, held.languages, held.skills, held.ends_at) == wanted:
        return Outcome(line, "nothing", _("is here already"))
    load = {"capacity": line.capacity, "languages": line.languages, "skills": line.skills}
    change_position(held, **load, ends_at=ends_at, by=by, at=at)  # type: ignore[arg-type]
    return Outcome(line, "change", _("carries another amount, other languages or skills, or until another day"))


def _end_of(line: Line, organization: Organization) -> datetime | None:
    if line.ends_on is None:
        return None
    return datetime.combine(line.ends_on + timedelta(days=1), time.min, organization.zone)


@allowed("roles.import_members")
def export_members(organization: Organization, *, by: Member, at: datetime) -> None:
    """Write down that the list of members was taken out."""
    record("export_members", organization, by=by, at=at)
