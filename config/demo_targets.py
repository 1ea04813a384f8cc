"""The business hours of the demo organization, and what it promises."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engagement.actions.targets import add_target
from roles.actions import calendars
from roles.models import Member, Organization

WEEK = [((9 * 60, 18 * 60),)] * 5 + [(), ()]
# The same date every year.
HOLIDAYS = (
    ("New Year's Day", 1, 1),
    ("King's Day", 4, 27),
    ("Christmas Day", 12, 25),
    ("Second Christmas Day", 12, 26),
)


def promise(organization: Organization, *, by: Member, at: datetime) -> None:
    """Set the hours of the shop, a few holidays, and one target for everything."""
    acting: dict[str, Any] = {"by": by, "at": at}
    office = calendars.add_calendar(
        organization, name="Shop and office", time_zone=organization.time_zone, week=WEEK, **acting
    )
    for name, month, day in HOLIDAYS:
        calendars.add_holiday(office, name=name, day=date(at.year, month, day), is_yearly=True, **acting)
    calendars.add_holiday(
        office, name="Closing early", day=date(at.year, 12, 24), is_yearly=True, hours=((9 * 60, 13 * 60),), **acting
    )
    add_target(
        organization, name="Our word", first_response_minutes=240, next_response_minutes=120,
        resolution_minutes=18 * 60, is_default=True, **acting,
    )  # fmt: skip
