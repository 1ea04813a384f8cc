"""From a site's comments to posts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from html import unescape
from typing import Any

from listening.networks.feed.text import plain_text
from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.words import _

_GONE = {"spam", "trash", "post-trashed"}


def comment_of(site: str, comment: Mapping[str, Any], *, to: str) -> RemotePost | None:
    """Read one comment; `to` is the site's account, whom every comment addresses. None for what is no comment."""
    number, article = comment.get("id"), comment.get("post")
    if not isinstance(number, int) or not isinstance(article, int):
        return None
    if is_gone(comment):
        return RemotePost(id=f"{site}/comment/{number}", deleted=True)
    parent = comment.get("parent")
    problems = () if comment.get("status") != "hold" else (_("It waits on the site until somebody approves it."),)
    conversation = f"{site}/post/{article}"
    return RemotePost(
        id=f"{site}/comment/{number}",
        text=text_of(comment),
        title=_article(comment),
        url=_web(comment.get("link")),
        author=_author(site, comment),
        published_at=_moment(comment.get("date_gmt")),
        in_reply_to=f"{site}/comment/{parent}" if isinstance(parent, int) and parent else conversation,
        conversation=conversation,
        addressed_to=(to,) if to else (),
        problems=problems,
    )


def is_gone(comment: Mapping[str, Any]) -> bool:
    """Tell whether a comment is not shown any more."""
    return comment.get("status") in _GONE


def text_of(comment: Mapping[str, Any]) -> str:
    """Return what a comment says."""
    content = comment.get("content")
    said = content if isinstance(content, dict) else {}
    return plain_text(str(said.get("rendered") or said.get("raw") or ""))


def name_of(text: Any) -> str:
    """Return a name without the signs by which HTML writes some letters."""
    return " ".join(unescape(str(text or "")).split())


def _author(site: str, comment: Mapping[str, Any]) -> RemoteAuthor:
    user, mail, name = (
        comment.get("author"),
        str(comment.get("author_email") or ""),
        name_of(comment.get("author_name")),
    )
    who = ""
    if isinstance(user, int) and user:
        who = f"{site}/user/{user}"
    elif mail:
        # The same visitor is told from others; the address itself is not taken along.
        who = f"{site}/visitor/{blake2b(mail.strip().lower().encode(), digest_size=12).hexdigest()}"
    return RemoteAuthor(id=who, name=name, url=_web(comment.get("author_url")))


def _article(comment: Mapping[str, Any]) -> str:
    """The title of what is commented on, where it was sent along."""
    embedded = comment.get("_embedded")
    above = embedded.get("up") if isinstance(embedded, dict) else None
    for one in above if isinstance(above, list) else ():
        title = one.get("title") if isinstance(one, dict) else None
        if isinstance(title, dict) and one.get("id") == comment.get("post"):
            return name_of(plain_text(str(title.get("rendered") or "")))
    return ""


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
    except ValueError:
        return None


def _web(address: Any) -> str:
    return address if isinstance(address, str) and address.startswith(("https://", "http://")) else ""
