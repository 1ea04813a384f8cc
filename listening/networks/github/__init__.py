"""GitHub: what is said to the account, and issues in one repository or by words. They are read, never written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from listening.networks.connecting import Connected
from listening.networks.github import connecting, notified, reading
from listening.networks.protocols import Access, Cursor, Page, RemotePost


class GitHub:
    """Connects with a token, reads issues and comments, and reads known ones again."""

    name = "github"
    label = "GitHub"
    icon = "code-bracket"
    places = reading.WRITTEN
    ids_within: Literal["network", "source"] = "network"
    poll_floor_seconds = 120
    offer = connecting.OFFER

    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected:
        """Connect with a token."""
        return connecting.connect(access, filled)

    def check(self, access: Access) -> Connected:
        """Ask whether the token still works."""
        return connecting.check(access)

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]:
        """Offer what is said to the account."""
        return connecting.offered_places(access)

    def check_place(self, place: str) -> str:
        """Return a place as it is kept; raise ValueError with what is wrong about it."""
        return reading.check_place(place)

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read what is new or changed at a place."""
        if place.startswith("mentions"):
            return await notified.read(access, reading.token_of(access), place, reading.known(since, place))
        return await reading.read(access, place, since)

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
        """Read known issues and comments again."""
        return reading.revisit(access, ids)


network = GitHub()
