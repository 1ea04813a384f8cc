"""The topics under which open pages follow a thread; many threads at once are one topic for all."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

MOST = 50


def topic_of(network: str, conversation: str) -> str:
    """The topic of one thread; a post without a thread is one of its own, named by its id."""
    return f"thread:{crc32(f'{network} {conversation}'.encode())}"


def topics_of(threads: Iterable[tuple[str, str]]) -> list[str]:
    """The topics of threads that have something new, given as (network, conversation)."""
    topics = sorted({topic_of(network, conversation) for network, conversation in threads if conversation})
    return topics if len(topics) <= MOST else ["threads"]
