"""Times across zones and changes of the clock, from the answer itself to the figure, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engagement.models import Assignment, Reply
from engagement.outcomes import accepted
from measurement.actions import refresh_rollups
from measurement.measuring import values_of
from measurement.selecting import Selection
from measurement.windows import Window
from roles.actions import calendars
from tests import factories
from tests.cast import Cast

NINE_TO_FIVE: list[Any] = [((540, 1020),)] * 5 + [(), ()]
NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
HOUR = 3600


@pytest.mark.parametrize(
    ("captured", "answered", "wall", "open_hours"),
    [
        # Friday four in the afternoon to Monday ten; on Sunday an hour is left out: 65 hours, 1 + 1 of them open.
        (datetime(2026, 3, 6, 16, tzinfo=NEW_YORK), datetime(2026, 3, 9, 10, tzinfo=NEW_YORK), 65, 2),
        # The same weekend in autumn, when an hour comes twice: 67 hours.
        (datetime(2026, 10, 30, 16, tzinfo=NEW_YORK), datetime(2026, 11, 2, 10, tzinfo=NEW_YORK), 67, 2),
        # The day after Berlin has changed: when it is open is a matter of the department's clock alone.
        (datetime(2026, 3, 30, 9, tzinfo=BERLIN), datetime(2026, 3, 30, 20, tzinfo=BERLIN), 11, 5),
    ],
)
def test_a_wait_is_counted_by_the_clock_of_the_department(
    acme: Cast, captured: datetime, answered: datetime, wall: float, open_hours: float
) -> None:
    acme.organization.time_zone = "Europe/Berlin"
    acme.organization.save()
    calendars.add_calendar(
        acme.organization, name="New York", time_zone="America/New_York", week=NINE_TO_FIVE, is_default=True, by=None,
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    at = captured.astimezone(UTC)
    mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
    row = factories.assignment(department=acme.care, mention=mention, at=at)
    refresh_rollups(at=at)
    reply = Reply.objects.create(
        assignment=row, post=mention.post, channel=factories.channel(), by=acme.rosa, text="Yes", key="k",
        state="sending", written_at=at, next_attempt_at=at,
    )  # fmt: skip
    end = answered.astimezone(UTC)
    accepted(reply, remote_id="", remote_url="", at=end, looks_left=False)
    refresh_rollups(at=end)
    day = at.astimezone(BERLIN).date()
    found = values_of(Selection(Window(day, day, BERLIN)), at=end)
    assert Assignment.objects.get().answered_in_seconds == open_hours * HOUR
    assert found["first_response_median"] == pytest.approx(wall * HOUR, rel=0.05)
    assert found["business_response_median"] == pytest.approx(open_hours * HOUR, rel=0.05)
    assert found["resolution_median"] == pytest.approx(wall * HOUR, rel=0.05)
    assert found["backlog_at_end"] == (0 if end - at < timedelta(hours=20) else 1)
