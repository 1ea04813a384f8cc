"""Open something before its level."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles.audit import record
from roles.levels import OPENED_BY
from roles.live import look_again
from roles.models import Department, EarlyOpening, Level, Member, Organization
from roles.permissions import allowed


@allowed("maturity.open_early")
@transaction.atomic
def open_early(
    where: Organization | Department, *, capability: str, reason: str, by: Member | None, at: datetime
) -> EarlyOpening:
    """Open one thing that the level here does not open yet, for a reason that is kept and shown."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the reason is kept and shown.")})
    if capability not in OPENED_BY:
        raise ValidationError({"capability": _("This needs no opening: no level holds it back.")})
    department = where if isinstance(where, Department) else None
    # Two coaches at once: the second waits here, and finds it open.
    locked = type(where)._default_manager.select_for_update(no_key=True).get(pk=where.pk)
    level = locked.effective_level if isinstance(locked, Department) else Level(locked.level)
    if level.rank >= OPENED_BY[capability].rank:
        raise ValidationError({"capability": _("The level here opens this already.")})
    if EarlyOpening.objects.in_force().filter(department=department, capability=capability).exists():
        raise ValidationError({"capability": _("This is open here already.")})
    row = EarlyOpening.objects.create(
        department=department, capability=capability, reason=reason.strip()[:500], opened_at=at, opened_by=by
    )
    after = {"department": str(department or ""), "reason": row.reason}
    record("open_early", row, by=by, at=at, after=after)
    look_again("queue")
    return row


@allowed("maturity.open_early")
@transaction.atomic
def close_early(opening: EarlyOpening, *, by: Member | None, at: datetime) -> EarlyOpening:
    """Leave it to the level again whether this is open."""
    row = EarlyOpening.objects.select_for_update(of=("self",)).get(pk=opening.pk)
    if row.closed_at is None:
        row.closed_at, row.closed_by = at, by
        row.save(update_fields=["closed_at", "closed_by"])
        record("close_early", row, by=by, at=at, before={"reason": row.reason})
        look_again("queue")
    return row
