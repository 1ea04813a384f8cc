"""E-mail: a mailbox is read by IMAP, and what it brought is answered by SMTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal

from listening.networks.connecting import Begun, Connected
from listening.networks.mail import box, connect, sending
from listening.networks.protocols import Accepted, Access, Cursor, OutgoingReply, Page
from listening.networks.words import _


class Mail:
    """Reads a mailbox, answers by mail, finds its answers again."""

    name = "mail"
    label = _("E-mail")
    icon = "envelope"
    places = _("the folder to read, such as INBOX")
    ids_within: Literal["network", "source"] = "network"
    # A mail is never edited: another one under a known id is no newer word of its writer.
    is_final = True
    # Programs leave out how a thread began, or never knew it.
    threads_by_answers = True
    poll_floor_seconds = 30
    offer = connect.offer

    def check_place(self, place: str) -> str:
        """Accept the name of a folder."""
        name = place.strip() or "INBOX"
        if any(ord(letter) < 32 for letter in name) or len(name) > 200:
            raise ValueError(_("This is not the name of a folder. Write INBOX for the inbox."))
        return "INBOX" if name.upper() == "INBOX" else name

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read what came since the cursor."""
        return await box.read(access, place, since)

    def hints(self, access: Access, place: str) -> AsyncIterator[None]:
        """Give a sign whenever something came."""
        return box.hints(access, place)

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        """Answer a mail, once."""
        return sending.reply(access, outgoing)

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        """Look for the answer with this key in our own mailbox."""
        return sending.find_reply(access, outgoing)

    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected:
        """Connect a mailbox with an app password."""
        return connect.connect(access, way, filled)

    def check(self, access: Access) -> Connected:
        """Enter both servers."""
        return connect.check(access)

    def begin(self, access: Access, way: str, filled: Mapping[str, str], back: str) -> Begun:
        """Send the person to their provider."""
        return connect.begin(access, way, filled, back)

    def finish(self, access: Access, way: str, kept: Mapping[str, str], answer: Mapping[str, str]) -> Connected:
        """Take what the provider sent along."""
        return connect.finish(access, way, kept, answer)

    def renew(self, access: Access) -> Connected:
        """Get a new token."""
        return connect.renew(access)

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]:
        """The inbox."""
        return [("INBOX", _("The inbox of %(name)s", name=access.account.handle))]


network = Mail()
