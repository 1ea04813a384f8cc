"""Compose reports, and say to whom and when they are mailed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.briefs import next_moment, weekdays_in_order
from measurement.blocks import BLOCKS
from measurement.models import Report, ReportReader
from measurement.only import Only, both, clean_only
from measurement.rules import may_change_report
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import NotAllowed, allowed
from roles.tenancy import active_organization

MOST_BLOCKS, MOST_READERS, LONGEST_TEXT = 24, 50, 4000
WRITTEN = ("name", "period", "side", "owner", "weekdays", "month_day", "at_time")


@allowed("measurement.compose_reports")
@transaction.atomic
def compose_report(organization: Organization, /, *, by: Member | None, at: datetime, **fields: Any) -> Report:
    """Keep chosen blocks about a period under a name, and say to whom and when they are mailed, if at all."""
    row = Report(organization=organization, composed_at=at, composed_by=by, owner=by)
    _set(row, fields, at)
    row.save()
    _mail_to(row, fields.get("readers"))
    record("compose_report", row, by=by, at=at, after=_facts(row))
    return row


@allowed("measurement.compose_reports")
@transaction.atomic
def change_report(report: Report, /, *, by: Member | None, at: datetime, **fields: Any) -> Report:
    """Compose it otherwise."""
    row = held_report(report, by=by, at=at)
    if row.dropped_at is not None:
        raise ValidationError(_("It was dropped meanwhile."))
    before = _facts(row)
    _set(row, fields, at)
    row.save()
    _mail_to(row, fields.get("readers"))
    if (after := _facts(row)) != before:
        record("change_report", row, by=by, at=at, before=before, after=after)
    return row


@allowed("measurement.compose_reports")
@transaction.atomic
def drop_report(report: Report, *, by: Member | None, at: datetime) -> Report:
    """Keep it no more: it is mailed to nobody, and its address opens nothing."""
    row = held_report(report, by=by, at=at)
    if row.dropped_at is None:
        row.dropped_at, row.next_at = at, None
        row.failures, row.problem, row.due_since = 0, "", None
        row.save(update_fields=["dropped_at", "next_at", "failures", "problem", "due_since"])
        record("drop_report", row, by=by, at=at)
    return row


@allowed("measurement.compose_reports")
@transaction.atomic
def take_up_report(report: Report, *, by: Member | None, at: datetime) -> Report:
    """Keep it again; what would have been mailed meanwhile is not."""
    row = held_report(report, by=by, at=at)
    if row.dropped_at is not None:
        row.dropped_at, row.next_at = None, next_due(row, after=at)
        row.save(update_fields=["dropped_at", "next_at"])
        record("take_up_report", row, by=by, at=at)
    return row


def held_report(report: Report, *, by: Member | None, at: datetime) -> Report:
    """Hold a report that somebody changes; nobody opens it to others while it is held."""
    row: Report = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if by is not None and not (decision := may_change_report(by, row, at=at)):
        raise NotAllowed(decision)
    return row


def next_due(row: Report, *, after: datetime) -> datetime | None:
    """When it is mailed next, by the organization's clock; a time that the clock leaves out is as far after the gap."""
    if row.at_time is None:
        return None
    zone = active_organization().zone
    if row.weekdays:
        return next_moment(row.weekdays, row.at_time, zone=zone, after=after)
    if row.month_day is None:
        return None
    first = after.astimezone(zone).date().replace(day=1)
    while True:
        day = first.replace(day=row.month_day)
        moment = datetime.combine(day, row.at_time, tzinfo=zone).astimezone(UTC)
        if moment > after:
            return moment
        first = (first + timedelta(days=31)).replace(day=1)


def _set(row: Report, fields: Mapping[str, Any], at: datetime) -> None:
    mailed_when = _rhythm(row)
    for name in WRITTEN:
        if name in fields:
            setattr(row, name, fields[name])
    if "only" in fields:
        row.only = clean_only(fields["only"])
    if "blocks" in fields:
        row.blocks = clean_blocks(fields["blocks"], row.only)
    elif "only" in fields:
        row.blocks = clean_blocks(row.blocks, row.only)
    row.name, row.weekdays = row.name.strip(), weekdays_in_order(row.weekdays)
    if not row.blocks:
        raise ValidationError({"blocks": _("Choose at least one block.")})
    if row.weekdays and row.month_day:
        raise ValidationError({"month_day": _("Either on days of the week or on a day of the month.")})
    if (row.weekdays or row.month_day) and row.at_time is None:
        raise ValidationError({"at_time": _("Say at what time.")})
    if len(fields.get("readers") or ()) > MOST_READERS:
        raise ValidationError({"readers": _("At most %(n)s people.") % {"n": MOST_READERS}})
    row.full_clean(exclude=["organization", "composed_by", "owner", "blocks"])
    # What is due already stays due, whatever else of it is changed.
    if _rhythm(row) != mailed_when:
        row.next_at = next_due(row, after=at)
        row.failures, row.problem, row.due_since = 0, "", None
    elif row.due_since is not None:
        # Whoever mended it need not wait for the next try.
        row.failures, row.next_at = 0, at


def _rhythm(row: Report) -> tuple[Any, ...]:
    return list(row.weekdays), row.month_day, row.at_time


def clean_blocks(blocks: Sequence[Mapping[str, Any]], whole: Only) -> list[dict[str, Any]]:
    """Chosen blocks as they are kept; what cannot be told is refused, with its place."""
    if len(blocks) > MOST_BLOCKS:
        raise ValidationError({"blocks": _("At most %(n)s blocks.") % {"n": MOST_BLOCKS}})
    kept = []
    for number, block in enumerate(blocks, start=1):
        kind, metric, text = (str(block.get(name) or "") for name in ("kind", "metric", "text"))
        known = BLOCKS.get(kind)
        if known is None:
            raise ValidationError({"blocks": _("Block %(n)s is of no kind that there is.") % {"n": number}})
        offered = known.metrics
        if offered and (metric or offered[0]) not in offered:
            raise ValidationError({"blocks": _("Block %(n)s cannot show this metric.") % {"n": number}})
        if kind == "text" and not text.strip():
            raise ValidationError({"blocks": _("Block %(n)s has no text.") % {"n": number}})
        if len(text) > LONGEST_TEXT:
            words = {"n": number, "most": LONGEST_TEXT}
            raise ValidationError({"blocks": _("Block %(n)s is longer than %(most)s characters.") % words})
        try:
            only = clean_only(block.get("only"))
            clean_only(both(whole, only))
        except ValidationError as problem:
            raise ValidationError({"blocks": _("Block %(n)s: %(why)s") % {
                "n": number, "why": " ".join(problem.messages),
            }}) from problem  # fmt: skip
        one = {
            "kind": kind,
            "metric": (metric or offered[0]) if offered else "",
            "text": text if kind == "text" else "",
        }
        kept.append({**one, "only": only} if only else one)
    return kept


def _mail_to(row: Report, readers: Sequence[Member] | None) -> None:
    if readers is None:
        return
    # Whoever wants no more of its mails is asked no more, whoever else chooses them again.
    ReportReader.objects.filter(report=row, wants_it=True).exclude(member__in=readers).delete()
    ReportReader.objects.bulk_create([ReportReader(report=row, member=one) for one in readers], ignore_conflicts=True)


def _facts(row: Report) -> dict[str, Any]:
    return {
        "name": row.name, "period": row.period, "of": row.side, "only": row.only, "blocks": row.blocks,
        "owner": row.owner_id,
        "weekdays": list(row.weekdays), "month_day": row.month_day,
        "time": row.at_time.strftime("%H:%M") if row.at_time else "",
        "readers": sorted(row.readers.wanting().values_list("member", flat=True)) if row.pk else [],
    }  # fmt: skip
