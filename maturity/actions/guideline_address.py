"""Let anybody read the guidelines at an address that nobody can guess, and revoke it."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from maturity.models import GuidelineAddress
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed


@allowed("maturity.publish_guidelines")
@transaction.atomic
def publish_guidelines(organization: Organization, /, *, by: Member | None, at: datetime) -> GuidelineAddress:
    """Open an address; where one is open already, that is it."""
    fresh = GuidelineAddress(token=secrets.token_urlsafe(24), opened_at=at, opened_by=by)
    GuidelineAddress.objects.bulk_create([fresh], ignore_conflicts=True)
    row: GuidelineAddress = GuidelineAddress.objects.get(revoked_at=None)
    if row.token == fresh.token:
        record("publish_guidelines", row, by=by, at=at)
    return row


@allowed("maturity.publish_guidelines")
@transaction.atomic
def unpublish_guidelines(address: GuidelineAddress, *, by: Member | None, at: datetime) -> GuidelineAddress:
    """Revoke an address: it opens nothing any more, and the next one is another."""
    row = GuidelineAddress.objects.select_for_update(of=("self",)).get(pk=address.pk)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = at, by
        row.save(update_fields=["revoked_at", "revoked_by"])
        record("unpublish_guidelines", row, by=by, at=at)
    return row
