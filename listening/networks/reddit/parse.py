"""From the JSON of Reddit's listings to posts: links and texts, comments below them, and messages of an inbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from listening.networks.answers import Said, word
from listening.networks.feed.text import plain_title, tidy
from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.words import _

SERVER = "https://www.reddit.com"
POST, COMMENT, MESSAGE = "t3", "t1", "t4"
_GONE = {"[deleted]", "[removed]"}
# Deeper than Reddit shows; whoever sends more wants to break something.
_DEEPEST = 50


def posts_of(told: Any, *, addressed: str = "") -> list[RemotePost]:
    """Read a listing, or several, with the answers that stand below; `addressed` is whose inbox it is."""
    return [post for kind, said in _things(told) if (post := _post(kind, said, addressed)) is not None]


def _things(told: Any, deep: int = 0) -> Iterator[tuple[str, Said]]:
    if deep > _DEEPEST:
        return
    if isinstance(told, list):
        for one in told:
            yield from _things(one, deep + 1)
    elif isinstance(told, dict) and isinstance(told.get("json"), dict):
        yield from _things(told["json"], deep + 1)
    elif isinstance(told, dict) and isinstance(data := told.get("data"), dict):
        if (kind := word(told, "kind")) in {POST, COMMENT, MESSAGE}:
            yield kind, data
        yield from _things(data.get("children") or data.get("things"), deep + 1)
        yield from _things(data.get("replies"), deep + 1)


def _post(kind: str, said: Said, addressed: str) -> RemotePost | None:
    own_id = word(said, "name") or (f"{kind}_{word(said, 'id')}" if word(said, "id") else "")
    if not own_id:
        return None
    text = word(said, "selftext") if kind == POST else word(said, "body")
    if text in _GONE:
        return RemotePost(id=own_id, deleted=True)
    name = word(said, "author")
    name = "" if name in _GONE else name
    written, edited = _moment(said.get("created_utc")), _moment(said.get("edited"))
    link = word(said, "url") if kind == POST and not said.get("is_self") else ""
    above = word(said, "parent_id") if kind != POST else ""
    title = word(said, "title") if kind == POST else word(said, "subject") if kind == MESSAGE else ""
    return RemotePost(
        id=own_id,
        text="\n\n".join(filter(None, (tidy(text), link))),
        title=plain_title(title, is_html=False),
        url=_address(kind, said),
        author=RemoteAuthor(id=name.lower(), handle=name, name=name, url=f"{SERVER}/user/{name}" if name else ""),
        published_at=written,
        updated_at=edited,
        in_reply_to=above,
        conversation=word(said, "link_id") or word(said, "first_message_name") or above or own_id,
        addressed_to=(addressed,) if addressed else (),
        problems=() if written else (_("Reddit does not say when this was written."),),
    )


def _address(kind: str, said: Said) -> str:
    path = word(said, "permalink") or word(said, "context").partition("?")[0]
    if path.startswith("/"):
        return f"{SERVER}{path}"
    thread = word(said, "link_id").removeprefix(f"{POST}_")
    return f"{SERVER}/comments/{thread}/_/{word(said, 'id')}/" if kind == COMMENT and thread else ""


def _moment(said: Any) -> datetime | None:
    """A second since 1970; of what was never edited Reddit says `false`."""
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(said, UTC)
    except (ValueError, OverflowError, OSError):
        return None
