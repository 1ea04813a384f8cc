"""YouTube: comments below the videos of a channel, or below one video, read with a key; uploads by their feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from listening.networks.connecting import Connected
from listening.networks.limits import Quota
from listening.networks.protocols import Access, Cursor, Page, RemotePost, Results
from listening.networks.youtube import connecting, reading


class YouTube:
    """Connects with a key, reads comments and uploads, and follows edits and deletions."""

    name = "youtube"
    label = "YouTube"
    icon = "play-circle"
    places = reading.WRITTEN
    ids_within: Literal["network", "source"] = "network"
    poll_floor_seconds = 300
    offer = connecting.OFFER
    # Units a day, which no header tells.
    quotas: ClassVar[Mapping[str, Quota]] = {"": Quota(10_000, zone=reading.ZONE)}

    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected:
        """Connect with a key."""
        return connecting.connect(access, filled)

    def check(self, access: Access) -> Connected:
        """Ask whether the key still works."""
        return connecting.check(access)

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]:
        """Offer the comments and the uploads of the channel."""
        return connecting.offered_places(access)

    def check_place(self, place: str) -> str:
        """Return a place as it is kept; raise ValueError with what is wrong about it."""
        return reading.check_place(place)

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read what is new at a place."""
        return await reading.read(access, place, since)

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
        """Read known comments again."""
        return reading.revisit(access, ids)

    def results_of(self, access: Access, ids: Sequence[str]) -> Mapping[str, Results]:
        """Say how often comments were liked."""
        return reading.results_of(access, ids)


network = YouTube()
