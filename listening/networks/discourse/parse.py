"""From what a Discourse forum says of posts to ours."""

from __future__ import annotations

import re

from listening.networks.answers import Said, moment, word
from listening.networks.feed.entry import web_link
from listening.networks.feed.text import plain_text, plain_title, tidy
from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.words import _

NAME = re.compile(r"(?<![\w@/.])@([\w](?:[\w.-]{0,58}[\w])?)")


def author_of(said: Said, host: str, address: str) -> RemoteAuthor:
    """Read who wrote a post; who is no member any more has no name."""
    name = word(said, "username")
    return RemoteAuthor(
        id=f"{name.lower()}@{host}" if name else "",
        handle=name,
        name=plain_title(word(said, "name"), is_html=False) or name,
        url=f"{address}/u/{name}" if name else "",
    )


def post_of(said: Said, address: str, *, host: str, topic: Said | None = None) -> RemotePost | None:
    """Read a post, or nothing where it has no id; a forum says what its topic is called in several places."""
    own_id, topic_id = word(said, "id"), word(said, "topic_id")
    if not own_id or not topic_id:
        return None
    remote_id = f"{host}/{own_id}"
    if said.get("deleted_at") or said.get("user_deleted") is True:
        return RemotePost(id=remote_id, deleted=True)
    number = word(said, "post_number")
    topic = topic or {}
    title = word(said, "topic_title") or word(topic, "title") or word(topic, "fancy_title")
    slug = word(said, "topic_slug") or word(topic, "slug") or "-"
    text = plain_text(word(said, "cooked")) or tidy(word(said, "raw")) or plain_text(word(said, "blurb"))
    problems: list[str] = []
    published_at = moment(said, "created_at")
    if published_at is None:
        problems.append(_("The forum does not say when this was written."))
    edited_at = moment(said, "updated_at")
    return RemotePost(
        id=remote_id,
        title=plain_title(title) if number in {"", "1"} else "",
        text=text,
        url=web_link(f"{address}/t/{slug}/{topic_id}/{number or '1'}", "", problems),
        author=author_of(said, host, address),
        published_at=published_at,
        updated_at=edited_at if edited_at and edited_at != published_at else None,
        in_reply_to=_above(said, host, number, topic_id),
        conversation=f"{host}/t/{topic_id}",
        addressed_to=tuple(sorted({f"{name.lower()}@{host}" for name in NAME.findall(text)})),
        problems=tuple(problems),
    )


def _above(said: Said, host: str, number: str, topic_id: str) -> str:
    """A forum numbers within topics: what is answered is named by its place there."""
    above = word(said, "reply_to_post_number")
    return f"{host}/t/{topic_id}/{above or '1'}" if above or number not in {"", "1"} else ""
