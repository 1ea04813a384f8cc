"""What an entry of any feed format says, gathered before it becomes a post."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from urllib.parse import urljoin, urlsplit

from listening.networks.feed.dates import read_date
from listening.networks.feed.encoding import printable, untwisted
from listening.networks.feed.limits import LONGEST_ID, LONGEST_LINK, MOST_MEDIA
from listening.networks.feed.text import plain_text, plain_title, tidy
from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.words import _

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_PERSON = re.compile(
    r"\s*[^\s()<>]+@[^\s()<>]+\s*\(\s*(?P<after>[^()]+?)\s*\)\s*|\s*(?P<before>[^<>]+?)\s*<[^\s<>]+@[^\s<>]+>\s*"
)
# Addresses as most feeds write them: whole, and with nothing in them that would have to be set right.
_WHOLE_LINK = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[!-\"$-:<->@-~]*)?(?:\?[!-\"$->@-~]+)?(?:#[!-\"$-~]+)?", re.ASCII
)
_BREAKS = re.compile(r"[\t\r\n]+\s*")
_FOLDED = RemotePost(id="")
_FUTURE = timedelta(days=2)


@dataclass
class Entry:
    """The raw words of one entry; the first of several candidates that says something counts."""

    guid: str = ""
    link: str = ""
    base: str = ""
    title: str = ""
    title_is_html: bool = True
    html: str = ""
    text: str = ""
    author: str = ""
    author_url: str = ""
    published: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    language: str = ""
    in_reply_to: str = ""
    media: list[str] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Tell whether there is nothing in it at all."""
        return not (self.guid or self.link or self.title or self.html or self.text or self.media)


def to_posts(entries: list[Entry], at: datetime | None) -> list[RemotePost]:
    """Make posts of entries: each with an id that stays the same, no two with the same id, none twice."""
    posts = [_post(entry, at) for entry in entries]
    groups: dict[str, list[int]] = {}
    for place, post in enumerate(posts):
        groups.setdefault(post.id or f"text:{_mark(post.title, _stamp(post) or post.text)}", []).append(place)
    for identity, places in groups.items():
        if len(places) > 1:
            told = _told_apart(identity, {place: posts[place] for place in places})
            for place in places:
                posts[place] = told.get(place, _FOLDED)
        elif (bounded := _bounded(identity)) != posts[places[0]].id:
            posts[places[0]] = replace(posts[places[0]], id=bounded)
    return [post for post in posts if post is not _FOLDED]


def _told_apart(identity: str, alike: dict[int, RemotePost]) -> dict[int, RemotePost]:
    """Give posts that claim the same id ids of their own, by what does not depend on their neighbours."""
    distinct: dict[tuple[object, ...], int] = {}
    for place, post in alike.items():
        distinct.setdefault((post.url, post.title, post.text, post.published_at, post.media), place)
    if len(distinct) == 1:
        place = next(iter(distinct.values()))
        return {place: replace(alike[place], id=_bounded(identity))}
    keys: tuple[Callable[[RemotePost], str], ...] = (
        lambda post: _mark(post.url),
        lambda post: _mark(post.url, post.title, _stamp(post)),
        lambda post: _mark(post.url, post.title, _stamp(post), post.text, *post.media),
    )
    told = _("Several entries of the feed claim the same id; this one is told apart by its content.")
    left, result = list(distinct.values()), dict[int, RemotePost]()
    for key in keys:
        marks = {place: key(alike[place]) for place in left}
        shared = Counter(marks.values())
        left = [place for place in left if shared[marks[place]] > 1 and key is not keys[-1]]
        for place in marks.keys() - set(left):
            post = alike[place]
            result[place] = replace(post, id=_bounded(f"{identity}#{marks[place]}"), problems=(*post.problems, told))
    return result


def _post(entry: Entry, at: datetime | None) -> RemotePost:
    problems: list[str] = []
    published = _first_date(entry.published, at, problems)
    updated = _first_date(entry.updated, at, problems)
    if _untwist(entry):
        problems.append(_("The letters had been encoded twice and were set right."))
    if entry.is_empty():
        problems.append(_("The entry is empty."))
    return RemotePost(
        id=_own_id(entry),
        title=plain_title(entry.title, is_html=entry.title_is_html),
        text=plain_text(entry.html) or tidy(entry.text),
        url=web_link(entry.link, entry.base, problems),
        author=RemoteAuthor(name=person(entry.author), url=web_link(entry.author_url, entry.base, [])),
        published_at=published or updated,
        updated_at=updated,
        language=language_tag(entry.language),
        in_reply_to=printable(entry.in_reply_to).strip()[:LONGEST_LINK],
        media=_media(entry),
        problems=tuple(dict.fromkeys(problems)),
    )


def _untwist(entry: Entry) -> bool:
    before = (entry.title, entry.html, entry.text, entry.author)
    entry.title, entry.html, entry.text, entry.author = map(untwisted, before)
    return before != (entry.title, entry.html, entry.text, entry.author)


def _first_date(texts: list[str], at: datetime | None, problems: list[str]) -> datetime | None:
    failures: list[str] = []
    for text in texts:
        moment, doubt = read_date(text)
        if moment is not None:
            if doubt:
                problems.append(doubt)
            if at is not None and moment > at + _FUTURE:
                problems.append(_("The date %(moment)s lies in the future.", moment=format(moment, "%Y-%m-%d %H:%M")))
            return moment
        failures.append(doubt)
    problems.extend(failures)
    return None


def web_link(link: str, base: str, problems: list[str]) -> str:
    """Return a whole web address, or nothing when it is none."""
    if len(link) <= LONGEST_LINK and _WHOLE_LINK.fullmatch(link):
        return link
    link = _BREAKS.sub("", printable(link).strip()).replace(" ", "%20")
    if not link:
        return ""
    try:
        whole = urljoin(base, link) if base else link
        parts = urlsplit(whole)
        host = parts.hostname
    except ValueError:
        problems.append(_("The link is not a web address."))
        return ""
    if parts.scheme.lower() not in {"http", "https"} or not host:
        scheme = parts.scheme and parts.scheme.lower() not in {"http", "https"}
        problems.append(
            _("The link begins with %(scheme)s: and is left out.", scheme=parts.scheme[:20])
            if scheme
            else _("The link is not complete.")
        )
        return ""
    return "" if len(whole) > LONGEST_LINK else whole


def person(text: str) -> str:
    """Return the name out of `mail@example.org (Name)` and `Name <mail@example.org>`."""
    found = _PERSON.fullmatch(text[:500]) if "@" in text else None
    name = (found["after"] or found["before"]) if found else text
    return plain_title(name)[:200].strip(" \"'")


def language_tag(text: str) -> str:
    """Return a language tag such as `en` or `pt-BR`, or nothing when the text is none."""
    if not text:
        return ""
    tag = text.strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(tag) or tag.lower() in {"und", "mul", "zxx"}:
        return ""
    first, dash, rest = tag.partition("-")
    return first.lower() + dash + (rest.upper() if len(rest) == 2 else rest)


def _media(entry: Entry) -> tuple[str, ...]:
    links = (web_link(link, entry.base, []) for link in entry.media)
    return tuple(dict.fromkeys(link for link in links if link))[:MOST_MEDIA]


def _own_id(entry: Entry) -> str:
    link = entry.link or next(filter(None, entry.media), "")
    return printable(entry.guid).strip() or _BREAKS.sub("", printable(link).strip())


def _bounded(identity: str) -> str:
    if len(identity.encode()) <= LONGEST_ID:
        return identity
    return identity.encode()[: LONGEST_ID - 40].decode("utf-8", "ignore") + "#" + _mark(identity)


def _stamp(post: RemotePost) -> str:
    return post.published_at.isoformat() if post.published_at else ""


def _mark(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "ignore"), digest_size=10).hexdigest()
