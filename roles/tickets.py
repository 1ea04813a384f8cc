"""Tickets by which a page follows its organization's events; the event stream knows them without loading any model."""

from __future__ import annotations

from datetime import datetime

from django.core import signing

SALT = "touchline.events"
TICKET_SECONDS = 12 * 3600


def ticket(member_id: int, organization_id: int, *, at: datetime) -> str:
    """Return a signed, expiring ticket that lets a page, drawn at a moment, follow its organization's events."""
    return signing.dumps([organization_id, member_id, int(at.timestamp())], salt=SALT)


def read_ticket(value: str) -> tuple[int, int, int]:
    """Return (organization, member, seconds since 1970 when the page was drawn); raises signing.BadSignature."""
    organization_id, member_id, drawn = signing.loads(value, salt=SALT, max_age=TICKET_SECONDS)
    return int(organization_id), int(member_id), int(drawn)
