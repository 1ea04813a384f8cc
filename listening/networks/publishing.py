"""How a network publishes what is ours: a piece with its media on the way out, found again by its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from listening.networks.protocols import Accepted, Access, Limits

Visibility = Literal["", "public", "unlisted", "followers"]


@dataclass(frozen=True, slots=True)
class OutgoingMedia:
    """A picture, film or sound that goes with a piece; `alt` says what is to be seen or heard.

    Where it is only looked whether a piece arrived `body` is empty: no file is read for that.
    """

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
    visibility: Visibility = ""
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


@dataclass(frozen=True, slots=True)
class PieceForm:
    """What a piece can have at a network, and how it is looked at there; whoever writes for it is told beforehand.

    `look` says which kind of page it becomes; `is_markdown` that marks such as *this* are drawn and not shown. A title
    may be `card`: then it is that of the link's card. A warning folds the text, or stands where it begins. Numbers are
    what is taken at most, 0 nothing and None any. `media_types` are beginnings such as `image/`; a film or sound goes
    alone unless `mixes_media`.
    """

    look: Literal["microblog", "page", "forum", "mail", "feed"] = "microblog"
    is_markdown: bool = False
    limits: Limits = field(default_factory=Limits)
    title: Literal["none", "optional", "required", "card"] = "optional"
    shortest_title: int = 1
    longest_title: int = 300
    warning: Literal["none", "folds", "in_text"] = "none"
    visibilities: tuple[Visibility, ...] = ()
    has_slug: bool = False
    most_categories: int | None = 0
    most_tags: int | None = None
    most_media: int | None = None
    media_types: tuple[str, ...] = ("image/", "video/", "audio/")
    largest_image: int | None = None
    largest_film: int | None = None
    longest_alt: int | None = None
    mixes_media: bool = True
    # A link is shown as a card, where no picture takes its place; or it is refused beside media.
    has_card: bool = False
    refuses_card_with_media: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text that means something, by the places of its characters; `shown` where it is cut for the eye."""

    start: int
    end: int
    kind: Literal["link", "mention", "tag"]
    value: str
    shown: str = ""


@runtime_checkable
class ShapesPieces(Protocol):
    """Says what becomes of a piece before it goes out; `facts` is what the connection knows of its server."""

    def piece_form(self, facts: Mapping[str, Any]) -> PieceForm: ...

    def piece_words(self, piece: OutgoingPiece) -> str:
        """All words that are counted, as they would stand there."""
        ...

    def piece_spans(self, text: str) -> Sequence[Span]: ...
