"""The two changes of the clocks of a year, and what clocks show around them, reckoned otherwise than the house does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Change:
    """A change of the clocks: when, and how far each zone is ahead of UTC before and after it, in hours."""

    name: str
    at: datetime
    zones: Mapping[str, tuple[float, float]]

    def walls(self, count: int) -> Iterable[tuple[str, datetime, datetime]]:
        """Zone, what its clocks show, and which moment that is: from an hour before to an hour and a half after."""
        names = sorted(self.zones)
        for number in range(count):
            zone = names[number % len(names)]
            before, after = (timedelta(hours=hours) for hours in self.zones[zone])
            wall = self.at + before + timedelta(minutes=number * 37 % 150 - 60)
            yield zone, wall.replace(tzinfo=None), self._moment(wall, before, after)

    def _moment(self, wall: datetime, before: timedelta, after: timedelta) -> datetime:
        """The first moment at which a clock shows a time, reckoned otherwise than the house does."""
        if wall - before < self.at:
            return wall - before
        return max(wall - after, self.at)


CHANGES = (
    Change(
        "the clocks go forward", datetime(2026, 3, 29, 1, tzinfo=UTC),
        {"Europe/Berlin": (1, 2), "Europe/London": (0, 1), "Europe/Helsinki": (2, 3), "Asia/Kolkata": (5.5, 5.5)},
    ),
    Change(
        "the clocks go back", datetime(2026, 10, 25, 1, tzinfo=UTC),
        {"Europe/Berlin": (2, 1), "Europe/London": (1, 0), "Europe/Helsinki": (3, 2), "Asia/Kolkata": (5.5, 5.5)},
    ),
)  # fmt: skip
