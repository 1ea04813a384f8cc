"""What servers of a network send to an address of ours: signed in its own way, kept as it came, read later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from listening.networks.protocols import Access, Cursor, RemotePost

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Push:
    """What the headers of a push say: its id, the same when it is sent again, and which event it tells of."""

    key: str
    event: str = ""


@runtime_checkable
class TakesPushes(Protocol):
    """Is told by its servers what happens; a hint that brings its words along, for reading goes on all the same."""

    def push_steps(self, place: str) -> Sequence[str]:
        """What a person does at the network, in sentences; none where nothing can be pushed for this place."""
        ...

    def is_signed_push(self, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether whoever sent this has the secret; the names of headers are in small letters."""
        ...

    def push_of(self, headers: Mapping[str, str]) -> Push: ...


class Door(Protocol):
    """What the installation offers: pushes as they came, the oldest first, and how each of them fared."""

    async def pushes(self, *, limit: int) -> Sequence[tuple[int, str, bytes]]: ...

    async def taken(self, problems: Mapping[int, str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What was pushed, by post the last word of it; `cursor` goes into that of the page, so that it is crossed off."""

    posts: Mapping[str, RemotePost]
    cursor: Mapping[str, Any]


async def hear(access: Access, since: Cursor, read: Callable[[str, bytes], Sequence[RemotePost]]) -> Heard:
    """Read what waits, and cross off what the cursor names: its posts are stored. Raises nothing for a bad body."""
    door: Door | None = access.doors.get("webhook")
    if door is None:
        return Heard({}, {})
    if before := since.get("pushed"):
        await door.taken({int(key): str(problem) for key, problem in before.items()})
    posts: dict[str, RemotePost] = {}
    pushed: dict[str, str] = {}
    for key, event, body in await door.pushes(limit=AT_ONCE):
        try:
            found, problem = await asyncio.to_thread(read, event, body), ""
        except ValueError as reason:
            found, problem = (), str(reason)[:300]
        posts |= {post.id: post for post in found}
        pushed[str(key)] = problem
    return Heard(posts, {"pushed": pushed} if pushed else {})
