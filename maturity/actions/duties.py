"""Note that a standing duty was done elsewhere."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from maturity.duties import BY_KEY
from maturity.models import DutyNote
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed

LONGEST = 500


@allowed("maturity.note_duty")
@transaction.atomic
def note_duty(organization: Organization, /, *, duty: str, note: str, by: Member | None, at: datetime) -> DutyNote:
    """Say that a duty was done, and how."""
    note = note.strip()
    if duty not in BY_KEY:
        raise ValidationError({"duty": _("There is no such duty.")})
    if not note or len(note) > LONGEST:
        raise ValidationError({"note": _("Say in at most %(n)s characters what was done.") % {"n": LONGEST}})
    row = DutyNote.objects.create(duty=duty, note=note, noted_at=at, noted_by=by)
    record("note_duty", row, by=by, at=at, after={"note": note})
    return row
