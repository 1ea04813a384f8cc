"""Nobody gives what they do not hold: one answer for positions, invitations, composed roles and acting as somebody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from roles.capability_words import LABELS
from roles.models.people import Role
from roles.permissions import ALLOWED, CAPABILITIES, Decision

if TYPE_CHECKING:
    from roles.models import CustomRole, Department, Member, Position


def carried_by(role: str, custom_role: CustomRole | None = None) -> frozenset[str]:
    """What a role, built in or composed, lets its holder do."""
    if custom_role is not None:
        return frozenset(custom_role.capabilities)
    return frozenset(name for name, holders in CAPABILITIES.items() if role in holders)


def may_give(by: Member, capabilities: Iterable[str], *, department: Department | None) -> Decision:
    """Whether the member holds all of this there, or everywhere where no department is named; owners give anything."""
    if Role.OWNER in by.roles:
        return ALLOWED
    missing = [name for name in capabilities if not _holds(by, name, department)]
    if not missing:
        return ALLOWED
    what = "; ".join(str(LABELS[name]) for name in missing[:3] if name in LABELS)
    return Decision(_("You cannot give what you do not hold yourself: %(what)s.") % {"what": what})


def _holds(by: Member, capability: str, department: Department | None) -> bool:
    if department is not None:
        return by.holds(capability, department.pk)
    return any(row.department_id is None and row.carries(capability) for row in by.held_positions)


def may_give_role(
    by: Member, *, role: str, custom_role: CustomRole | None = None, department: Department | None
) -> Decision:
    """Whether the member may give this role there."""
    if role == Role.OWNER and Role.OWNER not in by.roles:
        return Decision(_("Only owners make owners."))
    return may_give(by, carried_by(role, custom_role), department=department)


def may_give_all(by: Member, positions: Iterable[Position]) -> Decision:
    """Whether the member could give all of these positions: then nothing in them goes beyond the member's own."""
    decisions = (
        may_give_role(by, role=row.role, custom_role=row.custom_role, department=row.department) for row in positions
    )
    return next((decision for decision in decisions if not decision), ALLOWED)


def require_to_give(
    by: Member | None, *, role: str, custom_role: CustomRole | None = None, department: Department | None
) -> None:
    """Raise PermissionDenied with the reason unless the role may be given; `by=None` is the application."""
    if by is None:
        return
    if not (decision := may_give_role(by, role=role, custom_role=custom_role, department=department)):
        raise PermissionDenied(decision.reason)
