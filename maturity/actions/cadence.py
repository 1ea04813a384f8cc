"""Give a cadence an address, take it back, and remind of what comes."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from maturity.keeping import TO_COME, told
from maturity.models import CadenceSetting
from maturity.spent import day_of
from roles.actions.mail import write_mail
from roles.audit import record
from roles.links import inside_address
from roles.models import Member
from roles.models.access import digest
from roles.permissions import allowed
from roles.speaking import in_words_for

REMINDERS = (5, 10, 15, 30, 60, 120)


@allowed("maturity.keep_cadence")
@transaction.atomic
def make_feed(member: Member, *, by: Member | None, at: datetime) -> str:
    """Give the member's cadence a new address and return its key, shown this once; the one before ends."""
    row = _setting(member)
    key = secrets.token_urlsafe(24)
    row.feed_digest, row.feed_made_at = digest(key), at
    row.save(update_fields=["feed_digest", "feed_made_at"])
    record("make_feed", row, by=by, at=at)
    return key


@allowed("maturity.keep_cadence")
@transaction.atomic
def revoke_feed(member: Member, *, by: Member | None, at: datetime) -> None:
    """End the address of the member's cadence at once."""
    row = _setting(member)
    if row.feed_digest:
        row.feed_digest, row.feed_made_at = "", None
        row.save(update_fields=["feed_digest", "feed_made_at"])
        record("revoke_feed", row, by=by, at=at)


@allowed("maturity.keep_cadence")
@transaction.atomic
def set_reminder(member: Member, *, minutes: int | None, by: Member | None, at: datetime) -> None:
    """Have the member reminded so many minutes before each block, or, with None, of none."""
    if minutes is not None and minutes not in REMINDERS:
        raise ValidationError({"minutes": _("Choose one of the times.")})
    row = _setting(member)
    if row.remind_minutes == minutes:
        return
    before = {"minutes": row.remind_minutes}
    row.remind_minutes = minutes
    row.save(update_fields=["remind_minutes"])
    record("set_reminder", row, by=by, at=at, before=before, after={"minutes": minutes})


def remind(*, at: datetime) -> int:
    """Write to members of the active organization whose blocks are about to begin, once of each block and day."""
    rows = CadenceSetting.objects.filter(remind_minutes__isnull=False, member__is_active=True)
    settings = {row.member_id: row for row in rows}
    if not settings:
        return 0
    members = list(Member.objects.filter(pk__in=settings).with_positions())
    today = day_of(at)
    found = told(members, today, today + timedelta(days=1), at=at)
    written = 0
    for member in members:
        ahead = timedelta(minutes=settings[member.pk].remind_minutes or 0)
        for row in found[member.pk]:
            one = row.occurrence
            if row.state != TO_COME or not one.begins_at - ahead <= at < one.begins_at:
                continue
            with in_words_for(member):
                write_mail(
                    member,
                    # The key is what makes it one mail, however many workers look and whatever dies.
                    key=f"block {one.block.pk} {one.day}",
                    kind="cadence",
                    subject=_("%(activity)s from %(begins)s to %(ends)s") % {
                        "activity": one.block.get_activity_display(),
                        "begins": f"{one.block.begins:%H:%M}", "ends": f"{one.block.ends:%H:%M}",
                    },
                    template="maturity/mail/block",
                    context={
                        "one": one,
                        "action_url": inside_address("maturity:cadence"),
                        "action_label": _("My cadence"),
                    },
                    at=at,
                )  # fmt: skip
            written += 1
    return written


def _setting(member: Member) -> CadenceSetting:
    Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)
    return CadenceSetting.objects.get_or_create(member=member)[0]
