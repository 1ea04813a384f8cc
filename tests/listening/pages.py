"""Pages as networks give them, written short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from listening.networks.protocols import Page, RemoteAuthor, RemotePost

NOW = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)
KIM = RemoteAuthor(id="kim", handle="kim", name="Kim")


def remote(number: int | str, text: str = "Is Acme down?", **fields: Any) -> RemotePost:
    """A post by Kim, published some minutes before NOW."""
    fields = {"author": KIM, "published_at": NOW - timedelta(minutes=5), **fields}
    return RemotePost(id=str(number), text=text, **fields)


def page(*posts: RemotePost, **fields: Any) -> Page:
    """A page with these posts."""
    return Page(posts=posts, **{"cursor": {"etag": '"1"'}, "status": 200, **fields})
