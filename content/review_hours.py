"""When a step of a review is due and its people are reminded: in the business hours of where the piece belongs."""

from __future__ import annotations

from datetime import datetime

from content.models import Piece, ReviewStep
from roles import clock
from roles.business_hours import Calendars

# Whoever has not decided is reminded when so much of the time is over.
REMINDED_AFTER = 0.75


def due_of(step: ReviewStep, piece: Piece, *, calendars: Calendars | None = None) -> datetime:
    """Return when the time that its policy gives a step is over; where there are business hours, no night counts."""
    return _after(step, piece, step.hours, calendars)


def reminds_of(step: ReviewStep, piece: Piece, *, calendars: Calendars | None = None) -> datetime:
    """Return when those who have not decided a step are reminded."""
    return _after(step, piece, step.hours * REMINDED_AFTER, calendars)


def _after(step: ReviewStep, piece: Piece, hours: float, calendars: Calendars | None) -> datetime:
    assert step.asked_at is not None
    counted = (calendars or Calendars()).hours_from(step.asked_at, piece.department_id)
    return clock.due(step.asked_at, hours * 60, hours=counted)
