"""Looks again at posts that are known: what came of them, and whether they are still there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from listening.networks.bluesky.client import Said, Server
from listening.networks.bluesky.identity import Directories, document_of, server_in
from listening.networks.bluesky.ids import address_of
from listening.networks.bluesky.parse import post_of
from listening.networks.bluesky.reading import THREADS_AT_ONCE, thread_of, views_of
from listening.networks.calling import Send
from listening.networks.protocols import NetworkError, RemotePost, Results

_NOT_THERE = {"RecordNotFound", "RepoNotFound", "RepoDeactivated", "RepoTakendown", "RepoSuspended"}


async def revisit(server: Server, directories: Directories, ids: Sequence[str]) -> list[RemotePost]:
    """Read posts again, with the threads that they are part of; what is gone comes as deleted."""
    views = await views_of(server, [uri for uri in ids if address_of(uri)])
    found = {post.id: post for post in map(post_of, views) if post is not None}
    talked_about = [view for view in views if view.get("replyCount") or "reply" in (view.get("record") or {})]
    for view in talked_about[:THREADS_AT_ONCE]:
        for post in await thread_of(server, str(view.get("uri")), depth=3):
            found.setdefault(post.id, post)
    for uri in ids:
        if uri not in found and await is_gone(server.send, directories, uri):
            found[uri] = RemotePost(id=uri, deleted=True)
    return list(found.values())


async def results_of(server: Server, ids: Sequence[str]) -> dict[str, Results]:
    """Count what came of posts; what is not there any more is left out."""
    views = await views_of(server, [uri for uri in ids if address_of(uri)])
    return {
        str(view.get("uri")): Results(
            likes=_number(view, "likeCount"), reposts=_number(view, "repostCount"), answers=_number(view, "replyCount")
        )
        for view in views
    }


async def is_gone(send: Send, directories: Directories, uri: str) -> bool:
    """Ask the author's own server: that a post is not shown may have other reasons than that it was deleted."""
    address = address_of(uri)
    if address is None:
        return False
    try:
        document = await document_of(send, directories, address.did)
        if not document:
            return True
        home = server_in(document)
        if not home:
            return False
        await Server(send, home).query(
            "com.atproto.repo.getRecord", repo=address.did, collection=address.collection, rkey=address.key
        )
    except Said as said:
        return said.error in _NOT_THERE or str(said).startswith("Could not locate record")
    except NetworkError:
        return False
    return False


def _number(view: Mapping[str, Any], name: str) -> int | None:
    value = view.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
