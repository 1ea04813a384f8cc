"""Give the calendar an address for calendar programs, and take it back."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from content.models import CalendarFeed
from roles.audit import record
from roles.models import Member, Organization
from roles.models.access import digest
from roles.permissions import allowed
from roles.tenancy import active_organization


@allowed("content.read")
def make_calendar_feed(member: Member, /, *, by: Member | None, at: datetime) -> str:
    """Give what one has planned or written a new address and return its key, shown this once; the former one ends."""
    return _make(member, by=by, at=at)


@allowed("content.read")
def revoke_calendar_feed(member: Member, /, *, by: Member | None, at: datetime) -> None:
    """End one's own address at once."""
    _revoke(member, by=by, at=at)


@allowed("content.manage_campaigns")
def make_shared_feed(_organization: Organization, /, *, by: Member | None, at: datetime) -> str:
    """Give the whole calendar a new address and return its key, shown this once; the former one ends."""
    return _make(None, by=by, at=at)


@allowed("content.manage_campaigns")
def revoke_shared_feed(_organization: Organization, /, *, by: Member | None, at: datetime) -> None:
    """End the address of the whole calendar at once."""
    _revoke(None, by=by, at=at)


@transaction.atomic
def _make(member: Member | None, *, by: Member | None, at: datetime) -> str:
    row, key = _held(member, at=at), secrets.token_urlsafe(24)
    row.feed_digest, row.made_at, row.made_by = digest(key), at, by
    row.save(update_fields=["feed_digest", "made_at", "made_by"])
    record("make_calendar_feed" if member else "make_shared_feed", row, by=by, at=at)
    return key


@transaction.atomic
def _revoke(member: Member | None, *, by: Member | None, at: datetime) -> None:
    row = _held(member, at=at)
    if row.feed_digest:
        row.feed_digest = ""
        row.save(update_fields=["feed_digest"])
        record("revoke_calendar_feed" if member else "revoke_shared_feed", row, by=by, at=at)


def _held(member: Member | None, *, at: datetime) -> CalendarFeed:
    Organization.objects.select_for_update(no_key=True, of=("self",)).get(pk=active_organization().pk)
    rows = CalendarFeed.objects.filter(member=member)
    return rows.first() or CalendarFeed.objects.create(member=member, made_at=at)
