"""Writes posts: each under a key of our own, so that whatever is repeated is the same post again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from listening.networks.bluesky.client import Said, Server
from listening.networks.bluesky.facets import facets
from listening.networks.bluesky.identity import Directories, did_of
from listening.networks.bluesky.ids import POSTS, Address, address_of, is_did, key_for, moment, page_of
from listening.networks.bluesky.lengths import why_too_long
from listening.networks.bluesky.parse import _LANGUAGE
from listening.networks.bluesky.reading import views_of
from listening.networks.bluesky.revisiting import is_gone
from listening.networks.calling import WAIT_BEFORE_SENDING, before_sending
from listening.networks.protocols import Accepted, NetworkError, OutgoingReply, RateLimited, Refused
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from listening.networks.words import _

MOST_PICTURES, LARGEST_PICTURE = 4, 1_000_000
MOST_TAGS = 8
# What shows posts may be behind the servers that keep them: so long is waited for it before an answer is refused.
SHOWN_WITHIN = timedelta(hours=1)


async def reply(server: Server, directories: Directories, account: str, outgoing: OutgoingReply) -> Accepted:
    """Answer a post, once; the same reply again is the same record again."""
    if not outgoing.text.strip():
        raise Refused(_("An empty reply cannot be sent."))
    record = _record(outgoing.text, _key(account, outgoing), outgoing)
    with before_sending():
        record["reply"] = await _answered(server, directories, outgoing)
        known = {outgoing.author.handle.lower(): outgoing.author.id} if is_did(outgoing.author.id) else {}
        await _add_facets(server, record, known)
    return await _put(server, _key(account, outgoing), record)


async def publish(server: Server, account: str, piece: OutgoingPiece) -> Accepted:
    """Publish a piece, once; the same piece again is the same record again."""
    _refuse_what_would_be_lost(piece)
    record = _record(piece.text, _key(account, piece), piece)
    if piece.tags:
        record["tags"] = [tag.removeprefix("#") for tag in piece.tags]
    with before_sending():
        if piece.media:
            record["embed"] = {
                "$type": "app.bsky.embed.images",
                "images": [await _uploaded(server, picture) for picture in piece.media],
            }
        elif piece.link:
            card = {"uri": piece.link, "title": piece.title or piece.link, "description": ""}
            record["embed"] = {"$type": "app.bsky.embed.external", "external": card}
        await _add_facets(server, record, {})
    return await _put(server, _key(account, piece), record)


async def find(server: Server, account: str, outgoing: OutgoingReply | OutgoingPiece) -> Accepted | None:
    """Look for the record that went out under this key."""
    address = _key(account, outgoing)
    found = await _record_at(server, address)
    return None if found is None else _accepted(address)


async def withdraw(server: Server, account: str, uri: str) -> None:
    """Delete a post of ours; one that is gone already is no error."""
    address = address_of(uri)
    if address is None or address.did != account or address.collection != POSTS:
        raise Refused(_("This is no post of the connected account."))
    await server.procedure("com.atproto.repo.deleteRecord", {"repo": account, "collection": POSTS, "rkey": address.key})


def _key(account: str, outgoing: OutgoingReply | OutgoingPiece) -> Address:
    if outgoing.at is None:
        raise Refused(_("It is not known when this was written, so it could not be told from a second one."))
    return Address(account, POSTS, key_for(outgoing.key, outgoing.at))


def _record(text: str, address: Address, outgoing: OutgoingReply | OutgoingPiece) -> dict[str, Any]:
    if problem := why_too_long(text):
        raise Refused(problem)
    assert outgoing.at is not None
    record: dict[str, Any] = {"$type": address.collection, "text": text, "createdAt": moment(outgoing.at)}
    if _LANGUAGE.fullmatch(outgoing.language):
        record["langs"] = [outgoing.language]
    return record


async def _add_facets(server: Server, record: dict[str, Any], known: Mapping[str, str]) -> None:
    async def resolve(handle: str) -> str:
        return await did_of(server, handle)

    if found := await facets(record["text"], resolve, known):
        record["facets"] = found


async def _answered(server: Server, directories: Directories, outgoing: OutgoingReply) -> dict[str, Any]:
    """Return which post is answered and which one began the conversation, each with the mark of its content."""
    views = await views_of(server, [outgoing.to])
    if not views:
        raise await _why_not_shown(server, directories, outgoing)
    view = views[0]
    if (view.get("viewer") or {}).get("replyDisabled"):
        raise Refused(_("Its author lets only some people answer this post, and this account is not among them."))
    parent = {"uri": str(view.get("uri")), "cid": str(view.get("cid"))}
    record = view.get("record")
    above = record.get("reply") if isinstance(record, dict) else None
    root = above.get("root") if isinstance(above, dict) else None
    if isinstance(root, dict) and root.get("uri") and root.get("cid"):
        return {"root": {"uri": root["uri"], "cid": root["cid"]}, "parent": parent}
    return {"root": parent, "parent": parent}


async def _why_not_shown(server: Server, directories: Directories, outgoing: OutgoingReply) -> NetworkError:
    """Tell a post that was deleted from one that is not shown, or not yet: its author's own server knows."""
    if await is_gone(server.send, directories, outgoing.to):
        return Refused(_("The post that is answered is not on Bluesky any more."))
    if outgoing.at is not None and datetime.now(UTC) - outgoing.at < SHOWN_WITHIN:
        said = _("Nothing was sent yet. Bluesky does not show the post that is answered, though nobody deleted it.")
        return RateLimited(said, wait=WAIT_BEFORE_SENDING)
    return Refused(_("Bluesky does not show the post that is answered to this account, though nobody deleted it."))


async def _put(server: Server, address: Address, record: Mapping[str, Any]) -> Accepted:
    """Create the record, or find that it is there already: `swapRecord` as null lets nothing be overwritten."""
    content = {
        "repo": address.did,
        "collection": address.collection,
        "rkey": address.key,
        "record": record,
        "swapRecord": None,
    }
    try:
        await server.procedure("com.atproto.repo.putRecord", content)
    except Said as said:
        if said.error != "InvalidSwap":
            raise
        there = await _record_at(server, address)
        # A repeat may differ in what had to be looked up, such as a mention; when it was written says whose it is.
        if there is None or there.get("createdAt") != record["createdAt"]:
            raise Refused(_("Another post lies where this one was to go.")) from said
    return _accepted(address)


async def _record_at(server: Server, address: Address) -> Mapping[str, Any] | None:
    try:
        found = await server.query(
            "com.atproto.repo.getRecord", repo=address.did, collection=address.collection, rkey=address.key
        )
    except Said as said:
        if said.error == "RecordNotFound" or str(said).startswith("Could not locate record"):
            return None
        raise
    value = found.get("value")
    return value if isinstance(value, dict) else {}


def _accepted(address: Address) -> Accepted:
    return Accepted(id=str(address), url=page_of(str(address)))


def _refuse_what_would_be_lost(piece: OutgoingPiece) -> None:
    if not (piece.text.strip() or piece.media):
        raise Refused(_("An empty post cannot be published."))
    if piece.warning:
        raise Refused(_("Bluesky has no content warnings in words. Say it in the text."))
    if piece.visibility not in {"", "public"}:
        raise Refused(_("Everything on Bluesky is public."))
    if piece.is_draft or piece.begins_at is not None:
        raise Refused(_("Bluesky keeps no drafts and publishes at once."))
    if piece.title and not piece.link:
        raise Refused(_("A Bluesky post has no title, unless it is that of its link. Write it into the text."))
    if piece.link and piece.media:
        raise Refused(_("A Bluesky post shows either pictures or the card of a link. Put the link into the text."))
    if len(piece.tags) > MOST_TAGS:
        raise Refused(_("A Bluesky post takes %(most)s tags beside its text.", most=MOST_TAGS))
    if len(piece.media) > MOST_PICTURES:
        raise Refused(_("A Bluesky post takes %(most)s pictures.", most=MOST_PICTURES))
    for picture in piece.media:
        if not picture.content_type.startswith("image/"):
            raise Refused(_("%(name)s is not a picture; from here only pictures go to Bluesky.", name=picture.name))
        if len(picture.body) > LARGEST_PICTURE:
            raise Refused(
                _(
                    "%(name)s has %(size)s MB; Bluesky takes pictures up to 1 MB. Save it smaller, for instance "
                    "2,000 pixels wide as JPEG.",
                    name=picture.name,
                    size=format(len(picture.body) / 1_000_000, ".1f"),
                )
            )


async def _uploaded(server: Server, picture: OutgoingMedia) -> dict[str, Any]:
    found = await server.upload(picture.body, picture.content_type)
    if not isinstance(found.get("blob"), dict):
        raise RateLimited(_("Bluesky did not take %(name)s. Nothing was sent yet.", name=picture.name), wait=60.0)
    return {"image": found["blob"], "alt": picture.alt}
