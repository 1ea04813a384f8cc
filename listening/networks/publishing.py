"""How a network publishes what is ours: a piece with its media on the way out, found again by its key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from listening.networks.protocols import Accepted, Access


@dataclass(frozen=True, slots=True)
class OutgoingMedia:
    """A picture, film or sound that goes with a piece; `alt` says what is to be seen or heard."""

    name: str
    content_type: str
    body: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingPiece:
    """A piece on its way out; `key` is the idempotency key chosen before it is sent, `at` when it is to be dated.

    A network uses what it knows and refuses what would be lost: `slug`, `categories` and `tags` are for pages,
    `warning` and `visibility` for networks that have them. `begins_at` asks the network to keep it until then,
    `is_draft` to keep it to itself.
    """

    key: str
    text: str
    at: datetime
    title: str = ""
    language: str = ""
    link: str = ""
    media: tuple[OutgoingMedia, ...] = ()
    warning: str = ""
    visibility: Literal["", "public", "unlisted", "followers"] = ""
    slug: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    is_draft: bool = False
    begins_at: datetime | None = None


@runtime_checkable
class Publishes(Protocol):
    """Publishes a piece. One call is one attempt; Unreachable means that the outcome is unknown."""

    def publish(self, access: Access, piece: OutgoingPiece) -> Accepted: ...


@runtime_checkable
class FindsPieces(Protocol):
    """Looks, without writing, whether the piece with this key arrived; None when it surely did not."""

    def find_piece(self, access: Access, piece: OutgoingPiece) -> Accepted | None: ...


@runtime_checkable
class Withdraws(Protocol):
    """Takes a post of ours back, by its id; one that is gone already is no error."""

    def withdraw(self, access: Access, remote_id: str) -> None: ...
