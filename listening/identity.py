"""What makes a post the same post: ids, addresses and contents brought to one form."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import blake2b, sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

from listening.models import Source
from listening.networks.protocols import Network, RemoteAuthor, RemotePost

LONGEST_ID = 500
# Marks that follow a reader around and say nothing about the page.
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|wt_?mc|at_(medium|campaign))$", re.IGNORECASE
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A post as a source's page lists it, under the id, address and digest by which it is recognised."""

    source: Source
    remote_id: str
    url_key: str
    digest: str
    post: RemotePost


def web_address(url: str, longest: int) -> str:
    """An address that may stand behind a link, or nothing: a page links to the web only."""
    url = clean(url, longest)
    return url if url.lower().startswith(("http://", "https://")) else ""


def clean(text: str, longest: int | None = None) -> str:
    """Take out what the database cannot hold, and cut to a length in characters."""
    if not _is_storable(text):
        text = _UNSTORABLE.sub("", text)
    return text if longest is None else text[:longest]


def _is_storable(text: str) -> bool:
    # Whether a text is ASCII is known without looking; to search it for one letter is as good as free.
    return "\x00" not in text if text.isascii() else not _UNSTORABLE.search(text)


def storable(post: RemotePost) -> RemotePost:
    """Return the post with words that can be stored, compared and searched."""
    author = post.author
    if all(map(_is_storable, (post.title, post.text, author.id, author.handle, author.name))):
        return post
    author = replace(author, id=clean(author.id), handle=clean(author.handle), name=clean(author.name))
    return replace(post, title=clean(post.title), text=clean(post.text), author=author)


def storable_id(network: Network, source: Source, remote_id: str) -> str:
    """Return the id under which a post or author is stored: unique in the network, of a bounded length."""
    remote_id = clean(remote_id)
    if len(remote_id) > LONGEST_ID:
        remote_id = "sha256:" + sha256(remote_id.encode()).hexdigest()
    if network.ids_within == "source":
        return f"{source.key or source.pk}:{remote_id}"
    return remote_id


def author_id(network: Network, source: Source, author: RemoteAuthor) -> str:
    """Return the id under which an author is stored, empty where nobody is named."""
    if author.id:
        return storable_id(network, source, author.id)
    for kind, value in (("handle", author.handle.lstrip("@")), ("name", author.name)):
        if value.strip():
            return storable_id(network, source, f"{kind}:{' '.join(value.casefold().split())}")
    return ""


def url_key(url: str) -> str:
    """Return one key for all spellings of an address; empty where it names a whole site or nothing."""
    try:
        parts = urlsplit(clean(url).strip())
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return ""
    query = _without_marks(parts.query) if parts.query else ""
    path = parts.path.rstrip("/")
    if not host or not (path or query or parts.fragment):
        return ""
    where = host if port in {None, 80, 443} else f"{host}:{port}"
    return blake2b(f"{where}\n{path}\n{query}\n{parts.fragment}".encode(), digest_size=20).hexdigest()


def _without_marks(query: str) -> str:
    return urlencode([pair for pair in parse_qsl(query, keep_blank_values=True) if not _TRACKING.match(pair[0])])


def content_digest(title: str, text: str) -> str:
    """Return what tells one version of a post from another; how it is spaced does not count."""
    said = " ".join(title.split()) + "\n" + " ".join(text.split())
    return blake2b(said.encode(), digest_size=20).hexdigest()


def place_key(network: str, place: str) -> str:
    """Return the key of a source, the same for the same place whenever it is added."""
    return blake2b(f"{network}\n{place}".encode(), digest_size=8).hexdigest()
