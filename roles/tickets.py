"""Tickets by which a page follows its organization's events; the event stream knows them without loading any model."""

from __future__ import annotations

from django.core import signing

SALT = "touchline.events"
TICKET_SECONDS = 12 * 3600


def ticket(member_id: int, organization_id: int) -> str:
    """Return a signed, expiring ticket that lets a page follow its organization's events."""
    return signing.dumps([organization_id, member_id], salt=SALT)


def read_ticket(value: str) -> tuple[int, int]:
    """Return (organization, member) of a ticket; raises django.core.signing.BadSignature."""
    organization_id, member_id = signing.loads(value, salt=SALT, max_age=TICKET_SECONDS)
    return int(organization_id), int(member_id)
