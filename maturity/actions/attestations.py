"""Attest what no figure can show."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from maturity.models import Attestation
from maturity.practices import BY_KEY
from maturity.spent import day_of
from roles.audit import record
from roles.models import Department, Member, Organization
from roles.permissions import allowed

# Nobody knows for longer than this that something is still done.
LONGEST = timedelta(days=366)
LONGEST_NOTE = 1000


@allowed("maturity.attest")
@transaction.atomic
def attest(
    where: Organization | Department, *, practice: str, note: str, lapses_on: date, by: Member | None, at: datetime
) -> Attestation:
    """Say that something is done in a department or in the whole organization, how one knows, and until when it counts.

    What was said of it before stays in the records; the newest counts.
    """
    known = BY_KEY.get(practice)
    if known is None:
        raise ValidationError({"practice": _("There is no such practice.")})
    if known.evidence is not None:
        raise ValidationError({"practice": _("Here the figure decides; it cannot be attested.")})
    if not 0 < len(note.strip()) <= LONGEST_NOTE:
        raise ValidationError({"note": _("Say how you know it, in at most %(n)s characters.") % {"n": LONGEST_NOTE}})
    today = day_of(at)
    if not today < lapses_on <= today + LONGEST:
        raise ValidationError({"lapses_on": _("Choose a day within the next year.")})
    department = where if isinstance(where, Department) else None
    row = Attestation.objects.create(
        practice=practice, department=department, note=note.strip(), lapses_on=lapses_on, attested_at=at, attested_by=by
    )
    after = {"department": str(department or ""), "note": row.note, "lapses_on": lapses_on.isoformat()}
    record("attest", row, by=by, at=at, after=after)
    return row


@allowed("maturity.attest")
@transaction.atomic
def withdraw_attestation(attestation: Attestation, *, by: Member | None, at: datetime) -> Attestation:
    """Take an attestation back; it stays in the records."""
    row = Attestation.objects.select_for_update(of=("self",)).get(pk=attestation.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_by = at, by
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record("withdraw_attestation", row, by=by, at=at, before={"note": row.note})
    return row
