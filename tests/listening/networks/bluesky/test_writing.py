"""Answering and publishing: once, whatever is lost on the way, and nothing that would not arrive as it was meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from listening.networks.protocols import (
    Access,
    AccessExpired,
    OutgoingReply,
    RateLimited,
    Refused,
    RemoteAuthor,
    Unreachable,
)
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from tests.listening.networks.bluesky.conftest import Town
from tests.listening.networks.bluesky.double import Record

AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
PUT = "com.atproto.repo.putRecord"
PIECE = OutgoingPiece(key="p1", text="News", at=AT)


def answer_to(
    record: Record, text: str = "Sorry! @ada.test see https://example.org/help", key: str = "k1"
) -> OutgoingReply:
    author = RemoteAuthor(id=record.did, handle="ada.test")
    return OutgoingReply(key=key, to=record.uri, text=text, at=AT, language="en", author=author)


def ours(town: Town) -> list[Record]:
    return [record for record in town.double.records.values() if record.did == town.brand.did]


async def test_an_answer_is_a_record_of_its_own_key(town: Town) -> None:
    access = await town.connect()
    mention = town.double.mention(town.ada, town.brand)
    outgoing = answer_to(mention)
    assert await town.waiting(town.network.find_reply, access, outgoing) is None
    taken = await town.waiting(town.network.reply, access, outgoing)
    (record,) = ours(town)
    assert (taken.id, taken.url) == (record.uri, f"https://bsky.app/profile/{town.brand.did}/post/{record.key}")
    assert record.value["createdAt"] == "2026-11-26T12:00:00.000Z" and record.value["langs"] == ["en"]
    reference = {"uri": mention.uri, "cid": mention.cid}
    assert record.value["reply"] == {"root": reference, "parent": reference}
    assert [facet["features"][0]["$type"].partition("#")[2] for facet in record.value["facets"]] == ["mention", "link"]
    assert await town.waiting(town.network.find_reply, access, outgoing) == taken
    # An answer to the answer begins where the conversation did.
    theirs = town.double.say(
        town.ada, "Thanks", reply={"root": reference, "parent": {"uri": record.uri, "cid": record.cid}}
    )
    await town.waiting(town.network.reply, access, answer_to(theirs, "Any time", key="k2"))
    assert ours(town)[1].value["reply"]["root"] == reference


async def test_a_lost_answer_is_found_and_a_repeat_is_the_same_post(town: Town) -> None:
    access = await town.connect()
    outgoing = answer_to(town.double.mention(town.ada, town.brand))
    town.double.lose.add(PUT)
    with pytest.raises(Unreachable):
        await town.waiting(town.network.reply, access, outgoing)
    found = await town.waiting(town.network.find_reply, access, outgoing)
    assert await town.waiting(town.network.reply, access, outgoing) == found
    # What had to be looked up may be told otherwise meanwhile; it is the same post all the same.
    (record,) = ours(town)
    record.value = {**record.value, "facets": []}
    assert await town.waiting(town.network.reply, access, outgoing) == found
    assert len(ours(town)) == 1
    record.value = {**record.value, "createdAt": "2020-01-01T00:00:00.000Z"}
    with pytest.raises(Refused, match="Another post"):
        await town.waiting(town.network.reply, access, outgoing)


async def test_what_fails_before_it_is_sent_was_not_sent(town: Town) -> None:
    access = await town.connect()
    mention = town.double.mention(town.ada, town.brand)
    town.double.fail["app.bsky.feed.getPosts"] = web.json_response({}, status=502)
    with pytest.raises(RateLimited, match="Nothing was sent yet"):
        await town.waiting(town.network.reply, access, answer_to(mention))
    town.double.expire()
    with pytest.raises(AccessExpired):
        await town.waiting(town.network.reply, access, answer_to(mention))
    assert not ours(town)


async def test_what_the_network_would_refuse_is_refused_with_a_reason(town: Town) -> None:
    access = await town.connect()
    mention = town.double.mention(town.ada, town.brand)
    for text, said in ((" ", "empty"), ("a" * 301, "301 characters"), ("👨‍👩‍👧‍👦" * 121, "bytes")):
        with pytest.raises(Refused, match=said):
            await town.waiting(town.network.reply, access, answer_to(mention, text))
    town.double.delete(mention)
    with pytest.raises(Refused, match="not on Bluesky any more"):
        await town.waiting(town.network.reply, access, answer_to(mention))
    with pytest.raises(Refused, match="No account"):
        await town.waiting(town.network.reply, Access(http=town.http), answer_to(mention))


async def test_a_post_that_is_not_shown_yet_is_waited_for_and_not_called_deleted(town: Town) -> None:
    access = await town.connect()
    mention = town.double.mention(town.ada, town.brand)
    outgoing = answer_to(mention)
    for written_at, why in ((datetime.now(UTC), RateLimited), (AT - timedelta(days=2), Refused)):
        town.double.fail["app.bsky.feed.getPosts"] = web.json_response({"posts": []})
        with pytest.raises(why, match="nobody deleted it"):
            await town.waiting(town.network.reply, access, replace(outgoing, at=written_at))
    assert not ours(town)
    await town.waiting(town.network.reply, access, outgoing)
    assert len(ours(town)) == 1


async def test_a_piece_goes_out_with_pictures_or_a_card_and_is_taken_back(town: Town) -> None:
    access = await town.connect()
    picture = OutgoingMedia("a.png", "image/png", b"\x89PNG", alt="A red square")
    piece = replace(PIECE, media=(picture,), tags=("#launch",), language="en")
    town.double.lose.add(PUT)
    with pytest.raises(Unreachable):
        await town.waiting(town.network.publish, access, piece)
    found = await town.waiting(town.network.find_piece, access, piece)
    assert found is not None and await town.waiting(town.network.publish, access, piece) == found
    (record,) = ours(town)
    assert record.value["embed"]["images"][0]["alt"] == "A red square" and record.value["tags"] == ["launch"]
    card = replace(PIECE, key="p2", link="https://example.org/", title="Example")
    await town.waiting(town.network.publish, access, card)
    assert ours(town)[1].value["embed"]["external"]["title"] == "Example"
    for _twice in range(2):
        await town.waiting(town.network.withdraw, access, found.id)
    assert len(ours(town)) == 1 and await town.waiting(town.network.find_piece, access, piece) is None
    with pytest.raises(Refused, match="no post of the connected"):
        await town.waiting(town.network.withdraw, access, town.double.say(town.ada, "mine").uri)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": ""}, "empty"),
        ({"warning": "Blood"}, "no content warnings"),
        ({"visibility": "followers"}, "is public"),
        ({"is_draft": True}, "no drafts"),
        ({"begins_at": AT}, "no drafts"),
        ({"title": "A title"}, "no title"),
        ({"media": (OutgoingMedia("a.mp4", "video/mp4", b"x"),)}, "not a picture"),
        ({"media": (OutgoingMedia("a.jpg", "image/jpeg", b"x" * 1_200_000),)}, "1.2 MB.*2,000 pixels"),
        ({"media": (OutgoingMedia("a.jpg", "image/jpeg", b"x"),) * 5}, "4 pictures"),
        ({"media": (OutgoingMedia("a.jpg", "image/jpeg", b"x"),), "link": "https://a.test"}, "either pictures or"),
        ({"tags": tuple("abcdefghi")}, "8 tags"),
        ({"text": "a" * 301}, "301"),
    ],
)
async def test_nothing_is_lost_in_silence(town: Town, more: dict[str, Any], said: str) -> None:
    access = Access(http=town.http, credentials={"access": "x"}, account=RemoteAuthor(id=town.brand.did))
    with pytest.raises(Refused, match=said):
        await town.waiting(town.network.publish, access, replace(PIECE, **more))
    assert not town.double.asked
