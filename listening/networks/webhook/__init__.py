"""Webhooks: whatever a program sends to an address of ours, taken from a door inside the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from listening.networks.protocols import Access, Cursor, Page, RemotePost
from listening.networks.webhook.mapping import Unmapped, map_body

AT_ONCE = 100
SECONDS_BETWEEN_READS = 900.0


class Door(Protocol):
    """What the installation offers: bodies as they came, the oldest first, and how each of them fared."""

    async def waiting(self, *, limit: int) -> tuple[Mapping[str, str], Sequence[tuple[int, bytes]]]: ...

    async def taken(self, problems: Mapping[int, str]) -> None: ...


class Webhook:
    """Reads what was kept when it came; what was read is crossed off once its posts are stored."""

    name = "webhook"
    label = "Webhook"
    icon = "bolt"
    places = ""
    ids_within: Literal["network", "source"] = "source"
    poll_floor_seconds = 1
    # Made on a page of its own, for it has an address and a secret.
    is_made_apart = True

    def check_place(self, place: str) -> str:
        """Refuse: there is nothing to type here."""
        raise ValueError("A webhook is added on the page “Webhooks”, where it gets its address.")

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Map what waits. The cursor names it, so that the next read knows that its posts are stored."""
        door: Door = access.doors["webhook"]
        if before := since.get("mapped"):
            await door.taken({int(key): str(problem) for key, problem in before.items()})
        mapping, bodies = await door.waiting(limit=AT_ONCE)
        posts: list[RemotePost] = []
        mapped: dict[str, str] = {}
        for key, body in bodies:
            problem, found = _read(body, mapping)
            posts.extend(found)
            mapped[str(key)] = problem
        said = [problem for problem in mapped.values() if problem]
        return Page(
            posts=tuple(posts),
            cursor={"mapped": mapped},
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
        return str(problem)[:300], ()
    return " ".join(mapped.problems)[:300], mapped.posts


network = Webhook()
