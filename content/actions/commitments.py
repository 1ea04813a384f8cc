"""Commitments: promising how often a channel says something, and ending that."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from content.calendar_days import DAY, day_in, monday_of
from content.models import CadenceCommitment
from listening.models import Channel
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed
from roles.tenancy import active_organization

MOST = 100


@allowed("content.manage_campaigns")
@transaction.atomic
def commit_to(channel: Channel, /, *, per_week: int, by: Member | None, at: datetime) -> CadenceCommitment:
    """Promise so many publications a week, this week included; a former promise for the channel ends with last week.

    Raises ValidationError where it is none at all or more than anybody reads.
    """
    if not 1 <= per_week <= MOST:
        raise ValidationError({"per_week": _("Between 1 and %(n)s times a week.") % {"n": MOST}})
    since = monday_of(_today(at))
    _end(channel, last=since - DAY)
    row = CadenceCommitment.objects.create(
        channel=channel, per_week=per_week, since=since, promised_by=by, promised_at=at
    )
    record("commit_to", row, by=by, at=at, after={"per_week": per_week})
    return row


@allowed("content.manage_campaigns")
@transaction.atomic
def end_commitment(commitment: CadenceCommitment, /, *, by: Member | None, at: datetime) -> None:
    """End a promise with the last week; weeks before are still held against it."""
    row = CadenceCommitment.objects.select_related("channel").get(pk=commitment.pk)
    if row.until is None:
        _end(row.channel, last=monday_of(_today(at)) - DAY)
        record("end_commitment", row, by=by, at=at)


def _end(channel: Channel, *, last: date) -> None:
    """End what is in force; what has not held for a whole week is as if it had never been said."""
    Channel.objects.select_for_update(no_key=True, of=("self",)).get(pk=channel.pk)
    standing = CadenceCommitment.objects.filter(channel=channel, until=None)
    standing.filter(since__gt=last).delete()
    standing.update(until=last)


def _today(at: datetime) -> date:
    return day_in(at, active_organization().zone)
