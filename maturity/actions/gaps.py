"""Report that no guideline gave an answer, take it back, close it, open it again."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Assignment
from listening.models import Mention
from maturity.models import GapReport, GuidelineVersion
from roles.actions.mail import write_mail
from roles.audit import record
from roles.links import inside_address
from roles.models import Member
from roles.permissions import allowed
from roles.speaking import in_words_for

LONGEST_NOTE, LONGEST_REASON = 300, 500


@allowed("maturity.report_gap")
@transaction.atomic
def report_gap(about: Assignment | Mention, /, *, note: str = "", by: Member, at: datetime) -> GapReport:
    """Report that the guidelines say nothing about this; who has reported it already adds to the line, if anything."""
    mention = about.mention if isinstance(about, Assignment) else about
    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE:
        raise ValidationError({"note": _("One line of at most %(n)s characters.") % {"n": LONGEST_NOTE}})
    fresh = GapReport(mention=mention, note=note, reported_at=at, reported_by=by)
    GapReport.objects.bulk_create([fresh], ignore_conflicts=True)
    row = GapReport.objects.select_for_update(of=("self",)).get(mention=mention, reported_by=by, closed_at=None)
    if row.reported_at != at and (not note or note == row.note):
        return row
    row.note = note
    row.save(update_fields=["note"])
    record("report_gap", row, by=by, at=at, after={"mention": mention.pk})
    return row


@allowed("maturity.report_gap")
@transaction.atomic
def withdraw_gap(gap: GapReport, *, by: Member, at: datetime) -> None:
    """Take back what one has reported, as long as nobody has closed it."""
    row = GapReport.objects.select_for_update(of=("self",)).filter(pk=gap.pk).first()
    if row is None:
        return
    if not row.is_open:
        raise ValidationError(_("A coach has closed it meanwhile."))
    record("withdraw_gap", row, by=by, at=at, before={"mention": row.mention_id})
    row.delete()


@allowed("maturity.manage_guidelines")
@transaction.atomic
def close_gap(
    gap: GapReport, *, version: GuidelineVersion | None = None, reason: str = "", by: Member | None, at: datetime
) -> GapReport:
    """Close a report by the version that has the answer now, or by the reason why none is needed; who asked is told."""
    reason = reason.strip()
    if version is None and not reason:
        raise ValidationError({"reason": _("Say why no guideline is needed, or write one.")})
    if len(reason) > LONGEST_REASON:
        raise ValidationError({"reason": _("A reason has at most %(n)s characters.") % {"n": LONGEST_REASON}})
    row = GapReport.objects.select_for_update(of=("self",)).select_related("reported_by__user").get(pk=gap.pk)
    if not row.is_open:
        return row
    row.closed_at, row.closed_by, row.version, row.reason = at, by, version, reason
    row.save(update_fields=["closed_at", "closed_by", "version", "reason"])
    record("close_gap", row, by=by, at=at, after={"version": str(version or ""), "reason": reason})
    if row.reported_by is not None and row.reported_by != by and row.reported_by.is_active:
        _tell(row, row.reported_by, at=at)
    return row


def _tell(gap: GapReport, member: Member, *, at: datetime) -> None:
    section = gap.version.section_id if gap.version else None
    with in_words_for(member):
        write_mail(
            member,
            key=f"gap {gap.pk} {at.isoformat()}",
            kind="guidelines",
            subject=_("The guidelines have an answer now") if section else _("About the gap that you reported"),
            template="maturity/mail/gap_closed",
            context={
                "gap": gap,
                "action_url": inside_address("maturity:guideline", section) if section else "",
                "action_label": _("Read it"),
            },
            at=at,
        )


@allowed("maturity.manage_guidelines")
@transaction.atomic
def reopen_gap(gap: GapReport, *, by: Member | None, at: datetime) -> GapReport:
    """Open a report again that was closed too soon."""
    row = GapReport.objects.select_for_update(of=("self",)).get(pk=gap.pk)
    if row.is_open:
        return row
    if GapReport.objects.open().filter(mention=row.mention_id, reported_by=row.reported_by_id).exists():
        raise ValidationError(_("The same gap was reported anew meanwhile."))
    record("reopen_gap", row, by=by, at=at, before={"version": str(row.version or ""), "reason": row.reason})
    row.closed_at = row.closed_by = row.version = None
    row.reason = ""
    row.save(update_fields=["closed_at", "closed_by", "version", "reason"])
    return row
