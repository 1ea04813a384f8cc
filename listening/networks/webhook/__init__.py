"""Webhooks: whatever a program sends to an address of ours, taken from a door inside the installation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, Protocol

from listening.networks.protocols import Access, Cursor, Page, RemotePost
from listening.networks.webhook.mapping import Unmapped, map_body
from listening.networks.words import _

log = logging.getLogger(__name__)
AT_ONCE, ENOUGH_POSTS = 100, 1_000
SECONDS_BETWEEN_READS = 900.0


class Door(Protocol):
    """What the installation offers: bodies as they came, the oldest first, and how each of them fared."""

    async def waiting(self, *, limit: int) -> tuple[Mapping[str, str], Sequence[tuple[int, bytes]]]: ...

    async def taken(self, problems: Mapping[int, str], *, unread: Collection[int] = ()) -> None: ...


class Webhook:
    """Reads what was kept when it came; what was read is crossed off once its posts are stored."""

    name = "webhook"
    label = _("Webhook")
    icon = "bolt"
    places = ""
    ids_within: Literal["network", "source"] = "source"
    poll_floor_seconds = 1
    # Made on a page of its own, for it has an address and a secret.
    is_made_apart = True

    def check_place(self, place: str) -> str:
        """Refuse: there is nothing to type here."""
        raise ValueError(_("A webhook is added on the page “Webhooks”, where it gets its address."))

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Map what waits. The cursor names it, so that the next read knows that its posts are stored."""
        door: Door = access.doors["webhook"]
        if before := since.get("mapped"):
            problems = {int(key): str(problem) for key, problem in before.items()}
            await door.taken(problems, unread=[int(key) for key in since.get("unread", ())])
        mapping, bodies = await door.waiting(limit=AT_ONCE)
        posts: list[RemotePost] = []
        mapped: dict[str, str] = {}
        unread: list[int] = []
        for key, body in bodies:
            # In a thread: others are visited meanwhile.
            problem, found = await asyncio.to_thread(_read, body, mapping)
            posts.extend(found)
            mapped[str(key)] = problem
            unread += [] if found else [key]
            if len(posts) >= ENOUGH_POSTS:
                break
        said = [problem for problem in mapped.values() if problem]
        return Page(
            posts=tuple(posts),
            cursor={"mapped": mapped, "unread": unread},
            unchanged=not bodies,
            wait=1.0 if mapped else SECONDS_BETWEEN_READS,
            status=200,
            size=sum(len(body) for _key, body in bodies),
            problems=tuple(said[:5]),
        )


def _read(body: bytes, mapping: Mapping[str, Any]) -> tuple[str, Sequence[RemotePost]]:
    try:
        mapped = map_body(body, mapping)
    except Unmapped as problem:
        return _storable(str(problem)), ()
    except (Exception, RecursionError):  # what one body is made of must not keep the others waiting
        log.exception("A body could not be mapped.")
        return _("It could not be understood."), ()
    return _storable(" ".join(mapped.problems)), mapped.posts


def _storable(said: str) -> str:
    """A sentence that quotes what was sent, as a database can keep it."""
    return said.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")[:300]


network = Webhook()
