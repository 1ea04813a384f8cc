"""Talk to the practice field through its door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from listening.networks.practice.parse import POST_LIMIT, count, parse
from listening.networks.protocols import Accepted, Access, Cursor, OutgoingReply, Page, Refused, Results
from listening.networks.publishing import OutgoingPiece
from listening.networks.words import _

PAGE_SIZE = 200
PAGES_AT_ONCE = 10
SECONDS_BETWEEN_READS = 5.0


class Door(Protocol):
    """What the installation offers an adapter of its own field; a post is (id, address)."""

    async def changes_after(self, number: int, *, limit: int) -> Sequence[Mapping[str, Any]]: ...

    def post_reply(self, *, key: str, handle: str, to: str, text: str) -> tuple[str, str]: ...

    def post_piece(self, *, key: str, handle: str, text: str) -> tuple[str, str]: ...

    def find(self, *, key: str) -> tuple[str, str] | None: ...

    def answers_to(self, ids: Sequence[str]) -> Mapping[str, int]: ...


def door_of(access: Access) -> Door:
    """Return the door, or refuse where this process has none."""
    door: Door | None = access.doors.get("practice")
    if door is None:
        raise Refused(_("The practice field cannot be reached from here."))
    return door


async def read(access: Access, since: Cursor) -> Page:
    """Read the changes after the cursor's number, in their order."""
    number = int(since.get("after", 0))
    door = door_of(access)
    rows: list[Mapping[str, Any]] = []
    for _page in range(PAGES_AT_ONCE):
        found = await door.changes_after(number, limit=PAGE_SIZE)
        rows.extend(found)
        number = found[-1]["number"] if found else number
        if len(found) < PAGE_SIZE:
            break
    # A row changed twice appears once, as it is now.
    return Page(
        posts=tuple(parse(row) for row in rows),
        cursor={"after": number},
        unchanged=not rows,
        wait=SECONDS_BETWEEN_READS,
        title="Practice field",
        status=200,
    )


def reply(access: Access, outgoing: OutgoingReply) -> Accepted:
    """Answer a post under the reply's key."""
    if not outgoing.text.strip():
        raise Refused(_("An empty reply cannot be sent."))
    if count(outgoing.text) > POST_LIMIT:
        raise Refused(_("The reply is longer than the %(most)s characters that fit into a post here.", most=POST_LIMIT))
    door = door_of(access)
    found = door.post_reply(key=outgoing.key, handle=access.account.handle, to=outgoing.to, text=outgoing.text)
    return Accepted(*found)


def find_reply(access: Access, outgoing: OutgoingReply) -> Accepted | None:
    """Look for the reply with this key."""
    found = door_of(access).find(key=outgoing.key)
    return Accepted(*found) if found else None


def publish(access: Access, piece: OutgoingPiece) -> Accepted:
    """Publish a piece under its key."""
    text = words_of(piece)
    if not text:
        raise Refused(_("An empty post cannot be published."))
    if count(text) > POST_LIMIT:
        raise Refused(_("The post is longer than the %(most)s characters that fit in here.", most=POST_LIMIT))
    if piece.media:
        raise Refused(_("The practice field shows no pictures or films. Leave them away."))
    if piece.is_draft or piece.begins_at or piece.visibility not in {"", "public"}:
        raise Refused(_("What is said on the practice field can be read by all of it, at once."))
    return Accepted(*door_of(access).post_piece(key=piece.key, handle=access.account.handle, text=text))


def find_piece(access: Access, piece: OutgoingPiece) -> Accepted | None:
    """Look for the post with this key."""
    found = door_of(access).find(key=piece.key)
    return Accepted(*found) if found else None


def words_of(piece: OutgoingPiece) -> str:
    """The whole text as it is posted: what it warns of, title, words, link, and hashtags that it does not have yet."""
    tags = [f"#{tag.removeprefix('#')}" for tag in piece.tags]
    missing = " ".join(tag for tag in tags if tag.casefold() not in piece.text.casefold())
    link = piece.link if piece.link not in piece.text else ""
    said = (piece.warning.strip(), piece.title.strip(), piece.text.strip(), link, missing)
    return "\n\n".join(part for part in said if part)


def results_of(access: Access, ids: Sequence[str]) -> Mapping[str, Results]:
    """Count the answers to posts; what is not there any more is left out."""
    return {key: Results(answers=count) for key, count in door_of(access).answers_to(ids).items()}
