"""Compose roles of what can be done."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles.audit import record
from roles.granting import may_give
from roles.models import CustomRole, Invitation, Member, Organization
from roles.permissions import CAPABILITIES, allowed

MOST_ROLES = 50


@allowed("roles.manage_roles")
@transaction.atomic
def compose_role(
    organization: Organization,
    *,
    name: str,
    capabilities: Collection[str],
    description: str = "",
    by: Member | None,
    at: datetime,
) -> CustomRole:
    """Compose a role of capabilities that its maker holds for the whole organization."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if CustomRole.objects.count() >= MOST_ROLES:
        raise ValidationError(_("At most %(most)s roles of your own.") % {"most": MOST_ROLES})
    row = CustomRole(organization=organization, created_at=at)
    _write(row, name=name, description=description, capabilities=capabilities, by=by)
    record("compose_role", row, by=by, at=at, after=_facts(row))
    return row


@allowed("roles.manage_roles")
@transaction.atomic
def change_role(
    role: CustomRole,
    *,
    name: str,
    capabilities: Collection[str],
    description: str = "",
    by: Member | None,
    at: datetime,
) -> None:
    """Change a role; it holds at once for everybody who has it."""
    row = CustomRole.objects.select_for_update(no_key=True, of=("self",)).get(pk=role.pk)
    before = _facts(row)
    _write(row, name=name, description=description, capabilities=capabilities, by=by)
    if (after := _facts(row)) != before:
        record("change_role", row, by=by, at=at, before=before, after=after)


@allowed("roles.manage_roles")
@transaction.atomic
def remove_role(role: CustomRole, *, by: Member | None, at: datetime) -> None:
    """Remove a role that nobody holds, and into which nobody is invited."""
    row = CustomRole.objects.select_for_update(of=("self",)).get(pk=role.pk)
    if row.positions.exists():
        raise ValidationError(_("Somebody holds “%(name)s”. Give them another position first.") % {"name": row})
    if Invitation.objects.filter(custom_role=row, withdrawn_at=None, expires_at__gt=at).exists():
        raise ValidationError(_("Somebody is invited as “%(name)s”. Withdraw that first.") % {"name": row})
    Invitation.objects.filter(custom_role=row).update(custom_role=None)
    record("remove_role", row, by=by, at=at, before=_facts(row))
    row.delete()


def _write(row: CustomRole, *, name: str, description: str, capabilities: Collection[str], by: Member | None) -> None:
    wanted = set(capabilities)
    if unknown := wanted - CAPABILITIES.keys():
        raise ValidationError({"capabilities": _("There is no capability “%(name)s”.") % {"name": min(unknown)}})
    if not wanted:
        raise ValidationError({"capabilities": _("Choose what its holders may do.")})
    # Without this one nobody gets into the house.
    wanted.add("roles.read")
    added = sorted(wanted - set(row.capabilities) - {"roles.read"})
    if by is not None and not (decision := may_give(by, added, department=None)):
        raise PermissionDenied(decision.reason)
    row.name, row.description = name.strip(), description.strip()
    row.capabilities = [known for known in CAPABILITIES if known in wanted]
    row.full_clean()
    row.save()


def _facts(row: CustomRole) -> dict[str, Any]:
    return {"name": row.name, "description": row.description, "capabilities": row.capabilities}
