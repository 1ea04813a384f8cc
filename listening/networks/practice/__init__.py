"""The practice field: a network that lives inside the installation, reached through a door instead of the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from listening.networks.practice.client import find_piece, find_reply, publish, read, reply, results_of, words_of
from listening.networks.practice.parse import POST_LIMIT, count, spans
from listening.networks.protocols import Accepted, Access, Cursor, Limits, OutgoingReply, Page, Results
from listening.networks.publishing import OutgoingPiece, PieceForm, Span
from listening.networks.words import _


class PracticeField:
    """Reads, replies, publishes, looks again, counts and tells results, as any public network does."""

    name = "practice"
    label = _("Practice field")
    icon = "trophy"
    places = _("the word “everything”")
    ids_within: Literal["network", "source"] = "network"
    # What is said here is practice: figures show it apart.
    rehearsal = True
    # It is ours: nobody is burdened when it is read often.
    poll_floor_seconds = 5

    def check_place(self, place: str) -> str:
        """Accept the one place that there is: the whole field."""
        if place.strip().lower() not in {"", "everything"}:
            raise ValueError(_("The practice field has one place to listen to: write “everything”."))
        return "everything"

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read what changed since the cursor's number."""
        return await read(access, since)

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        """Answer a post; the same key again gives the first answer's post."""
        return reply(access, outgoing)

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        """Look for the reply with this key."""
        return find_reply(access, outgoing)

    def publish(self, access: Access, piece: OutgoingPiece) -> Accepted:
        """Publish a piece as a post of ours; the same key again gives the first one's post."""
        return publish(access, piece)

    def find_piece(self, access: Access, piece: OutgoingPiece) -> Accepted | None:
        """Look for the post with this key."""
        return find_piece(access, piece)

    def results_of(self, access: Access, ids: Sequence[str]) -> Mapping[str, Results]:
        """Count the answers; nobody likes or passes on here."""
        return results_of(access, ids)

    def count(self, text: str, facts: Mapping[str, Any]) -> int:
        """Count what a reader would call characters."""
        return count(text)

    def limits(self, facts: Mapping[str, Any]) -> Limits:
        """A post may be 500 characters long."""
        return Limits(text=POST_LIMIT)

    def piece_form(self, facts: Mapping[str, Any]) -> PieceForm:
        """A short post of words, which everybody on the field reads."""
        return PieceForm(limits=self.limits(facts), warning="in_text", visibilities=("public",), most_media=0)

    def piece_words(self, piece: OutgoingPiece) -> str:
        """What it warns of, title, words, link and hashtags are one text."""
        return words_of(piece)

    def piece_spans(self, text: str) -> Sequence[Span]:
        """Links, handles and hashtags."""
        return spans(text)


network = PracticeField()
