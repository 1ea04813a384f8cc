"""Stored posts as queries see them: the same for search, preview and back-fill as for a post that just came."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from listening.matching import Document
from listening.matching.folding import fold
from listening.models import Mention, Post

# Longer words are cut, in what is stored and in what is looked for alike; longer posts are found by how they begin.
LONGEST_WORD = 100
LONGEST_WORDS = 200_000
LONGEST_HOST = 253

_SPACE = re.compile(r"\s+")


def document_of(post: Post) -> Document:
    """Return a stored post, its author, source and mention read along, as a document."""
    mention: Mention | None = getattr(post, "mention", None)
    return Document(
        text=post.text,
        title=post.title,
        author=post.author.name if post.author else "",
        handle=post.author.handle if post.author else "",
        network=post.network,
        source=(post.source.name or post.source.place) if post.source else "",
        language=(mention.language if mention else "") or post.language,
        url=post.url,
        has_media=bool(post.media),
        is_reply=bool(post.in_reply_to),
        is_judged=True,
    )


def words_of(post: Post) -> str:
    """Return what is stored of a post for search: its words between spaces, and then its facts."""
    words = cut(document_of(post).folded.words[:LONGEST_WORDS].rpartition(" ")[0])
    return f"{words} {''.join(f'{fact} ' for fact in _facts(post))}"


def cut(words: str) -> str:
    """Cut each word to the length that is stored."""
    if len(words) <= LONGEST_WORD:
        return words
    return " ".join(word[:LONGEST_WORD] for word in words.split(" "))


def _facts(post: Post) -> list[str]:
    facts = [network_fact(post.network)]
    if post.media:
        facts.append(MEDIA)
    if post.in_reply_to:
        facts.append(REPLY)
    if post.source_id:
        facts.append(source_fact(post.source_id))
    if post.author:
        facts += author_facts(post.author.name)
        if handle := bare(post.author.handle):
            facts += [handle_fact(handle), handle_fact(handle.partition("@")[0])]
    return facts + [site_fact(name) for name in _names_of_host(post.url)]


MEDIA, REPLY = ":media", ":reply"


def network_fact(name: str) -> str:
    """The fact that a post comes from a network."""
    return _fact("n", name.casefold())


def source_fact(key: int) -> str:
    """The fact that a post came from a source."""
    return _fact("s", str(key))


def author_facts(name: str) -> list[str]:
    """The facts that a word is part of the author's name."""
    return [_fact("a", word) for word in fold(name).split()]


def handle_fact(handle: str) -> str:
    """The fact that the author has a handle."""
    return _fact("h", bare(handle))


def site_fact(host: str) -> str:
    """The fact that a post stands on a host, or one below it."""
    return _fact("u", host)


def bare(handle: str) -> str:
    """Return a handle without its sign and without case."""
    return handle.casefold().lstrip("@")


def _fact(kind: str, value: str) -> str:
    return f":{kind}{_SPACE.sub('␣', value)}"[:LONGEST_WORD]


def _names_of_host(url: str) -> list[str]:
    """Every name under which a host may be asked for: its own and those it is below."""
    try:
        host = (urlsplit(url if "//" in url else f"//{url}").hostname or "").removeprefix("www.")
    except ValueError:
        return []
    parts = host[-LONGEST_HOST:].split(".")
    return [".".join(parts[number:]) for number in range(len(parts))] if host else []
