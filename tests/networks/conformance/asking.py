"""How promises are asked: of which stages, and what each of them does to find out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from asgiref.sync import async_to_sync

from listening.networks.http import Http
from listening.networks.protocols import Cursor, OutgoingReply, Page, RateLimited, RemotePost, Unreadable
from listening.networks.publishing import OutgoingPiece, ShapesPieces
from tests.networks.conformance.stage import Stage

Test = TypeVar("Test", bound=Callable[..., None])
READS_AT_MOST = 25
STRANGE = "5 < 6 & “so” – שלום 👩‍👩‍👧 naïve"
AT = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)


def asks(*protocols: type, plays: str = "") -> Callable[[Test], Test]:
    """Ask a test only of networks that keep these protocols, on stages that can play these things."""

    def mark(test: Test) -> Test:
        test.asks = (protocols, tuple(plays.split()))  # type: ignore[attr-defined]
        return test

    return mark


def read(stage: Stage, since: Cursor, *, http: Http | None = None) -> Page:
    """Read the place once, as a poll does."""

    # A stage may ask the database for its access, which is not to be done in code that awaits.
    access = stage.access()

    async def once() -> Page:
        async with http or Http(["127.0.0.1"]) as client:
            found: Page = await stage.network.read(replace(access, http=client), stage.place, since)
            return found

    page = async_to_sync(once)()
    # A cursor is kept as JSON, and comes back as that.
    return replace(page, cursor=json.loads(json.dumps(dict(page.cursor))))


def walk(stage: Stage, since: Cursor) -> tuple[dict[str, RemotePost], Cursor]:
    """Read on until nothing new comes; returns all posts by id, and where to go on."""
    found: dict[str, RemotePost] = {}
    for _time in range(READS_AT_MOST):
        page = read(stage, since)
        ids = [post.id for post in page.posts]
        assert len(ids) == len(set(ids)), "a page lists a post once"
        new = set(ids) - set(found)
        found |= {post.id: post for post in page.posts}
        since = page.cursor or since
        if not new:
            return found, since
    raise AssertionError(f"After {READS_AT_MOST} reads there was still something new.")


def outgoing(stage: Stage, to: str, text: str = "No, all is well again.", key: str = "key-1") -> OutgoingReply:
    """A reply on its way out."""
    return OutgoingReply(key=key, to=to, text=text, conversation=to, at=AT, author=stage.author)


def piece(stage: Stage, text: str = "We have opened a second shop.", key: str = "piece-1") -> OutgoingPiece:
    """What we say ourselves, with a title only where there has to be one."""
    network = stage.network
    is_titled = isinstance(network, ShapesPieces) and network.piece_form(stage.access().facts).title == "required"
    return OutgoingPiece(key=key, text=text, at=AT, title=f"What is new, {key}" if is_titled else "")


def no_piece(stage: Stage, wanted: OutgoingPiece) -> bool:
    """Whether a piece is said not to be there, or that nobody can tell, where no look proves that."""
    try:
        return stage.network.find_piece(stage.access(), wanted) is None
    except Unreadable:
        return True


def not_found(stage: Stage, reply: OutgoingReply) -> bool:
    """Whether a reply is said not to be there, or that nobody can tell, where no look proves that."""
    try:
        return stage.network.find_reply(stage.access(), reply) is None
    except Unreadable:
        return True


def heard(stage: Stage, post: str) -> RemotePost:
    """The post as it is read."""
    return walk(stage, {})[0][post]


class Penniless(Http):
    """A client whose connection may spend nothing more this month."""

    def spend(self, most: int, *, least: int | None = None) -> int:
        if most > 0:
            raise RateLimited("Nothing is left of this month's budget.", wait=3600.0)
        return most

    async def aspend(self, most: int, *, least: int | None = None) -> int:
        return self.spend(most, least=least)
