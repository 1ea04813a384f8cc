"""The team's own steps of a new organization."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from roles.models import AuditEntry, Department, Organization, Position, Role
from roles.setting_up import SetUpStep
from roles.tenancy import active_organization_id


def _settled() -> QuerySet[Any]:
    """Somebody looked at name and time zone: the zone is another than at first, or the settings were saved."""
    saved = Exists(AuditEntry.objects.filter(verb="change_organization"))
    return Organization.objects.filter(~Q(time_zone="UTC") | saved, pk=active_organization_id())


def _held(role: Role) -> Any:
    return lambda: Position.objects.in_force().filter(role=role, member__is_active=True)


STEPS = (
    SetUpStep(
        "name", 10, _("Name and time zone"),
        _("What the organization is called, and by which clock its days begin."),
        "roles:departments", _("Open the settings"), "roles.manage_organization", (_settled,), "#settings",
    ),
    SetUpStep(
        "department", 20, _("A department"),
        _("Work goes to departments. One is enough to begin with, such as “Customer care”."),
        "roles:departments", _("Add a department"), "roles.manage_departments", (Department.objects.all,), "#add",
    ),
    SetUpStep(
        "people", 25, _("Somebody for each duty"),
        _("Somebody coaches, somebody listens, somebody answers. Invite them, or hold every role yourself for now."),
        "roles:invitations", _("Invite people"), "roles.invite",
        (_held(Role.COACH), _held(Role.GATHERER), _held(Role.RESPONDER)),
    ),
)  # fmt: skip
