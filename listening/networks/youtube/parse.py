"""From what YouTube says of comments to posts."""

from __future__ import annotations

from listening.networks.answers import Said, moment, part, parts, word
from listening.networks.feed.entry import web_link
from listening.networks.feed.text import plain_text, plain_title, tidy
from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.words import _

WATCH = "https://www.youtube.com/watch"


def comment_of(said: Said, *, thread: str = "", video: str = "", channel: str = "") -> RemotePost | None:
    """Read a comment, or nothing where it has no id; `channel` is whose videos it stands below."""
    own_id, told = word(said, "id"), part(said, "snippet")
    if not own_id or not told:
        return None
    video = word(told, "videoId") or video
    parent = word(told, "parentId")
    written, edited = moment(told, "publishedAt"), moment(told, "updatedAt")
    name = plain_title(word(told, "authorDisplayName"), is_html=False)
    about = word(told, "channelId") or channel
    return RemotePost(
        id=own_id,
        text=plain_text(word(told, "textDisplay")) or tidy(word(told, "textOriginal")),
        url=f"{WATCH}?v={video}&lc={own_id}" if video else "",
        author=RemoteAuthor(
            id=word(part(told, "authorChannelId"), "value"),
            handle=name,
            name=name,
            url=web_link(word(told, "authorChannelUrl"), "", []),
        ),
        published_at=written,
        updated_at=edited if edited and edited != written else None,
        in_reply_to=parent,
        conversation=thread or parent or own_id,
        addressed_to=(about,) if about else (),
        problems=() if written else (_("YouTube does not say when this was written."),),
    )


def thread_of(said: Said) -> list[RemotePost]:
    """Read a thread: the comment that began it, and as many answers as came along."""
    told = part(said, "snippet")
    thread, video, channel = word(said, "id"), word(told, "videoId"), word(told, "channelId")
    rows = [part(told, "topLevelComment"), *parts(part(said, "replies"), "comments")]
    found = (comment_of(row, thread=thread, video=video, channel=channel) for row in rows)
    return [post for post in found if post]
