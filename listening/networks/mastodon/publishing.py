"""Publishes a piece with its pictures and films, looks whether it arrived, and takes posts of ours back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from listening.networks.answers import Said, moment, objects, part, parts, word
from listening.networks.calling import before_sending
from listening.networks.http import Answer, Bounds
from listening.networks.mastodon.client import Server, raise_for_status, said, server_of
from listening.networks.mastodon.facts import DESCRIPTION_LIMIT, MEDIA_LIMIT
from listening.networks.mastodon.replying import accepted, checked_length, own_statuses, same_words
from listening.networks.multipart import form_of
from listening.networks.protocols import (
    Accepted,
    Access,
    Limits,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from listening.networks.publishing import OutgoingMedia, OutgoingPiece, PieceForm
from listening.networks.words import _

# A server publishes at once what is planned for sooner than this.
SOONEST = timedelta(minutes=5)
SCHEDULED = "scheduled/"
_VISIBILITY = {"": "", "public": "public", "unlisted": "unlisted", "followers": "private"}
_SECONDS_BETWEEN = 10.0
_UPLOAD = Bounds(connect=6.0, silence=30.0, total=120.0)
_WAIT_BEFORE = 120.0


def publish(access: Access, piece: OutgoingPiece) -> Accepted:
    """Publish a piece under its key, or have the server keep it until its time."""
    server = server_of(access)
    _refuse_what_would_be_lost(access, piece)
    text = checked_length(access, words_of_piece(piece), warning=piece.warning)
    with before_sending():
        found = _find_scheduled(server, piece) if piece.begins_at else None
    if found:
        return found  # servers do not regard the key of what is planned
    media = [_uploaded(access, server, one, key=piece.key) for one in piece.media]
    form = [
        ("status", text),
        ("visibility", _VISIBILITY[piece.visibility]),
        ("language", piece.language.partition("-")[0]),
        ("spoiler_text", piece.warning),
        ("sensitive", "true" if piece.warning and media else ""),
        ("scheduled_at", piece.begins_at.isoformat() if piece.begins_at else ""),
        *(("media_ids[]", identity) for identity in media),
    ]
    filled = [(name, value) for name, value in form if value]
    answer = server.send("POST", "/api/v1/statuses", filled, headers={"Idempotency-Key": piece.key})
    if piece.begins_at and answer.status == 200 and isinstance(told := _read(answer), dict) and "params" in told:
        return _kept(server, told)
    return accepted(server, answer)


def find_piece(access: Access, piece: OutgoingPiece) -> Accepted | None:
    """Look for the piece among what is planned and what the account wrote since."""
    server, text = server_of(access), words_of_piece(piece)
    if piece.begins_at and (found := _find_scheduled(server, piece)):
        return found
    for status in own_statuses(access, server, piece.at):
        if not word(status, "in_reply_to_id") and same_words(status, text) and _has_media(status, piece):
            return Accepted(id=f"{server.home.host}/{word(status, 'id')}", url=word(status, "url"))
    return None


def withdraw(access: Access, remote_id: str) -> None:
    """Take a post back; some servers break off while they do, so it is looked at before that counts as a failure."""
    server = server_of(access)
    host, _slash, number = remote_id.partition("/")
    if host != server.home.host:
        raise Refused(_("This was published through another server."))
    kind = "scheduled_statuses" if number.startswith(SCHEDULED) else "statuses"
    path = f"/api/v1/{kind}/{number.removeprefix(SCHEDULED)}"
    try:
        answer = server.send("DELETE", path)
    except Unreachable:
        if server.get(path).status in {404, 410}:
            return
        raise
    if answer.status not in {404, 410}:
        raise_for_status(answer)
    elif server.get(path).status == 200:
        raise Refused(_("This server takes no post back. Delete it there."))


def piece_form(facts: Mapping[str, Any], limits: Limits) -> PieceForm:
    """What a server takes, by what it said of itself."""
    types = facts.get("media_types")
    return PieceForm(
        limits=limits,
        warning="folds",
        visibilities=("public", "unlisted", "followers"),
        most_media=facts.get("max_media") or MEDIA_LIMIT,
        media_types=tuple(types) if types else ("image/", "video/", "audio/"),
        largest_image=facts.get("image_size") or None,
        largest_film=facts.get("video_size") or None,
        longest_alt=facts.get("description_limit") or DESCRIPTION_LIMIT,
        mixes_media=False,
        has_card=True,
    )


def words_of_piece(piece: OutgoingPiece) -> str:
    """The whole text as it is posted: title, words, link, and hashtags that the words do not have yet."""
    said_already = piece.text.casefold()
    tags = ["#" + "".join(filter(str.isalnum, tag)) for tag in piece.tags]
    missing = " ".join(tag for tag in tags if len(tag) > 1 and tag.casefold() not in said_already)
    link = piece.link if piece.link not in piece.text else ""
    return "\n\n".join(filter(None, (piece.title.strip(), piece.text.strip(), link, missing)))


def _refuse_what_would_be_lost(access: Access, piece: OutgoingPiece) -> None:
    facts: Any = access.facts
    if piece.is_draft:
        raise Refused(_("This network keeps no drafts."))
    if piece.slug or piece.categories:
        raise Refused(_("Posts here have neither an address of their own choice nor categories."))
    if not (piece.text.strip() or piece.title.strip() or piece.link or piece.media):
        raise Refused(_("An empty post cannot be published."))
    most = facts.get("max_media") or 4
    if len(piece.media) > most:
        raise Refused(_("A post here carries %(most)s pictures or films at most.", most=most))
    if len(piece.media) > 1 and any(not media.content_type.startswith("image/") for media in piece.media):
        raise Refused(_("A film or a sound goes alone, not together with pictures."))
    for media in piece.media:
        _refuse_media(facts, media)


def _refuse_media(facts: Any, media: OutgoingMedia) -> None:
    types, is_image = facts.get("media_types"), media.content_type.startswith("image/")
    if types and media.content_type not in types:
        raise Refused(
            _(
                "The server does not take files of the kind %(content_type)s: %(name)s.",
                content_type=media.content_type,
                name=media.name,
            )
        )
    most = facts.get("image_size" if is_image else "video_size")
    if most and len(media.body) > most:
        raise Refused(
            _(
                "%(name)s is larger than the %(most)s MB that the server takes.",
                name=media.name,
                most=format(most / 1_000_000, ".0f"),
            )
        )
    longest = facts.get("description_limit") or 1500
    if len(media.alt) > longest:
        raise Refused(
            _("The description of %(name)s is longer than %(longest)s characters.", name=media.name, longest=longest)
        )


def _uploaded(access: Access, server: Server, media: OutgoingMedia, *, key: str) -> str:
    """Hand over a file, once, and return its number when the server has made of it what it shows.

    Nothing is published by that, so whatever goes wrong may be tried again. While the server is at work on it, the
    piece goes out at a later visit: nobody waits for it here.
    """
    patient = replace(server, http=server.http.within(_UPLOAD))
    name = f"media {key} {sha256(media.alt.encode() + media.body).hexdigest()}"
    try:
        identity = access.memory.get(name, "")
        is_ready = False
        if not identity:
            identity, is_ready = _handed_over(patient, media)
            access.memory[name] = identity
        if not is_ready:
            _be_processed(access, server, media, identity, name)
    except (Unreachable, Unreadable) as problem:
        raise RateLimited(
            _("%(name)s could not be handed over: %(problem)s", name=media.name, problem=problem), wait=_WAIT_BEFORE
        ) from problem
    return identity


def _handed_over(server: Server, media: OutgoingMedia) -> tuple[str, bool]:
    """Upload a file; returns its number, and whether it can be posted already."""
    body, content_type = form_of(media, [("description", media.alt)] if media.alt else ())
    answer = server.upload("/api/v2/media", body, content_type)
    if answer.status in {404, 405}:
        answer = server.upload("/api/v1/media", body, content_type)
    if answer.status >= 500:
        raise_for_status(answer)
    return _identity(said(answer)), answer.status != 202


def _be_processed(access: Access, server: Server, media: OutgoingMedia, identity: str, name: str) -> None:
    """Look once whether the server has made of a file what it shows; RateLimited says when to look again."""
    answer = server.get(f"/api/v1/media/{identity}")
    if answer.status == 206:
        raise RateLimited(_("The server is still at work on %(name)s.", name=media.name), wait=_SECONDS_BETWEEN)
    if answer.status in {404, 410}:
        # At the next visit it is handed over anew.
        access.memory.pop(name, None)
        raise RateLimited(_("The server has lost %(name)s.", name=media.name), wait=_WAIT_BEFORE)
    raise_for_status(answer)


def _identity(found: Any) -> str:
    identity = word(found, "id") if isinstance(found, dict) else ""
    if not identity:
        raise Unreadable(_("The server did not say under which number it keeps the file."))
    return identity


def _find_scheduled(server: Server, piece: OutgoingPiece) -> Accepted | None:
    """Look among what is planned: by the key, else by words and time."""
    for told in _scheduled(server):
        params = part(told, "params")
        key = word(params, "idempotency")
        if key == piece.key if key else (word(params, "text") or word(params, "status")) == words_of_piece(piece):
            begins_at = moment(told, "scheduled_at")
            if key or (begins_at and piece.begins_at and abs(begins_at - piece.begins_at) < timedelta(minutes=1)):
                return _kept(server, told)
    return None


def _scheduled(server: Server) -> Iterator[Said]:
    below = ""
    for _page in range(10):
        answer = server.get("/api/v1/scheduled_statuses", [("limit", "40"), *([("max_id", below)] if below else [])])
        if answer.status == 404:
            return
        page = objects(said(answer))
        yield from page
        if len(page) < 20 or word(page[-1], "id") == below:
            return
        below = word(page[-1], "id")


def _has_media(status: Said, piece: OutgoingPiece) -> bool:
    return len(parts(status, "media_attachments")) == len(piece.media)


def _kept(server: Server, told: Said) -> Accepted:
    return Accepted(id=f"{server.home.host}/{SCHEDULED}{word(told, 'id')}")


def _read(answer: Answer) -> Any:
    try:
        return said(answer)
    except Unreadable:
        return None
