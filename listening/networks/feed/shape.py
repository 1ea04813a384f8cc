"""What a feed says, in whatever format it said it."""

from __future__ import annotations

from dataclasses import dataclass, field

from listening.networks.feed.entry import Entry
from listening.networks.protocols import RemotePost


@dataclass
class Found:
    """What a reader of one format found, before entries become posts."""

    title: str = ""
    base: str = ""
    language: str = ""
    author: str = ""
    author_url: str = ""
    wait: float | None = None
    hub: str = ""
    topic: str = ""
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as plain posts; `wait` is how many seconds the feed itself says one should wait.

    `hub` tells subscribers what is new in the feed, which it calls `topic`. `complete` is False when the document held
    more entries than are ever read at once.
    """

    title: str = ""
    posts: list[RemotePost] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    language: str = ""
    wait: float | None = None
    complete: bool = True
    hub: str = ""
    topic: str = ""
