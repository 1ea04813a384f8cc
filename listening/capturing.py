"""Write what is new: posts with their authors, and the mentions among them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from listening import writing
from listening.identity import Entry, author_id, clean, piece_key, web_address
from listening.judging import Judgement
from listening.models import Author, Channel, Mention, Post, Source
from listening.networks import get
from listening.signals import NewPost
from roles.rows import as_read

# What was published longer than this before a source's first poll does not ask for anybody's attention.
OLD = timedelta(days=7)
# As many as a row can hold.
MOST_FOLLOWERS = 2**63 - 1


def capture(
    network_name: str, found: list[tuple[Entry, Judgement]], *, at: datetime
) -> tuple[list[Mention], list[Entry], list[NewPost]]:
    """Write new posts; returns the mentions among them, their posts and authors read along, what was new, and which of
    that belongs to a conversation."""
    if not found:
        return [], [], []
    network = get(network_name)
    speakers: dict[str, Entry] = {}
    posts, matches = [], []
    by_id: dict[str, tuple[Entry, Judgement, dict[str, Any]]] = {}
    for number, (entry, judgement) in enumerate(found):
        author = author_id(network, entry.source, entry.post.author)
        if author:
            speakers[author] = entry
        row = _post_row(number, author, entry, judgement)
        row["is_old"] = is_old(entry.source, entry.post.published_at, at=at)
        posts.append(row)
        by_id[entry.remote_id] = (entry, judgement, row)
        if judgement.is_mention:
            matches += [
                {"remote_id": entry.remote_id, "query_id": query, "spans": spans}
                for query, spans in judgement.matches.items()
            ]
    authors = {key: _author_row(key, entry) for key, entry in speakers.items()}
    writing.write_authors(network_name, authors.values(), at=at)
    written = writing.write_posts(network_name, posts, matches, at=at)
    captured, said = [], []
    for line in written:
        row = by_id[line.remote_id][2]
        if row["conversation"]:
            said.append(NewPost(line.post_id, network_name, row["conversation"], line.author_id, row["is_ours"]))
        if line.mention_id is not None:
            entry, judgement, row = by_id[line.remote_id]
            post = _post(entry.source, line, row, authors.get(row["author"]), at=at)
            captured.append(mention_of(entry.source, line.mention_id, post, judgement, at=at))
    return captured, [by_id[line.remote_id][0] for line in written], said


def mention_of(source: Source, key: int, post: Post, judgement: Judgement, *, at: datetime) -> Mention:
    """Return a mention that was just written, as a row that was read."""
    channel: Channel | None = judgement.channel
    values = {
        "id": key,
        "post_id": post.pk,
        "network": source.network,
        "source_id": source.pk,
        "channel_id": channel.pk if channel else None,
        "query_ids": sorted(judgement.matches),
        "captured_at": at,
        **judgement.appraisal.fields(),
    }
    values["is_old"] = is_old(source, post.published_at, at=at)
    return as_read(Mention, values, post=post, source=source, channel=channel)


def is_old(source: Source, published_at: datetime | None, *, at: datetime) -> bool:
    """Whether it is no news: before its first success a source is being taken up, and lists what is long past."""
    return source.last_success_at is None and published_at is not None and published_at < at - OLD


def content_row(entry: Entry) -> dict[str, Any]:
    """Return what an edit may change, ready to be stored."""
    post = entry.post
    return {
        "remote_id": entry.remote_id,
        "url": web_address(post.url, 4000),
        "url_key": entry.url_key,
        "piece": piece_key(post, is_alone=entry.is_alone),
        "title": clean(post.title),
        "text": clean(post.text),
        "language": clean(post.language, 20),
        "media": [clean(address) for address in post.media],
        "edited_at": post.updated_at if post.updated_at != post.published_at else None,
        "content_digest": entry.digest,
        "problems": [clean(problem) for problem in post.problems],
    }


def _post_row(number: int, author: str, entry: Entry, judgement: Judgement) -> dict[str, Any]:
    post = entry.post
    return content_row(entry) | {
        "number": number,
        "source_id": entry.source.pk,
        "is_internal": entry.source.is_internal,
        "author": author,
        "conversation": clean(post.conversation, 1000),
        "in_reply_to": clean(post.in_reply_to, 1000),
        "is_ours": judgement.is_ours,
        "published_at": post.published_at,
        "is_mention": judgement.is_mention,
        **mention_row(judgement),
    }


def mention_row(judgement: Judgement) -> dict[str, Any]:
    """Return what a judgement says of a mention, ready to be stored."""
    return {
        "channel_id": judgement.channel.pk if judgement.channel else None,
        "query_ids": sorted(judgement.matches),
        **judgement.appraisal.row(),
    }


def _author_row(key: str, entry: Entry) -> dict[str, Any]:
    author = entry.post.author
    handle, name = clean(author.handle, 300), clean(author.name, 300)
    return {
        "remote_id": key, "handle": handle, "name": name, "url": web_address(author.url, 2000),
        "followers": None if author.followers is None else min(max(0, author.followers), MOST_FOLLOWERS),
    }  # fmt: skip


def _post(
    source: Source, line: writing.Written, row: dict[str, Any], author_row: dict[str, Any] | None, *, at: datetime
) -> Post:
    author = None
    if author_row and line.author_id:
        known = {"id": line.author_id, "network": source.network, "first_seen_at": at}
        author = as_read(Author, author_row | known)
    known = {"id": line.post_id, "network": source.network, "author_id": line.author_id, "captured_at": at}
    return as_read(Post, row | known, source=source, author=author)
