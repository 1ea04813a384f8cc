"""From what X says of posts to ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import unescape

from listening.networks.answers import Said, moment, number, part, parts, word
from listening.networks.feed.text import tidy
from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.words import _

SITE = "https://x.com"


def author_of(told: Said) -> RemoteAuthor:
    """Read who wrote a post."""
    handle = word(told, "username")
    return RemoteAuthor(
        id=word(told, "id"),
        handle=handle,
        name=word(told, "name") or handle,
        url=f"{SITE}/{handle}" if handle else "",
        followers=number(part(told, "public_metrics"), "followers_count"),
    )


def people_of(told: Said) -> dict[str, RemoteAuthor]:
    """Return the people that came along with an answer, by their ids."""
    return {word(one, "id"): author_of(one) for one in parts(part(told, "includes"), "users")}


def versions(post: Said) -> list[str]:
    """Return the ids of all versions of a post, the first one first: an edit has an id of its own."""
    history = post.get("edit_history_tweet_ids")
    found = [one for one in history if isinstance(one, str) and one.isdigit()] if isinstance(history, list) else []
    return found or [word(post, "id")]


def post_of(post: Said, people: Mapping[str, RemoteAuthor]) -> RemotePost | None:
    """Read a post under the id of its first version, or nothing where it has none."""
    if not word(post, "id").isdigit():
        return None
    own, writer = versions(post)[0], word(post, "author_id")
    author = people.get(writer) or RemoteAuthor(id=writer)
    written = moment(post, "created_at")
    language = word(post, "lang")
    return RemotePost(
        id=own,
        text=text_of(post),
        url=f"{SITE}/{author.handle or 'i/web'}/status/{own}",
        author=author,
        published_at=written,
        # The time of a later version is its own; when the first was written stands in its number.
        updated_at=written if own != word(post, "id") else None,
        language="" if language in {"und", "zxx", "qme", "qht", "qam", "qct", "qst"} else language,
        in_reply_to=_answered(post),
        conversation=word(post, "conversation_id") or own,
        addressed_to=tuple(sorted(addressed(post))),
        problems=() if written else (_("X does not say when this was written."),),
    )


def text_of(post: Said) -> str:
    """Return the words as they were typed: long ones whole, links as they lead, signs as they are."""
    long = part(post, "note_tweet")
    text, entities = (word(long, "text"), part(long, "entities")) if word(long, "text") else (word(post, "text"), None)
    for link in parts(part(post, "entities") if entities is None else entities, "urls"):
        short, whole = word(link, "url"), word(link, "expanded_url")
        if short and whole:
            text = text.replace(short, whole)
    return tidy(unescape(text))


def addressed(post: Said) -> Iterable[str]:
    """Whom a post names, and whose post it answers."""
    named = [*parts(part(post, "entities"), "mentions"), *parts(part(part(post, "note_tweet"), "entities"), "mentions")]
    return {found for one in named if (found := word(one, "id"))} | {
        found for found in (word(post, "in_reply_to_user_id"),) if found
    }


def _answered(post: Said) -> str:
    for other in parts(post, "referenced_tweets"):
        if word(other, "type") == "replied_to":
            return word(other, "id")
    return ""
