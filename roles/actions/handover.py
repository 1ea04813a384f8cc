"""Hand over everything that somebody has, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles.actions.people import deactivate_member
from roles.audit import record
from roles.belongings import Handing, belongings
from roles.holding import hold_team
from roles.models import Member
from roles.permissions import allowed


@allowed("roles.hand_over")
@transaction.atomic
def hand_over_everything(
    member: Member,
    *,
    to: Mapping[str, Member | None],
    note: str = "",
    leaves: bool = False,
    by: Member | None,
    at: datetime,
) -> dict[str, int]:
    """Pass on all that the member has, each kind to whom it is said, and let the member leave if that is wanted.

    All of it or nothing: what cannot go where it is sent ends the whole. Returns how many of each kind went.
    """
    hold_team(member, *(one for one in to.values() if one is not None))
    kinds = {kind.name: kind for kind in belongings()}
    if unknown := to.keys() - kinds.keys():
        raise ValidationError(_("There is nothing called “%(name)s” to hand over.") % {"name": min(unknown)})
    for name in sorted(to):
        kinds[name].hold()
    moved: dict[str, int] = {}
    said: dict[str, Any] = {}
    for name, kind in kinds.items():
        if name not in to:
            continue
        recipient = to[name]
        if recipient is None and not kind.with_nobody:
            raise ValidationError({f"to_{name}": _("Say who gets these.")})
        if recipient is not None:
            _may_have(recipient, member, name, kind.capability)
        if count := kind.pass_on(Handing(member, recipient, note.strip()[:500], by, at)):
            moved[name] = count
            said[name] = {"to": str(recipient or ""), "count": count}
    if said:
        record("hand_over_everything", member, by=by, at=at, after=said)
    if leaves:
        deactivate_member(member, by=by, at=at)
    return moved


def _may_have(recipient: Member, member: Member, name: str, capability: str) -> None:
    if recipient.pk == member.pk or not recipient.is_active:
        raise ValidationError({f"to_{name}": _("Choose somebody else who is here.")})
    if not recipient.holds(capability):
        raise ValidationError({f"to_{name}": _("%(name)s may not have these.") % {"name": recipient}})
