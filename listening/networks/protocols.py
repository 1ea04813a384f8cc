"""What a network can do, said as protocols, and the shapes that cross the border: data in, data out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

Cursor = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RemoteAuthor:
    """Who wrote a post, as the network names them."""

    id: str = ""
    handle: str = ""
    name: str = ""
    url: str = ""
    # How many follow them, where the network says so.
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class RemotePost:
    """One post as any network gives it: plain text, times in UTC, and what was odd about it."""

    id: str
    text: str = ""
    title: str = ""
    url: str = ""
    author: RemoteAuthor = RemoteAuthor()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str = ""
    in_reply_to: str = ""
    conversation: str = ""
    addressed_to: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    deleted: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What one read gave: posts, where to go on, and when the place wants to be read again.

    `cursor` is stored in the same transaction as the posts. `unchanged` means the place said so (304).
    `gap` means that completeness cannot be proved. `moved_to` is a permanent new address of the place.
    `wait` is what the server asked for, in seconds.
    """

    posts: tuple[RemotePost, ...] = ()
    cursor: Cursor = field(default_factory=dict)
    unchanged: bool = False
    gap: bool = False
    moved_to: str = ""
    wait: float | None = None
    title: str = ""
    status: int = 0
    size: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutgoingReply:
    """A reply on its way out; `key` is the idempotency key chosen before it is sent, `at` when it was written.

    `author` wrote the post that is answered, `title` is its title. A repeated attempt has the same `key` and `at`, so
    that a network which lets us choose the new post's id or content gets the same one again.
    """

    key: str
    to: str
    text: str
    conversation: str = ""
    language: str = ""
    at: datetime | None = None
    author: RemoteAuthor = RemoteAuthor()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The network took it, under this id and address."""

    id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a post of ours so far; None where the network does not tell it, which is not 0."""

    likes: int | None = None
    reposts: int | None = None
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """The means an adapter is handed: the one HTTP client, credentials, and doors inside the installation.

    `http.send` is for code that awaits, `http.request` for code that does not. `server` is the address that the
    connection was made with, without a slash at its end; `facts` is what `Connected` told of it then. `site` is our own
    public address. `secret_for` gives 32 bytes that only this installation has, always the same for a purpose. `memory`
    keeps short texts from one call to the next, for an hour: what is not in it any more is only done again.
    """

    http: Any = field(default=None, repr=False)
    # In no repr, so in no log.
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    account: RemoteAuthor = RemoteAuthor()
    doors: Mapping[str, Any] = field(default_factory=dict)
    server: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    site: str = ""
    secret_for: Callable[[str], bytes] | None = None
    memory: MutableMapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a reply may be, or must be, in the network's own count; None where there is no limit.

    `link` is the length that every link counts, where it is not its own; `unit` is what is counted: `weighted` counts
    signs that are drawn wide, such as emoji, as two. `bytes` is how many bytes of UTF-8 it may have besides. Where
    `short_people`, who is named counts without their server: `@ada@example.org` as `@ada`.
    """

    text: int | None = None
    link: int | None = None
    # Fewer than this are not taken.
    least: int = 0
    unit: Literal["graphemes", "utf-16", "bytes", "weighted"] = "graphemes"
    bytes: int | None = None
    short_people: bool = False

    def bytes_over(self, text: str) -> int:
        """How many bytes a text has too many; most have none, however long they are."""
        return 0 if self.bytes is None else max(0, len(text.encode("utf-8", "replace")) - self.bytes)


class NetworkError(Exception):
    """Something at the network went wrong; `str()` is the plain reason that people read."""

    permanent = False
    # At which server it went wrong, where that is not the one that was asked first.
    host = ""


class RateLimited(NetworkError):
    """The network asks to wait until `wait` seconds from now."""

    def __init__(self, message: str, *, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class NotOurTurn(RateLimited):
    """We were sent on to a server that others of us visit just now, or that is left alone: it was not asked."""


class Unreachable(NetworkError):
    """No answer could be had: name, connection, time-out, server error. Of a mutation: the outcome is unknown."""


class NotSent(Unreachable):
    """No connection came about, so that a mutation was surely not even sent."""


class Unreadable(NetworkError):
    """An answer came, but nothing in it can be understood."""


class Refused(NetworkError):
    """The network said no; `permanent` tells whether asking again is pointless."""

    def __init__(self, message: str, *, permanent: bool = True) -> None:
        super().__init__(message)
        self.permanent = permanent


class AccessExpired(NetworkError):
    """The credentials have run out, or are about to, and can be renewed. Of a mutation: it was surely not done."""


class AccessWithdrawn(Refused):
    """The credentials are no longer accepted, or the place has gone for good."""


class Network(Protocol):
    """A kind of place. `ids_within` says whether a post's id is unique in the whole network or only in its source.

    It may also have `offer` (how it is connected: `connecting.py`), `icon` (a heroicon; else a globe), `places` (how
    one writes a place of it), `poll_floor_seconds` (how often it may be read, where that burdens nobody), `rehearsal`
    (what is said there is practice, shown apart), `is_final` (nothing said there is ever edited), `is_made_apart` (its
    sources have a page of their own), `threads_by_answers` (its posts name what they answer, and not always how the
    thread began: that is looked up among what is known), `quotas` (limits that it has and does not tell, as
    `limits.Quota` by bucket), `limits_by_host` (limits count for whoever asks from here, signed in or not),
    `limited_at` (the server at which they do, where places name none) and `answers_who_speaks_to_us` (an account may
    answer only those who spoke to it, and the network refuses all else).
    """

    name: str
    label: str
    ids_within: Literal["network", "source"]


@runtime_checkable
class Reads(Protocol):
    """Reads posts from a place (a feed address, an account, a hashtag)."""

    async def read(self, access: Access, place: str, since: Cursor) -> Page: ...


@runtime_checkable
class ChecksPlaces(Protocol):
    """Says what is wrong with a place before it becomes a source; returns it normalised or raises ValueError."""

    def check_place(self, place: str) -> str: ...


@runtime_checkable
class Replies(Protocol):
    """Answers a post in public. One call is one attempt; Unreachable means that the outcome is unknown."""

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted: ...


@runtime_checkable
class Reconciles(Protocol):
    """Looks, without writing, whether the reply with this key arrived; None when it surely did not."""

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None: ...


@runtime_checkable
class SeesMany(Protocol):
    """Says which of many posts of ours stand there, in fewer calls than there are posts; nothing of any other."""

    def standing(self, access: Access, ids: Sequence[str]) -> Collection[str]: ...


@runtime_checkable
class Revisits(Protocol):
    """Reads known posts again, by their ids, for edits and deletions; what belongs to their threads may come along.

    A post that is gone comes as `deleted`; one of which nothing can be said now is left out.
    """

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]: ...


@runtime_checkable
class Hints(Protocol):
    """Stays connected to a place and gives a sign whenever it should be read; a hint, for reading is what counts.

    The first sign says that the connection stands. `Refused` means that this place has no such thing.
    """

    def hints(self, access: Access, place: str) -> AsyncIterator[None]: ...


@runtime_checkable
class TellsResults(Protocol):
    """Says what came of posts of ours, by their ids; what is not there any more is left out."""

    def results_of(self, access: Access, ids: Sequence[str]) -> Mapping[str, Results]: ...


@runtime_checkable
class Counts(Protocol):
    """Counts a text as the network does; `facts` is what the server of a connection told of itself, if there is one."""

    def count(self, text: str, facts: Mapping[str, Any]) -> int: ...

    def limits(self, facts: Mapping[str, Any]) -> Limits: ...


@dataclass(frozen=True, slots=True)
class Price:
    """What one thing costs at most, in thousandths of a US dollar."""

    label: str
    most: int


@runtime_checkable
class Charges(Protocol):
    """Takes money by the call; the organization says how much may be spent in a month.

    Before a call `access.http.spend` takes what it costs at most from that, or raises RateLimited where too little is
    left; what was not charged is given back with `spend` of less than nothing.
    """

    def prices(self, facts: Mapping[str, Any]) -> Sequence[Price]:
        """All prices, as people read them before they connect."""
        ...

    def price_of_reply(self, text: str, facts: Mapping[str, Any]) -> Price: ...
