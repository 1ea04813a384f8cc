"""What makes a post the same post: ids, addresses and contents brought to one form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

from listening.models import Source
from listening.networks.protocols import Network, RemoteAuthor, RemotePost
from listening.networks.words import _

LONGEST_ID = 500
# Marks that follow a reader around and say nothing about the page.
_TRACKING = re.compile(
    r"^(utm_\w+|jsessionid|phpsessid|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|wt_?mc|at_(medium|campaign))$",
    re.IGNORECASE,
)
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
# Marks that name the way by which a reader came, where the way is a feed.
_WAYS = frozenset("ref source src from via partner emc cmp cmpid xtor feature".split())
_FEED_WAY = re.compile(r"^(rss|feed|atom|jsonfeed|youtube_gdata)", re.IGNORECASE)
# The same page for phones, for one search engine, and as the file that it lies in.
_SAME_HOST = re.compile(r"^(www|m|mobile|amp)\.(?=[^.]+\.)")
_SAME_PAGE = re.compile(r"(/amp|/index\.(html?|php))$", re.IGNORECASE)
# Fewer letters than these are said by many who mean different things.
_OWN_WORDS = 80
# Addresses of the usual form are taken apart several times as fast as by the library.
_USUAL = re.compile(r"https?://([A-Za-z0-9.-]+)((?:/[!-\"$->@-~]*)?)((?:\?[!-\"$-~]*)?)((?:#[!-~]*)?)", re.ASCII)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# What lies beyond is a placeholder, and on its first and last day no moment for every clock in the world.
_EARLIEST, _LATEST = datetime(1800, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """A post as a source's page lists it, under the id, address and digest by which it is recognised."""

    source: Source
    remote_id: str
    url_key: str
    digest: str
    post: RemotePost
    # Whether its page gives the address to nothing else.
    is_alone: bool = True


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
    # Whether a text is ASCII is known without looking; to search it for one letter is as good as free, and to encode it
    # takes a fraction of what a regular expression does.
    if "\x00" in text:
        return False
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def storable(post: RemotePost) -> RemotePost:
    """Return the post with words and moments that can be stored, compared, searched and shown."""
    post, author = with_moments(post), post.author
    if all(map(_is_storable, (post.title, post.text, author.id, author.handle, author.name))):
        return post
    author = replace(author, id=clean(author.id), handle=clean(author.handle), name=clean(author.name))
    return replace(post, title=clean(post.title), text=clean(post.text), author=author)


def with_moments(post: RemotePost) -> RemotePost:
    """Return the post with moments that every clock can show; one that is none is told as a problem."""
    if _is_shown_anywhere(post.published_at) and _is_shown_anywhere(post.updated_at):
        return post
    # What names no zone is in UTC.
    said = [at.replace(tzinfo=at.tzinfo or UTC) if at else None for at in (post.published_at, post.updated_at)]
    published_at, updated_at = (at if _is_shown_anywhere(at) else None for at in said)
    problems = tuple(
        _("The date “%(text)s” is a placeholder, not a date.", text=str(at)[:60])
        for at in said
        if not _is_shown_anywhere(at)
    )
    return replace(post, published_at=published_at, updated_at=updated_at, problems=(*post.problems, *problems))


def _is_shown_anywhere(at: datetime | None) -> bool:
    return at is None or (at.tzinfo is not None and _EARLIEST <= at < _LATEST)


def storable_id(network: Network, source: Source, remote_id: str) -> str:
    """Return the id under which a post or author is stored: unique in the network, of a bounded length."""
    remote_id = clean(remote_id)
    if len(remote_id) > LONGEST_ID:
        remote_id = "sha256:" + sha256(remote_id.encode()).hexdigest()
    if network.ids_within == "source":
        return f"{source.key or source.pk}:{remote_id}"
    return remote_id


def bare_id(network: Network, remote_id: str) -> str:
    """Return a stored id as its network writes it."""
    return remote_id.partition(":")[2] if network.ids_within == "source" else remote_id


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
    if usual := _USUAL.fullmatch(url):
        host, path, query, fragment = usual[1].lower(), usual[2], usual[3][1:], usual[4][1:]
        return _key(host.removeprefix("www."), path, query, fragment)
    try:
        parts = urlsplit(clean(url).strip())
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return ""
    where = host if not host or port in {None, 80, 443} else f"{host}:{port}"
    return _key(where, parts.path, parts.query, parts.fragment)


def _key(where: str, path: str, query: str, fragment: str) -> str:
    path, query = _SESSION.sub("", path).rstrip("/"), _telling(query)
    if not where or not (path or query or fragment):
        return ""
    return blake2b(f"{where}\n{path}\n{query}\n{fragment}".encode(), digest_size=20).hexdigest()


def _telling(query: str) -> str:
    """Return what of an address's query says which page it is."""
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, said) for name, said in pairs if not (_TRACKING.match(name) or _is_way(name, said))])


def _is_way(name: str, said: str) -> bool:
    return name.lower() in _WAYS and _FEED_WAY.match(said) is not None


def piece_key(post: RemotePost, *, is_alone: bool = True) -> str:
    """Return the key that the same piece has in every feed and format: its address, else its words, else nothing.

    `is_alone` tells whether the page that lists the post gives its address to no other one.
    """
    return (_address_of_piece(post) if is_alone else "") or _words_of_piece(post)


def piece_keys(post: RemotePost, *, is_alone: bool = True) -> tuple[str, ...]:
    """Return all that two tellings of one piece may have in common; one key is enough."""
    return tuple(filter(None, (_address_of_piece(post) if is_alone else "", _words_of_piece(post))))


def same_piece(one: RemotePost, other: RemotePost) -> bool:
    """Tell whether two posts are the same piece, though it came from different feeds or in different formats."""
    return not set(piece_keys(one)).isdisjoint(piece_keys(other))


def is_its_own_page(url: str, own_id: str) -> bool:
    """Tell whether a post is the page at its address, and not what somebody elsewhere says about that page.

    Places where links are shared list the shared address; the id is then an address of theirs.
    """
    try:
        there, here = urlsplit(clean(own_id)), urlsplit(clean(url))
        said_at, page_at = there.hostname or "", here.hostname or ""
    except ValueError:
        return False
    is_address = there.scheme in {"http", "https"} and bool(said_at)
    return not is_address or _SAME_HOST.sub("", said_at) == _SAME_HOST.sub("", page_at)


def _address_of_piece(post: RemotePost) -> str:
    # A link by way of a feed's host counts its readers; the piece's own address is then its id.
    return page_key(post.id if "/~r/" in post.url and web_address(post.id, 4000) else post.url)


def page_key(url: str) -> str:
    """Return one key for all addresses under which a page is known; empty where it names a whole site or nothing."""
    if usual := _USUAL.fullmatch(url):
        host, path, query, fragment = usual[1].lower(), usual[2], usual[3][1:], usual[4][1:]
    else:
        try:
            parts = urlsplit(clean(url).strip())
            host, path, query, fragment = parts.hostname or "", parts.path, parts.query, parts.fragment
        except ValueError:
            return ""
    host = _SAME_HOST.sub("", host)
    path, query = _SAME_PAGE.sub("", _SESSION.sub("", path).rstrip("/")), _telling(query)
    if not host or not (path or query):
        return ""
    page = f"{host}\n{path}\n{query}\n{fragment}"
    return blake2b(page.encode(), digest_size=20, person=b"address").hexdigest()


def _words_of_piece(post: RemotePost) -> str:
    said = unicodedata.normalize("NFKC", f"{post.title} {post.text}").casefold()
    letters = "".join(filter(str.isalnum, said))
    if len(letters) < _OWN_WORDS:
        return ""
    return blake2b(letters.encode("utf-8", "ignore"), digest_size=20, person=b"words").hexdigest()


def content_digest(title: str, text: str) -> str:
    """Return what tells one version of a post from another; how it is spaced does not count."""
    said = " ".join(title.split()) + "\n" + " ".join(text.split())
    return blake2b(said.encode(), digest_size=20).hexdigest()


def place_key(network: str, place: str) -> str:
    """Return the key of a source, the same for the same place whenever it is added."""
    return blake2b(f"{network}\n{place}".encode(), digest_size=8).hexdigest()
