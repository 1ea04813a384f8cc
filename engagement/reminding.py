"""Who is told by mail that a reply waits for them."""

from __future__ import annotations

from datetime import datetime

from engagement.mailing import remind_of_delivery
from engagement.outbox import replies_out
from listening.way_out import reminding


def remind(*, at: datetime) -> int:
    """Write to the owner of each reply that has waited for a person too long; returns how many were told."""
    return reminding.remind(replies_out, write=lambda row, owner: remind_of_delivery(row, owner, at=at), at=at)
