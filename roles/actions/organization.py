"""The organization, its parts and its settings."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from roles.audit import record
from roles.models import Department, Member, Organization, Position, Role, User
from roles.permissions import allowed
from roles.tenancy import acting_for


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


def _free_slug(name: str) -> str:
    wanted = slugify(name)[:50] or "department"
    taken = set(Department.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    if wanted not in taken:
        return wanted
    number = next((number for number in range(2, 1000) if f"{wanted}-{number}" not in taken), None)
    if number is None:
        raise ValidationError(_("There are too many departments with this name."))
    return f"{wanted}-{number}"
