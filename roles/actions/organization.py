"""The organization, its parts and its settings."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import DataError, connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from roles.audit import record
from roles.models import Department, Member, Organization, Position, Role, User
from roles.permissions import allowed, require
from roles.tenancy import acting_for, active_organization


@transaction.atomic
def found_organization(name: str, *, slug: str = "", email: str, owner_name: str, at: datetime) -> Member:
    """Make a new organization with its first owner, who has no password yet unless they are known here already."""
    organization = Organization(name=name, slug=slug or slugify(name)[:60] or "team")
    organization.full_clean()
    organization.save()
    email = email.strip().lower()
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, None, name=owner_name)
    with acting_for(organization):
        member = Member.objects.create(user=user, joined_at=at)
        Position.objects.create(member=member, role=Role.OWNER)
        record("found_organization", organization, by=None, at=at, after={"name": name, "owner": email})
    return member


@allowed("roles.manage_organization")
@transaction.atomic
def change_organization(
    organization: Organization, *, name: str, time_zone: str, response_minutes: int, by: Member | None, at: datetime
) -> None:
    """Change the organization's name, time zone and the response target where no rule says otherwise."""
    fields = {"name": name, "time_zone": time_zone, "response_minutes": response_minutes}
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before = {field: getattr(row, field) for field in fields}
    if before == fields:
        return
    if time_zone != before["time_zone"]:
        _check_zone(time_zone)
    for field, value in fields.items():
        setattr(organization, field, value)
    organization.save(update_fields=list(fields))
    changed = [field for field in fields if before[field] != fields[field]]
    record(
        "change_organization",
        organization,
        by=by,
        at=at,
        before={field: before[field] for field in changed},
        after={field: fields[field] for field in changed},
    )


def _check_zone(name: str) -> None:
    """The database cuts hours and days by it, so it must know the zone, too."""
    unknown = ValidationError({"time_zone": _("There is no time zone of this name.")})
    if name not in available_timezones():
        raise unknown
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT now() AT TIME ZONE %s", [name])
    except DataError as problem:
        raise unknown from problem


@allowed("roles.manage_departments")
@transaction.atomic
def add_department(organization: Organization, *, name: str, by: Member | None, at: datetime) -> Department:
    """Add a part of the organization, with its own rules and people."""
    department = Department(organization=organization, name=name, slug=_free_slug(name))
    department.full_clean()
    department.save()
    record("add_department", department, by=by, at=at, after={"name": name})
    return department


@allowed("roles.manage_departments")
@transaction.atomic
def rename_department(department: Department, *, name: str, by: Member | None, at: datetime) -> None:
    """Give a department another name."""
    before = department.name
    if name == before:
        return
    department.name = name
    department.full_clean()
    department.save(update_fields=["name"])
    record("rename_department", department, by=by, at=at, before={"name": before}, after={"name": name})


@allowed("roles.manage_departments")
@transaction.atomic
def move_department(department: Department, *, parent: Department | None, by: Member | None, at: datetime) -> None:
    """Make a department part of another, or of none: positions in the one above count in it too."""
    organization = Organization.objects.select_for_update(no_key=True).get(pk=active_organization().pk)
    if by is not None:
        # It changes how far positions reach that its own coach did not give.
        require(by, "roles.manage_departments", organization)
    rows = {row.pk: row for row in Department.objects.order_by("pk")}
    row = rows[department.pk]
    if row.parent_id == (parent.pk if parent else None):
        return
    if parent is not None and parent.pk in {row.pk, *row.below}:
        raise ValidationError({"parent": _("A department cannot be part of itself or of one of its parts.")})
    before = str(rows[row.parent_id]) if row.parent_id else ""
    row.parent = parent
    row.save(update_fields=["parent"])
    _keep_below(rows)
    record("move_department", row, by=by, at=at, before={"part_of": before}, after={"part_of": str(parent or "")})


def _keep_below(rows: dict[int, Department]) -> None:
    below: dict[int, list[int]] = {key: [] for key in rows}
    for key, row in rows.items():
        above = row.parent_id
        while above is not None:
            below[above].append(key)
            above = rows[above].parent_id
    for key, row in rows.items():
        row.below = below[key]
    Department.objects.bulk_update(rows.values(), ["below"])


def _free_slug(name: str) -> str:
    wanted = slugify(name)[:50] or "department"
    taken = set(Department.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    if wanted not in taken:
        return wanted
    number = next((number for number in range(2, 1000) if f"{wanted}-{number}" not in taken), None)
    if number is None:
        raise ValidationError(_("There are too many departments with this name."))
    return f"{wanted}-{number}"
