"""X, with keys of one's own and at one's own cost: what is said to the account, and answers to those who said it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from listening.networks.connecting import Connected
from listening.networks.protocols import Accepted, Access, Cursor, Limits, OutgoingReply, Page, Price, RemotePost
from listening.networks.x import connecting, lengths, prices, reading, replying


class X:
    """Connects with keys, reads mentions, answers them, follows edits and deletions, and says what each costs."""

    name = "x"
    label = "X"
    icon = "at-symbol"
    places = reading.WRITTEN
    ids_within: Literal["network", "source"] = "network"
    poll_floor_seconds = 120
    answers_who_speaks_to_us = True
    offer = connecting.OFFER

    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected:
        """Connect with keys."""
        return connecting.connect(access, way, filled)

    def check(self, access: Access) -> Connected:
        """Ask who we are there."""
        return connecting.check(access)

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]:
        """Offer the mentions of the account."""
        return connecting.offered_places(access)

    def check_place(self, place: str) -> str:
        """Return a place as it is kept; raise ValueError with what is wrong about it."""
        return reading.check_place(place)

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read what is new at a place."""
        return await reading.read(access, place, since)

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
        """Read posts again."""
        return reading.revisit(access, ids)

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        """Answer a post."""
        return replying.reply(access, outgoing)

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        """Look for the reply among our own posts."""
        return replying.find_reply(access, outgoing)

    def prices(self, facts: Mapping[str, Any]) -> Sequence[Price]:
        """All prices."""
        return prices.listed(facts)

    def price_of_reply(self, text: str, facts: Mapping[str, Any]) -> Price:
        """What an answer costs: twenty times as much with a link in it."""
        return prices.of_reply(text)

    def count(self, text: str, facts: Mapping[str, Any]) -> int:
        """Count as X weighs."""
        return lengths.weighed(text)

    def limits(self, facts: Mapping[str, Any]) -> Limits:
        """280, where links count 23 and wide signs two."""
        return Limits(text=lengths.MOST, link=lengths.LINK, unit="weighted")


network = X()
