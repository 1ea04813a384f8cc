"""Mastodon, and every server that speaks its API: GoToSocial, Pleroma, Akkoma, snac, Hollo, Pixelfed and others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal

from listening.networks.answers import number
from listening.networks.connecting import Begun, Connected
from listening.networks.mastodon import connecting, counting, places, publishing, reading, replying, revisiting
from listening.networks.mastodon.hints import hints
from listening.networks.protocols import Accepted, Access, Cursor, Limits, OutgoingReply, Page, RemotePost, Results
from listening.networks.publishing import OutgoingPiece, PieceForm, Span


class Mastodon:
    """Connects, listens, answers, publishes, and follows edits, deletions and results."""

    name = "mastodon"
    label = "Mastodon"
    icon = "megaphone"
    places = places.WRITTEN
    ids_within: Literal["network", "source"] = "network"
    poll_floor_seconds = 60
    offer = connecting.OFFER

    def begin(self, access: Access, way: str, filled: Mapping[str, str], back: str) -> Begun:
        """Register at the server and send the person there."""
        return connecting.begin(access, filled, back)

    def finish(self, access: Access, way: str, kept: Mapping[str, str], answer: Mapping[str, str]) -> Connected:
        """Take what the person came back with for an access token."""
        return connecting.finish(access, kept, answer)

    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected:
        """Connect with an access token."""
        return connecting.connect(access, filled)

    def check(self, access: Access) -> Connected:
        """Ask who we are there, and what the server is like now."""
        return connecting.check(access)

    def renew(self, access: Access) -> Connected:
        """Take a new token, where tokens run out."""
        return connecting.renew(access)

    def disconnect(self, access: Access) -> None:
        """Have the server forget the token."""
        connecting.disconnect(access)

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]:
        """Offer the mentions of the account and its lists."""
        return connecting.offered_places(access)

    def check_place(self, place: str) -> str:
        """Return a place as it is kept; raise ValueError with what is wrong about it."""
        return places.check_place(place)

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read what is new at a place."""
        return await reading.read(access, place, since)

    def hints(self, access: Access, place: str) -> AsyncIterator[None]:
        """Give a sign for every event of a place."""
        return hints(access, place)

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
        """Read posts and their threads again."""
        return revisiting.revisit(access, ids)

    def results_of(self, access: Access, ids: Sequence[str]) -> Mapping[str, Results]:
        """Say how often posts were liked, passed on and answered."""
        return revisiting.results_of(access, ids)

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        """Answer a post under the reply's key, to no more people than it was said to."""
        return replying.reply(access, outgoing)

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        """Look for the reply among what the account wrote since."""
        return replying.find_reply(access, outgoing)

    def publish(self, access: Access, piece: OutgoingPiece) -> Accepted:
        """Publish a piece under its key."""
        return publishing.publish(access, piece)

    def find_piece(self, access: Access, piece: OutgoingPiece) -> Accepted | None:
        """Look for the piece among what is planned and what the account wrote since."""
        return publishing.find_piece(access, piece)

    def withdraw(self, access: Access, remote_id: str) -> None:
        """Take a post back."""
        publishing.withdraw(access, remote_id)

    def count(self, text: str, facts: Mapping[str, Any]) -> int:
        """Count as a server counts: links as 23 letters, people without their server."""
        return counting.count(text, link=number(facts, "link_length") or counting.LINK_LENGTH)

    def limits(self, facts: Mapping[str, Any]) -> Limits:
        """Most servers take 500; what this one takes it told when it was connected, and tells again."""
        link = number(facts, "link_length") or counting.LINK_LENGTH
        return Limits(text=number(facts, "max_characters") or counting.TEXT_LIMIT, link=link, short_people=True)

    def piece_form(self, facts: Mapping[str, Any]) -> PieceForm:
        """A short post, as long and with as many pictures as the server says."""
        return publishing.piece_form(facts, self.limits(facts))

    def piece_words(self, piece: OutgoingPiece) -> str:
        """Title, words, link and hashtags are one text; the warning is counted with it."""
        return f"{piece.warning}{publishing.words_of_piece(piece)}"

    def piece_spans(self, text: str) -> Sequence[Span]:
        """Links, people and hashtags as a server marks them."""
        return counting.spans(text)


network = Mastodon()
