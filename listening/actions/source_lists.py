"""Many sources at once: what would come of a list, taking it over, and giving ours away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening import opml
from listening.identity import clean, place_key
from listening.models import Source
from listening.networks import get
from listening.networks.protocols import ChecksPlaces
from listening.translating import translated
from roles.audit import record, record_many
from roles.background import hint
from roles.live import look_again
from roles.models import Department, Member, Organization
from roles.permissions import allowed, decide
from roles.tenancy import active_organization
from roles.wording import labelled

NETWORK = "feed"


@dataclass
class Preview:
    """What would come of a list: what is new, what is a source already, and what cannot be one, with the reason."""

    new: list[opml.Line] = field(default_factory=list)
    known: list[opml.Line] = field(default_factory=list)
    unreadable: list[tuple[opml.Line, str]] = field(default_factory=list)
    # Folders that bear a department's name; other folders are kept with their sources.
    departments: dict[str, Department] = field(default_factory=dict)


def preview(lines: Sequence[opml.Line]) -> Preview:
    """Say what would come of a list; nothing is changed and nothing is fetched."""
    network = get(NETWORK)
    found, seen = Preview(), set()
    for line in lines:
        try:
            place = network.check_place(line.address) if isinstance(network, ChecksPlaces) else line.address
        except ValueError as problem:
            found.unreadable.append((line, translated(problem)))
            continue
        if len(place) > 2000:
            found.unreadable.append((line, _("The address is too long.")))
        elif place not in seen:
            seen.add(place)
            found.new.append(line._replace(address=place))
    known = set(Source.objects.filter(network=NETWORK, place__in=seen).values_list("place", flat=True))
    found.known = [line for line in found.new if line.address in known]
    found.new = [line for line in found.new if line.address not in known]
    named = {department.name.casefold(): department for department in Department.objects.all()}
    folders = {line.folder for line in found.new}
    found.departments = {name: named[name.casefold()] for name in folders if name.casefold() in named}
    return found


def import_sources(lines: Sequence[opml.Line], *, by: Member | None, at: datetime) -> list[Source]:
    """Add the new ones of a list as sources; the rest of it changes nothing. Returns the sources made."""
    return _import_sources(active_organization(), lines=lines, by=by, at=at)


@allowed("listening.manage_sources")
@transaction.atomic
def _import_sources(
    organization: Organization, *, lines: Sequence[opml.Line], by: Member | None, at: datetime
) -> list[Source]:
    found = preview(lines)
    for department in found.departments.values():
        if by is not None and not (decision := decide(by, "listening.manage_sources", department)):
            raise ValidationError(labelled(department, decision.reason))
    rows = [_source(line, found, by=by, at=at) for line in found.new]
    Source.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    # Somebody may have added one of them meanwhile: that one is theirs.
    keys = [row.key for row in rows]
    made = list(Source.objects.filter(network=NETWORK, key__in=keys, created_at=at, created_by=by))
    record_many("add_source", made, by=by, at=at, after={row.pk: {"place": row.place} for row in made})
    record("import_sources", organization, by=by, at=at, after={"count": len(made), "known": len(found.known)})
    look_again("sources")
    hint("listening.tasks.poll_due")
    return made


def _source(line: opml.Line, found: Preview, *, by: Member | None, at: datetime) -> Source:
    department = found.departments.get(line.folder)
    fields: dict[str, Any] = {"folder": "" if department else clean(line.folder, 120), "department": department}
    return Source(
        network=NETWORK, place=line.address, key=place_key(NETWORK, line.address), name=clean(line.title, 200),
        created_by=by, created_at=at, next_poll_at=at, **fields,
    )  # fmt: skip


@allowed("listening.read_sources")
def export_sources(organization: Organization, *, by: Member | None, at: datetime) -> bytes:
    """Return all feeds as OPML, by folder or department; it is written down who took them along."""
    rows = Source.objects.filter(network=NETWORK).select_related("department").by_name()
    lines = [opml.Line(row.place, row.name, row.folder or str(row.department or "")) for row in rows]
    record("export_sources", organization, by=by, at=at, after={"count": len(lines)})
    return opml.write(lines, title=str(organization), at=at)
