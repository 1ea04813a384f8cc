"""Stays connected to a server's stream, and gives a sign whenever something happened there."""

from __future__ import annotations

from collections.abc import AsyncIterator

from listening.networks.mastodon.client import server_of
from listening.networks.mastodon.places import place_of
from listening.networks.protocols import Access, Refused
from listening.networks.words import _

_STREAMS = {"mentions": "user/notification", "tag": "hashtag", "list": "list"}


async def hints(access: Access, place: str) -> AsyncIterator[None]:
    """Give a sign when the server has let us in, and for every event; a comment that keeps the line open is none."""
    server, wanted = server_of(access), place_of(place)
    if wanted.kind not in _STREAMS:
        raise Refused(_("There is no stream of this place."))
    address = str(access.facts.get("streaming") or server.address).rstrip("/")
    query = {"tag": f"?tag={wanted.name}", "list": f"?list={wanted.name}"}.get(wanted.kind, "")
    lines = access.http.lines(
        f"{address}/api/v1/streaming/{_STREAMS[wanted.kind]}{query}",
        headers={"Authorization": f"Bearer {server.token}"},
        accept="text/event-stream",
    )
    is_open = False
    async for line in lines:
        if line.startswith(b"event:") or not is_open:
            is_open = True
            yield None
