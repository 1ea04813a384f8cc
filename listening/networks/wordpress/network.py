"""What a WordPress site can do, as the house asks for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from listening.networks.calling import at_once, waiting
from listening.networks.connecting import Connected, Offer
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
from listening.networks.wordpress import connect, reading, writing
from listening.networks.wordpress.client import site_of
from listening.networks.words import _

COMMENTS = "comments"


class WordPress:
    """Connects, reads comments, answers them, publishes posts, and looks again."""

    name = "wordpress"
    label = "WordPress"
    icon = "chat-bubble-left-right"
    places = _("“comments”, which are those on the connected site")
    ids_within: Literal["network", "source"] = "network"
    # The site is our own: it is asked every two minutes, however quiet it is.
    poll_floor_seconds = 120
    offer: Offer = connect.OFFER

    def check_place(self, place: str) -> str:
        """Return the place written out in full, or raise ValueError with what is wrong about it."""
        first, _on, where = " ".join(place.split()).partition(" on ")
        if first.lower() != COMMENTS:
            raise ValueError(_("A site has one place to listen to: write “comments”."))
        return f"{COMMENTS} on {where}" if where else COMMENTS

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read the site's comments."""
        return await reading.read_comments(site_of(access), access.account.id, since, at=datetime.now(UTC))

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]:
        """Offer the site's comments."""
        title = str(access.facts.get("title") or "") or site_of(access).key
        return ((f"{COMMENTS} on {site_of(access).key}", _("Comments on %(title)s", title=title)),)

    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected:
        """Connect with an application password."""
        return at_once(connect.connect(waiting(access), filled))

    def check(self, access: Access) -> Connected:
        """Ask whether the credentials still work."""
        try:
            return at_once(connect.check(site_of(access, waiting(access))))
        except ValueError as less:
            # Nobody typed anything: the user was given less rights.
            raise Refused(str(less)) from less

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        """Answer a comment."""
        return at_once(writing.reply(site_of(access, waiting(access)), _user(access), outgoing))

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        """Look whether our words stand below the comment."""
        return at_once(writing.find_reply(site_of(access, waiting(access)), _user(access), outgoing))

    def standing(self, access: Access, ids: Sequence[str]) -> Collection[str]:
        """Say which comments and posts are on the site, many by one list."""
        return at_once(reading.standing(site_of(access, waiting(access)), ids))

    def publish(self, access: Access, piece: OutgoingPiece) -> Accepted:
        """Publish a post."""
        return at_once(writing.publish(site_of(access, waiting(access)), piece))

    def find_piece(self, access: Access, piece: OutgoingPiece) -> Accepted | None:
        """Look whether the post is there."""
        return at_once(writing.find_piece(site_of(access, waiting(access)), piece))

    def withdraw(self, access: Access, remote_id: str) -> None:
        """Put a post or comment of ours into the trash."""
        at_once(writing.withdraw(site_of(access, waiting(access)), remote_id))

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
        """Read comments again."""
        return at_once(reading.revisit(site_of(access, waiting(access)), access.account.id, ids))

    def results_of(self, access: Access, ids: Sequence[str]) -> Mapping[str, Results]:
        """Count answers."""
        return at_once(reading.results_of(site_of(access, waiting(access)), ids))

    def count(self, text: str, facts: Mapping[str, Any]) -> int:
        """Count characters."""
        return len(text)

    def limits(self, facts: Mapping[str, Any]) -> Limits:
        """A comment is limited by what its column holds."""
        return Limits(bytes=writing.LONGEST_COMMENT)

    def piece_form(self, facts: Mapping[str, Any]) -> PieceForm:
        """A page: a title, an address, categories and tags, pictures, and Markdown as long as one likes."""
        return PieceForm(
            look="page", is_markdown=True, title="required", visibilities=("public",), has_slug=True,
            most_categories=None, media_types=("image/",),
        )  # fmt: skip

    def piece_words(self, piece: OutgoingPiece) -> str:
        """The words with the link below them."""
        return writing.words_of_piece(piece)

    def piece_spans(self, text: str) -> Sequence[Span]:
        """What is drawn from Markdown needs no marks of ours."""
        return ()


def _user(access: Access) -> int:
    number = access.account.id.rpartition("/user/")[2]
    if not number.isdigit():
        raise Refused(_("No account is connected from which to speak."))
    return int(number)
