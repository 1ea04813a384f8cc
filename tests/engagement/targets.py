"""A week with office hours, and what is promised in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engagement.actions import targets as actions
from engagement.models import ResponseTarget
from tests.cast import Cast

WEEK: list[Any] = [((540, 1080),)] * 5 + [(), ()]
# Friday 27 November 2026; Monday is the 30th.
FRIDAY = datetime(2026, 11, 27, tzinfo=UTC)


def on(day: int, time: str) -> datetime:
    """A moment of the week that begins on that Friday: 0 is Friday, 3 is Monday."""
    hours, minutes = map(int, time.split(":"))
    return FRIDAY + timedelta(days=day, hours=hours, minutes=minutes)


def target(acme: Cast, **fields: Any) -> ResponseTarget:
    said: dict[str, Any] = {
        "first_response_minutes": 240,
        "is_default": True,
        "by": acme.carla,
        "at": on(-9, "9:00"),
        **fields,
    }
    return actions.add_target(
        acme.organization, name=fields.pop("name", "Standard"), **{k: v for k, v in said.items() if k != "name"}
    )
