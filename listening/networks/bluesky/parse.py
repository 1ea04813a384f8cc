"""From what Bluesky shows to posts. What a post says is read from its record alone, which is the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from listening.networks.bluesky.ids import POSTS, address_of, page_of, profile_page
from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.words import _

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,20})?(?:Z|[+-]\d{2}:\d{2})", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_CUT = re.compile(r"(?:\.{3}|…)$")
_PICTURES = "https://cdn.bsky.app/img/feed_fullsize/plain"
MOST_MEDIA = 20
# A record may be as large as its author's server lets it: more than fits into a post of today is not read.
LONGEST, MOST_FACETS = 20_000, 200


def post_of(view: Mapping[str, Any], *, to: str = "") -> RemotePost | None:
    """Read a post as it is shown, in a list, a thread or a notification; None for what is no post.

    `to` is an account that it surely addresses, such as the one whose notification it is.
    """
    uri, record = str(view.get("uri") or ""), _mapping(view.get("record") or view.get("value"))
    found = address_of(uri)
    if not uri or not record or (found.collection if found else record.get("$type")) != POSTS:
        return None
    problems: list[str] = []
    author = author_of(_mapping(view.get("author")), found.did if found else "")
    reply = _mapping(record.get("reply"))
    parent, root = _uri(reply.get("parent")), _uri(reply.get("root"))
    media = tuple(dict.fromkeys(_shown(_mapping(view.get("embed"))))) or tuple(_recorded(record, author.id))
    languages = [str(said) for said in _list(record.get("langs")) if _LANGUAGE.fullmatch(str(said))]
    return RemotePost(
        id=uri,
        text=text_of(record),
        url=page_of(uri),
        author=author,
        published_at=_published(record, view, problems),
        language=languages[0] if languages else "",
        in_reply_to=parent,
        conversation=root or parent or uri,
        addressed_to=_addressed(record, parent, to, but=author.id),
        media=media[:MOST_MEDIA],
        problems=tuple(problems),
    )


def author_of(profile: Mapping[str, Any], did: str = "") -> RemoteAuthor:
    """Read who somebody is; `did` is known although nothing else may be."""
    did = str(profile.get("did") or did)
    handle = str(profile.get("handle") or "")
    followers = profile.get("followersCount")
    return RemoteAuthor(
        id=did,
        handle="" if handle == "handle.invalid" else handle,
        name=str(profile.get("displayName") or "").strip(),
        url=profile_page(did),
        followers=followers if isinstance(followers, int) and followers >= 0 else None,
    )


def posts_in_thread(thread: Mapping[str, Any], *, limit: int = 200) -> list[RemotePost]:
    """Read all posts of a thread: what stands above, the post, and the answers, as far as they are shown.

    What is not shown may be there all the same: of an account that is switched off, or not indexed yet.
    """
    found: list[RemotePost] = []
    left: list[Any] = [thread]
    while left and len(found) < limit:
        node = _mapping(left.pop())
        post = post_of(_mapping(node.get("post")))
        if post is not None:
            found.append(post)
        left.extend(filter(None, [node.get("parent"), *_list(node.get("replies"))]))
    return found


def text_of(record: Mapping[str, Any]) -> str:
    """Return the words of a record: its text with links whole, then what its pictures show, its card and its quote."""
    text, found = str(record.get("text") or "")[:LONGEST], _list(record.get("facets"))[:MOST_FACETS]
    parts = [_with_whole_links(text, found).strip()]
    parts.extend(_attached(_mapping(record.get("embed"))))
    return "\n\n".join(part for part in parts if part)


def read_moment(text: Any) -> datetime | None:
    """Read a moment as the protocol writes it; None where it is none."""
    if not isinstance(text, str) or not _DATE.fullmatch(text) or text.endswith("-00:00"):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _published(record: Mapping[str, Any], view: Mapping[str, Any], problems: list[str]) -> datetime | None:
    said, indexed = read_moment(record.get("createdAt")), read_moment(view.get("indexedAt"))
    if said is None:
        problems.append(_("It does not say when it was written; it is dated by when Bluesky first saw it."))
        return indexed
    if indexed is not None and said > indexed:
        problems.append(_("It says that it was written later than Bluesky first saw it; the earlier moment was taken."))
        return indexed
    return said


def _with_whole_links(text: str, found: list[Any]) -> str:
    data, shift = text.encode("utf-8", "replace"), 0
    for facet in sorted(filter(None, map(_mapping, found)), key=_start):
        links = [_mapping(feature).get("uri") for feature in _list(facet.get("features"))]
        link = next((str(uri) for uri in links if isinstance(uri, str)), "")
        index = _mapping(facet.get("index"))
        start, end = index.get("byteStart"), index.get("byteEnd")
        if not link or not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end:
            continue
        said = data[start + shift : end + shift].decode("utf-8", "ignore")
        if end + shift > len(data) or not said or link in text:
            continue
        plain = _CUT.sub("", said).strip()
        whole = link if plain and plain in link else f"{said} ({link})"
        data = data[: start + shift] + whole.encode("utf-8", "replace") + data[end + shift :]
        shift += len(whole.encode("utf-8", "replace")) - (end - start)
    return data.decode("utf-8", "replace")


def _start(facet: Mapping[str, Any]) -> int:
    start = _mapping(facet.get("index")).get("byteStart")
    return start if isinstance(start, int) else 0


def _attached(embed: Mapping[str, Any]) -> Iterator[str]:
    """What stands beside the text, in words."""
    for picture in (*_list(embed.get("images")), *_list(embed.get("items"))):
        if alt := str(_mapping(picture).get("alt") or "").strip():
            yield f"[{alt}]"
    if embed.get("$type") == "app.bsky.embed.video" and (alt := str(embed.get("alt") or "").strip()):
        yield f"[{alt}]"
    if card := _mapping(embed.get("external")):
        lines = (str(card.get(name) or "").strip() for name in ("title", "description", "uri"))
        yield "\n".join(line for line in lines if line)
    if media := _mapping(embed.get("media")):
        yield from _attached(media)
    quoted = _mapping(embed.get("record"))
    uri = _uri(quoted.get("record")) or _uri(quoted)
    if page := page_of(uri):
        yield page


def _addressed(record: Mapping[str, Any], parent: str, to: str, *, but: str) -> tuple[str, ...]:
    """Whom it speaks to: whom it names, whom it answers, whom it quotes."""
    dids = {to}
    for facet in map(_mapping, _list(record.get("facets"))):
        dids.update(str(_mapping(feature).get("did") or "") for feature in _list(facet.get("features")))
    embed = _mapping(record.get("embed"))
    quoted = _mapping(embed.get("record"))
    for uri in (parent, _uri(quoted.get("record")) or _uri(quoted)):
        if found := address_of(uri):
            dids.add(found.did)
    return tuple(sorted(dids - {but, ""}))


def _shown(embed: Mapping[str, Any]) -> Iterator[str]:
    for picture in map(_mapping, (*_list(embed.get("images")), *_list(embed.get("items")))):
        yield from _web(picture.get("fullsize") or picture.get("thumb") or picture.get("thumbnail"))
    yield from _web(embed.get("playlist"))
    yield from _web(_mapping(embed.get("external")).get("thumb"))
    if media := _mapping(embed.get("media")):
        yield from _shown(media)


def _recorded(record: Mapping[str, Any], did: str) -> Iterator[str]:
    embed = _mapping(record.get("embed"))
    media = _mapping(embed.get("media")) or embed
    for picture in map(_mapping, (*_list(media.get("images")), *_list(media.get("items")))):
        link = _mapping(_mapping(picture.get("image")).get("ref")).get("$link")
        if isinstance(link, str) and re.fullmatch(r"[a-z0-9]{20,100}", link):
            yield f"{_PICTURES}/{did}/{link}@jpeg"


def _web(address: Any) -> Iterator[str]:
    if isinstance(address, str) and address.startswith(("https://", "http://")):
        yield address


def _uri(reference: Any) -> str:
    uri = _mapping(reference).get("uri")
    return uri if isinstance(uri, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
