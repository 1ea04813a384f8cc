"""What Bluesky can do, as the house asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from listening.networks.bluesky import connect, jetstream, reading, revisiting, writing
from listening.networks.bluesky.client import Server, own_server
from listening.networks.bluesky.facets import spans
from listening.networks.bluesky.identity import Directories, account_name
from listening.networks.bluesky.lengths import MOST_BYTES, MOST_GRAPHEMES, graphemes
from listening.networks.bluesky.words import PREFIX, words_in, words_of
from listening.networks.calling import at_once, waiting
from listening.networks.connecting import Begun, Connected, Offer
from listening.networks.protocols import (
    Accepted,
    Access,
    Cursor,
    Limits,
    OutgoingReply,
    Page,
    Refused,
    RemotePost,
    Results,
)
from listening.networks.publishing import OutgoingPiece, PieceForm, Span
from listening.networks.words import _

NOTIFICATIONS = "notifications"


class Bluesky:
    """Connects, reads, replies, publishes, and looks again; `directories` says which network it is."""

    name = "bluesky"
    label = "Bluesky"
    icon = "cloud"
    places = _("“notifications”, @a.handle for what an account writes, or “words: acme, acme phone”")
    ids_within: Literal["network", "source"] = "network"
    # Whoever asks for help is not to wait until the rhythm of a quiet account comes round.
    poll_floor_seconds = 60
    offer: Offer = connect.OFFER

    def __init__(self, directories: Directories | None = None) -> None:
        self.directories = directories or Directories()

    def check_place(self, place: str) -> str:
        """Return the place written out in full, or raise ValueError with what is wrong about it."""
        text = " ".join(place.split())
        if not text:
            raise ValueError(
                _("Write “notifications”, a handle such as @acme.bsky.social, or “words: acme, acme phone”.")
            )
        if text.lower().startswith(PREFIX):
            return f"{PREFIX} {', '.join(words_in(text))}"
        first, _of, of = text.partition(" of ")
        if first.lower() == NOTIFICATIONS:
            return f"{NOTIFICATIONS} of @{account_name(of)}" if of else NOTIFICATIONS
        name = account_name(text)
        return name if name.startswith("did:") else f"@{name}"

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read who spoke to the account, what somebody wrote, or where a word was said."""
        server = own_server(access)
        if place.startswith(PREFIX):
            stream, words = self.directories.jetstream, words_of(place)
            # A client that counts calls has the plain one within: to listen is no call of a limit.
            http = getattr(access.http, "http", access.http)
            return await jetstream.listen(http, stream, server, words, since, at=datetime.now(UTC))
        if place.partition(" ")[0] == NOTIFICATIONS:
            if not access.credentials:
                raise Refused(_("Notifications are those of a connected account. Connect one."))
            return await reading.read_notifications(server, access.account.id, since)
        return await reading.read_author(server, place.removeprefix("@"), since)

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]:
        """Offer what is said to the account, and what it says itself."""
        handle = access.account.handle
        return (
            (
                f"{NOTIFICATIONS} of @{handle}",
                _("What is said to @%(handle)s: mentions, answers, quotes", handle=handle),
            ),
            (f"@{handle}", _("What @%(handle)s writes", handle=handle)),
        )

    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected:
        """Connect with an app password."""
        return at_once(connect.connect(waiting(access), self.directories, filled))

    def check(self, access: Access) -> Connected:
        """Ask whether the credentials still work."""
        return at_once(connect.check(own_server(access, send=waiting(access))))

    def renew(self, access: Access) -> Connected:
        """Renew the session or the tokens."""
        if access.credentials.get("kind") == "oauth":
            from listening.networks.bluesky import oauth

            return at_once(oauth.renew(access, waiting(access)))
        return at_once(connect.renew(own_server(access, send=waiting(access))))

    def disconnect(self, access: Access) -> None:
        """End the session, or give the tokens back."""
        if access.credentials.get("kind") == "oauth":
            from listening.networks.bluesky import oauth

            at_once(oauth.end(access, waiting(access)))
        else:
            at_once(connect.end(own_server(access, send=waiting(access))))

    def begin(self, access: Access, way: str, filled: Mapping[str, str], back: str) -> Begun:
        """Send the person to the account's server."""
        from listening.networks.bluesky import oauth

        return at_once(oauth.begin(access, waiting(access), self.directories, filled, back))

    def finish(self, access: Access, way: str, kept: Mapping[str, str], answer: Mapping[str, str]) -> Connected:
        """Connect the account whose owner said yes."""
        from listening.networks.bluesky import oauth

        return at_once(oauth.finish(access, waiting(access), self.directories, kept, answer))

    def document(self, access: Access, name: str) -> Mapping[str, Any] | None:
        """Show who we are, and the keys that we sign with."""
        from listening.networks.bluesky import oauth

        return oauth.document(access, name)

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        """Answer a post; the same reply again is the same record."""
        return at_once(writing.reply(self._speaking(access), self.directories, access.account.id, outgoing))

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        """Look whether the reply's record is there."""
        return at_once(writing.find(self._speaking(access), access.account.id, outgoing))

    def publish(self, access: Access, piece: OutgoingPiece) -> Accepted:
        """Publish a piece; the same piece again is the same record."""
        return at_once(writing.publish(self._speaking(access), access.account.id, piece))

    def find_piece(self, access: Access, piece: OutgoingPiece) -> Accepted | None:
        """Look whether the piece's record is there."""
        return at_once(writing.find(self._speaking(access), access.account.id, piece))

    def withdraw(self, access: Access, remote_id: str) -> None:
        """Delete a post of ours."""
        at_once(writing.withdraw(self._speaking(access), access.account.id, remote_id))

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
        """Read posts and their threads again."""
        return at_once(revisiting.revisit(own_server(access, send=waiting(access)), self.directories, ids))

    def results_of(self, access: Access, ids: Sequence[str]) -> Mapping[str, Results]:
        """Count likes, reposts and answers."""
        return at_once(revisiting.results_of(own_server(access, send=waiting(access)), ids))

    def count(self, text: str, facts: Mapping[str, Any]) -> int:
        """Count what readers see as characters."""
        return graphemes(text)

    def limits(self, facts: Mapping[str, Any]) -> Limits:
        """A post takes 300 characters and 3,000 bytes."""
        return Limits(text=MOST_GRAPHEMES, bytes=MOST_BYTES)

    def piece_form(self, facts: Mapping[str, Any]) -> PieceForm:
        """A short post: pictures or the card of a link, and nothing but public."""
        return PieceForm(
            limits=self.limits(facts), title="card", visibilities=("public",), most_tags=writing.MOST_TAGS,
            most_media=writing.MOST_PICTURES, media_types=("image/",), largest_image=writing.LARGEST_PICTURE,
            has_card=True, refuses_card_with_media=True,
        )  # fmt: skip

    def piece_words(self, piece: OutgoingPiece) -> str:
        """Link and tags stand beside the text."""
        return piece.text

    def piece_spans(self, text: str) -> Sequence[Span]:
        """Links, mentions and hashtags as they are marked when it goes out."""
        return spans(text)

    def _speaking(self, access: Access) -> Server:
        if not access.credentials or not access.account.id:
            raise Refused(_("No account is connected from which to speak."))
        return own_server(access, send=waiting(access))
