"""How members sign in: for which roles a second factor is asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles.audit import record
from roles.models import CustomRole, Member, Organization, Role
from roles.permissions import allowed


@allowed("roles.manage_sign_in")
@transaction.atomic
def ask_second_factor(
    organization: Organization,
    *,
    roles: Collection[str],
    custom_roles: Collection[CustomRole] = (),
    by: Member | None,
    at: datetime,
) -> None:
    """Say for which roles a second factor is asked; whoever has none is led to it before anything else."""
    if unknown := set(roles) - set(Role.values):
        raise ValidationError({"roles": _("There is no role “%(name)s”.") % {"name": min(unknown)}})
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before = _facts(row)
    row.second_factor_roles = [role for role in Role.values if role in set(roles)]
    row.save(update_fields=["second_factor_roles"])
    chosen = [role.pk for role in custom_roles]
    CustomRole.objects.filter(pk__in=chosen).update(needs_second_factor=True)
    CustomRole.objects.exclude(pk__in=chosen).update(needs_second_factor=False)
    if (after := _facts(row)) != before:
        record("ask_second_factor", row, by=by, at=at, before=before, after=after)


@allowed("roles.read")
@transaction.atomic
def come_in_by_password(member: Member, *, by: Member, at: datetime) -> None:
    """Write down that an owner took the emergency way in: past the provider that everybody else is asked for."""
    record("come_in_by_password", member, by=by, at=at)


def _facts(row: Organization) -> dict[str, list[str]]:
    composed = CustomRole.objects.filter(needs_second_factor=True).values_list("name", flat=True)
    return {"roles": list(row.second_factor_roles), "composed": list(composed)}
