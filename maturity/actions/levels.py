"""Change where we stand."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles.audit import record
from roles.live import look_again
from roles.models import Department, Level, Member, Organization
from roles.permissions import allowed


@allowed("maturity.set_level")
@transaction.atomic
def set_level(where: Organization | Department, *, level: str, reason: str, by: Member | None, at: datetime) -> None:
    """Set the level of the organization, or of a department (empty: the organization's), for a reason that is kept."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the reason is kept with the change.")})
    if level not in Level.values and not (level == "" and isinstance(where, Department)):
        raise ValidationError({"level": _("There is no such level.")})
    locked = type(where)._default_manager.select_for_update(no_key=True).get(pk=where.pk)
    if locked.level == level:
        raise ValidationError({"level": _("This is the level already.")})
    before, where.level = locked.level, level
    where.save(update_fields=["level"])
    record("set_level", where, by=by, at=at, before={"level": before}, after={"level": level, "reason": reason.strip()})
    look_again("queue")
