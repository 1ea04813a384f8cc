"""Reddit, by the feeds that it gives each of its members: subreddits, comments, searches, and one's own inbox.

It is read only: keys for its interface are given by its own approval, and none is needed for a feed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from listening.networks.connecting import Connected
from listening.networks.protocols import Access, Cursor, Page
from listening.networks.reddit import connecting, reading


class Reddit:
    """Connects with a member's feed token, and reads feeds."""

    name = "reddit"
    label = "Reddit"
    icon = "chat-bubble-left-ellipsis"
    places = reading.WRITTEN
    ids_within: Literal["network", "source"] = "network"
    offer = connecting.OFFER

    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected:
        """Connect with a feed token."""
        return connecting.connect(access, filled)

    def check(self, access: Access) -> Connected:
        """Ask whether the feed token still works."""
        return connecting.check(access)

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]:
        """Offer the member's own inbox, where answers and mentions arrive."""
        return connecting.offered_places(access)

    def check_place(self, place: str) -> str:
        """Return a place as it is kept; raise ValueError with what is wrong about it."""
        return reading.check_place(place)

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read what is new at a place."""
        return await reading.read(access, place, since)


network = Reddit()
