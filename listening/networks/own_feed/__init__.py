"""Feeds of our own: what the organization publishes for readers of feeds, kept behind a door of the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from listening.networks.protocols import Accepted, Access, Refused
from listening.networks.publishing import OutgoingPiece, PieceForm, Span
from listening.networks.words import _

LONGEST_TITLE = 300


class Door(Protocol):
    """What the installation offers: entries of the active organization's feeds, each once by its key; (id, address)."""

    def publish(self, feed: str, piece: OutgoingPiece) -> tuple[str, str]: ...

    def find(self, feed: str, key: str) -> tuple[str, str] | None: ...

    def withdraw(self, feed: str, remote_id: str) -> None: ...


class OwnFeed:
    """Publishes entries, finds them again and takes them back."""

    name = "own-feed"
    label = _("Own feed")
    icon = "rss"
    places = ""
    ids_within: Literal["network", "source"] = "network"
    # Made on the page of our channels, where it gets its address.
    is_made_apart = True

    def check_place(self, place: str) -> str:
        """Refuse: what we say ourselves is not listened to here."""
        raise ValueError(_("This is what you publish. To listen to a feed, choose “Feed”."))

    def publish(self, access: Access, piece: OutgoingPiece) -> Accepted:
        """Put a piece into the feed; the same key again is the same entry."""
        if not (piece.title.strip() or piece.text.strip() or piece.link):
            raise Refused(_("An empty entry cannot be published."))
        if len(piece.title) > LONGEST_TITLE:
            raise Refused(_("A title may be %(longest)s characters long here.", longest=LONGEST_TITLE))
        if piece.link and not piece.link.startswith(("https://", "http://")):
            raise Refused(_("A link begins with https://."))
        if piece.media:
            raise Refused(_("Entries of this feed carry words and links only. Leave pictures and films away."))
        if piece.visibility not in {"", "public"}:
            raise Refused(_("Everything in this feed is public."))
        if piece.is_draft or piece.begins_at:
            raise Refused(_("What stands in this feed stands there at once."))
        return Accepted(*_door(access).publish(access.account.id, piece))

    def find_piece(self, access: Access, piece: OutgoingPiece) -> Accepted | None:
        """Look for the entry with this key."""
        found = _door(access).find(access.account.id, piece.key)
        return Accepted(*found) if found else None

    def withdraw(self, access: Access, remote_id: str) -> None:
        """Take an entry out of the feed."""
        _door(access).withdraw(access.account.id, remote_id)

    def piece_form(self, facts: Mapping[str, Any]) -> PieceForm:
        """An entry: a title, Markdown, a link, tags, and nothing but public."""
        return PieceForm(
            look="feed", is_markdown=True, warning="in_text", longest_title=LONGEST_TITLE, visibilities=("public",),
            most_media=0,
        )  # fmt: skip

    def piece_words(self, piece: OutgoingPiece) -> str:
        """The link stands beside the words."""
        return piece.text

    def piece_spans(self, text: str) -> Sequence[Span]:
        """What is drawn from Markdown needs no marks of ours."""
        return ()


def _door(access: Access) -> Door:
    door: Door | None = access.doors.get("own-feed")
    if door is None:
        raise Refused(_("Feeds of our own cannot be reached from here."))
    return door


network = OwnFeed()
