"""Discourse, the forum: its posts, topics and searches; answers, and new topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from listening.networks.answers import number
from listening.networks.connecting import Connected
from listening.networks.discourse import connecting, pushed, reading, replying
from listening.networks.protocols import Accepted, Access, Cursor, Limits, OutgoingReply, Page, RemotePost, Results
from listening.networks.publishing import OutgoingPiece, PieceForm, Span
from listening.networks.pushes import Push


class Discourse:
    """Connects with a key, listens, answers, begins topics, and follows edits, deletions and results."""

    name = "discourse"
    label = "Discourse"
    icon = "chat-bubble-left-right"
    places = reading.WRITTEN
    ids_within: Literal["network", "source"] = "network"
    poll_floor_seconds = 120
    offer = connecting.OFFER

    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected:
        """Connect with a key."""
        return connecting.connect(access, filled)

    def check(self, access: Access) -> Connected:
        """Ask who we are there, and what the forum is like now."""
        return connecting.check(access)

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]:
        """Offer what is said to the account, and all that is said in the forum."""
        return connecting.offered_places(access)

    def check_place(self, place: str) -> str:
        """Return a place as it is kept; raise ValueError with what is wrong about it."""
        return reading.check_place(place)

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read what is new at a place."""
        return await reading.read(access, place, since)

    def push_steps(self, place: str) -> Sequence[str]:
        """How a forum is made to tell what happens: it tells of all posts, to whoever listens to all."""
        return pushed.STEPS if place.startswith("everything") else ()

    def is_signed_push(self, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether the forum sent this."""
        return pushed.is_signed(secret, headers, body)

    def push_of(self, headers: Mapping[str, str]) -> Push:
        """Read which event a push tells of."""
        return pushed.push_of(headers)

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
        """Read posts again."""
        return replying.revisit(access, ids)

    def results_of(self, access: Access, ids: Sequence[str]) -> Mapping[str, Results]:
        """Say how often posts were liked and answered."""
        return replying.results_of(access, ids)

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        """Answer a post in its topic."""
        return replying.reply(access, outgoing)

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        """Look for the reply in the topic."""
        return replying.find_reply(access, outgoing)

    def publish(self, access: Access, piece: OutgoingPiece) -> Accepted:
        """Begin a topic under the piece's key."""
        return replying.publish(access, piece)

    def find_piece(self, access: Access, piece: OutgoingPiece) -> Accepted | None:
        """Look for the topic with the piece's key."""
        return replying.find_piece(access, piece)

    def withdraw(self, access: Access, remote_id: str) -> None:
        """Delete a post of ours."""
        replying.withdraw(access, remote_id)

    def count(self, text: str, facts: Mapping[str, Any]) -> int:
        """Count letters."""
        return len(text)

    def limits(self, facts: Mapping[str, Any]) -> Limits:
        """Most forums take 20 to 32,000; what this one takes it told when it was connected, and tells again."""
        longest = number(facts, "longest") or connecting.TEXT_LIMIT
        return Limits(text=longest, least=number(facts, "shortest") or connecting.SHORTEST)

    def piece_form(self, facts: Mapping[str, Any]) -> PieceForm:
        """A topic: a title, one category, tags, and Markdown."""
        return replying.piece_form(facts, self.limits(facts))

    def piece_words(self, piece: OutgoingPiece) -> str:
        """The words with the link below them."""
        return replying.words_of_piece(piece)

    def piece_spans(self, text: str) -> Sequence[Span]:
        """What is drawn from Markdown needs no marks of ours."""
        return ()


network = Discourse()
