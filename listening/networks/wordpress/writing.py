"""Writes comments and posts: each so that it is found again when the answer was lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from html import escape, unescape
from typing import Any

from listening.networks.answers import moment
from listening.networks.calling import before_sending
from listening.networks.markup import html_of_markdown
from listening.networks.protocols import Accepted, OutgoingReply, Refused
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from listening.networks.wordpress.client import Said, Site, content_of, number_in
from listening.networks.wordpress.parse import is_gone
from listening.networks.words import _

LONGEST_COMMENT = 65_525  # bytes: the width of the column
# By so much a site's clock may be behind.
_MARGIN = timedelta(minutes=5)
_ALREADY_GONE = {"rest_already_trashed", "rest_comment_invalid_id", "rest_post_invalid_id"}


async def reply(site: Site, user: int, outgoing: OutgoingReply) -> Accepted:
    """Answer a comment, once; WordPress itself refuses the same words below the same comment a second time."""
    text = outgoing.text.strip()
    if not text:
        raise Refused(_("An empty reply cannot be sent."))
    if len(text.encode()) > LONGEST_COMMENT:
        raise Refused(_("The reply is longer than the 65,525 bytes that fit into a comment."))
    with before_sending():
        article, parent = await _answered(site, outgoing.to)
    try:
        made = await site.post("comments", {"post": article, "parent": parent, "content": escape(text, quote=False)})
    except Said as said:
        if said.code != "comment_duplicate":
            raise
        found = await find_reply(site, user, outgoing)
        if found is None:
            raise Refused(_("The site says that this was said here before. Say it in other words.")) from said
        return found
    return _comment(site, made)


async def find_reply(site: Site, user: int, outgoing: OutgoingReply) -> Accepted | None:
    """Look for our words below the comment that was answered."""
    start = f"{site.key}/comment/"
    below = (
        {"parent": number_in(site, "comment", outgoing.to)}
        if outgoing.to.startswith(start)
        else {"post": number_in(site, "post", outgoing.to), "parent": 0}
    )
    items, _there = await site.pages(
        "comments", most=20, per_page=100, order="desc", status="any", context="edit", author=[user], **below
    )
    for item in items:
        if is_gone(item) or not _is_since(item, outgoing.at):
            continue
        if _words(unescape(_raw(item.get("content")))) == _words(outgoing.text):
            return _comment(site, item)
    return None


def _is_since(item: Mapping[str, Any], at: datetime | None) -> bool:
    """Whether a comment is not older than the words that are looked for: the same may have been said before."""
    said_at = moment(item, "date_gmt")
    return at is None or said_at is None or said_at >= at - _MARGIN


async def publish(site: Site, piece: OutgoingPiece) -> Accepted:
    """Publish a post, once; a repeat finds what is there."""
    _refuse_what_would_be_lost(piece)
    with before_sending():
        # A second post at the same address would silently get another one.
        if there := await _at_slug(site, _slug(piece)):
            if _is(piece, there):
                return _post(site, there)
            raise Refused(
                _(
                    "There is another post at “%(slug)s” already. Choose another address for this one.",
                    slug=_slug(piece),
                )
            )
        pictures = [await _uploaded(site, piece, number, media) for number, media in enumerate(piece.media)]
        content: dict[str, Any] = {
            "title": piece.title,
            "content": html_of(piece, pictures[1:]),
            "slug": _slug(piece),
            "status": "draft" if piece.is_draft else "future" if _is_later(piece) else "publish",
            "categories": [await _term(site, "categories", name) for name in piece.categories],
            "tags": [await _term(site, "tags", name.removeprefix("#")) for name in piece.tags],
        }
        if pictures:
            content["featured_media"] = pictures[0]["id"]
    content |= {"date_gmt": _date(piece.begins_at or piece.at)}
    return _post(site, await site.post("posts", content))


async def find_piece(site: Site, piece: OutgoingPiece) -> Accepted | None:
    """Look for the post at the address that was chosen for it."""
    there = await _at_slug(site, _slug(piece))
    return _post(site, there) if there is not None and _is(piece, there) else None


async def withdraw(site: Site, remote_id: str) -> None:
    """Put a post or comment of ours into the site's trash; what lies there already is no error."""
    kind = "comment" if remote_id.startswith(f"{site.key}/comment/") else "post"
    answer = await site.ask("DELETE", f"{kind}s/{number_in(site, kind, remote_id)}")
    try:
        content_of(answer)
    except Said as said:
        if said.code not in _ALREADY_GONE:
            raise


def html_of(piece: OutgoingPiece, pictures: list[Mapping[str, Any]]) -> str:
    """Draw the Markdown as a page does, with the link below it and then the pictures."""
    parts = [html_of_markdown(words_of_piece(piece))]
    for picture in pictures:
        source, alt = escape(str(picture.get("source_url") or "")), escape(str(picture.get("alt_text") or ""))
        parts.append(f'<figure class="wp-block-image"><img src="{source}" alt="{alt}"></figure>')
    return "\n\n".join(parts)


def words_of_piece(piece: OutgoingPiece) -> str:
    """Return the words with the link below them, unless it stands in them."""
    link = piece.link if piece.link not in piece.text else ""
    return "\n\n".join(filter(None, (piece.text.strip(), link)))


async def _answered(site: Site, to: str) -> tuple[int, int]:
    """Return the post and the comment that are answered."""
    if to.startswith(f"{site.key}/post/"):
        return number_in(site, "post", to), 0
    number = number_in(site, "comment", to)
    try:
        found = await site.get(f"comments/{number}", context="edit")
    except Said as said:
        if said.code == "rest_comment_invalid_id":
            raise Refused(_("The comment that is answered is not on the site any more.")) from said
        raise
    if is_gone(found):
        raise Refused(_("The comment that is answered lies in the site's spam or trash."))
    if found.get("status") == "hold":
        raise Refused(_("The comment waits for approval on the site. Approve it there, then answer it."))
    return int(found["post"]), number


def _comment(site: Site, item: Mapping[str, Any]) -> Accepted:
    return Accepted(id=f"{site.key}/comment/{item['id']}", url=str(item.get("link") or ""))


def _post(site: Site, item: Mapping[str, Any]) -> Accepted:
    return Accepted(id=f"{site.key}/post/{item['id']}", url=str(item.get("link") or ""))


async def _at_slug(site: Site, slug: str) -> Mapping[str, Any] | None:
    items, _there = await site.pages("posts", most=1, slug=slug, status="any", context="edit")
    return items[0] if items else None


def _is(piece: OutgoingPiece, item: Mapping[str, Any]) -> bool:
    """Whether the post there is this piece: where we chose its address by the key, it is; else by title and date."""
    is_titled = _words(unescape(_raw(item.get("title")))) == _words(piece.title)
    is_dated = str(item.get("date_gmt") or "")[:19] == _date(piece.begins_at or piece.at)
    return not piece.slug or (is_titled and is_dated)


def _slug(piece: OutgoingPiece) -> str:
    if piece.slug:
        return piece.slug
    mark = blake2b(piece.key.encode(), digest_size=4).hexdigest()
    plain = unicodedata.normalize("NFKD", piece.title).encode("ascii", "ignore").decode().lower()
    return "-".join([*re.findall(r"[a-z0-9]+", plain)[:8], mark])


def _is_later(piece: OutgoingPiece) -> bool:
    return piece.begins_at is not None and piece.begins_at > datetime.now(UTC)


def _date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


async def _term(site: Site, kind: str, name: str) -> int:
    """Return the number of a category or tag, made where it is not there."""
    items, _there = await site.pages(kind, most=3, search=name, per_page=100)
    for item in items:
        if unescape(str(item.get("name"))).casefold() == name.casefold():
            return int(item["id"])
    try:
        return int((await site.post(kind, {"name": name}))["id"])
    except Said as said:
        if said.code == "term_exists" and isinstance(said.data.get("term_id"), int):
            return int(said.data["term_id"])
        if said.status in {401, 403}:
            raise Refused(
                _("“%(name)s” is not among the site's %(kind)s, and this user may not add it.", name=name, kind=kind)
            ) from said
        raise


async def _uploaded(site: Site, piece: OutgoingPiece, number: int, media: OutgoingMedia) -> Mapping[str, Any]:
    """Return a picture on the site; what an attempt before brought there is not brought again."""
    mark = blake2b(piece.key.encode() + media.body, digest_size=8).hexdigest()
    slug = f"touchline-{mark}-{number}"
    items, _there = await site.pages("media", most=1, slug=slug)
    found = items[0] if items else None
    if found is None:
        ending = re.sub(r"[^a-z0-9]", "", media.name.rpartition(".")[2].lower())[:5] or "bin"
        answer = await site.ask(
            "POST",
            "media",
            headers={
                "Content-Type": media.content_type,
                "Content-Disposition": f'attachment; filename="{slug}.{ending}"',
            },
            body=media.body,
        )
        found = content_of(answer)
    if media.alt and found.get("alt_text") != media.alt:
        found = await site.post(f"media/{found['id']}", {"alt_text": media.alt, "title": media.name})
    return found


def _refuse_what_would_be_lost(piece: OutgoingPiece) -> None:
    if not piece.title.strip():
        raise Refused(_("A post on a site needs a title."))
    if piece.slug and not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", piece.slug):
        raise Refused(_("The address of a post consists of small letters, digits and hyphens."))
    if piece.warning:
        raise Refused(_("WordPress has no content warnings. Say it in the text."))
    if piece.visibility not in {"", "public"}:
        raise Refused(_("A post on a site is public."))
    for media in piece.media:
        if not media.content_type.startswith("image/"):
            raise Refused(_("%(name)s is not a picture; from here only pictures go to a site.", name=media.name))


def _raw(said: Any) -> str:
    return str(said.get("raw") or said.get("rendered") or "") if isinstance(said, dict) else ""


def _words(text: str) -> str:
    return " ".join(text.split())
