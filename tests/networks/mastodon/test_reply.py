"""Answering and publishing: once, to no more people than were spoken to, and found again when an answer was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from listening.networks.http import Bounds, Http
from listening.networks.mastodon import network, replying
from listening.networks.protocols import (
    Accepted,
    Access,
    AccessWithdrawn,
    OutgoingReply,
    RateLimited,
    Refused,
    Unreachable,
)
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from roles import clock
from tests.listening.networks.servers import Handler, saying, serving
from tests.networks.lossy import LossyProxy
from tests.networks.mastodon.conftest import Server, connect

PICTURE = OutgoingMedia("soup.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(64), alt="A bowl of soup")


def answer_to(server: Server, status: dict[str, Any], text: str = "We are on it.", **fields: Any) -> OutgoingReply:
    named = {"key": "key-1", "at": clock.now(), "language": "en-GB"} | fields
    return OutgoingReply(to=f"{server.host}/{status['id']}", text=text, **named)


def said(server: Server, accepted: Accepted) -> dict[str, Any]:
    return server.call("brand", "GET", f"/api/v1/statuses/{accepted.id.partition('/')[2]}")  # type: ignore[no-any-return]


def test_a_reply_stands_under_the_post_and_names_its_author(server: Server, access: Access) -> None:
    post = server.say("ada", "@brand is it down?")
    made = network.reply(access, answer_to(server, post))
    found = said(server, made)
    assert (found["in_reply_to_id"], found["visibility"], found["language"]) == (post["id"], "public", "en")
    assert "@" in found["content"] and "ada" in found["content"] and found["content"].count("We are on it.") == 1
    assert made.url.startswith("https://mock.local/")
    assert network.find_reply(access, answer_to(server, post)) == made


def test_the_same_key_again_is_the_same_post(server: Server, access: Access) -> None:
    outgoing = answer_to(server, server.say("ada", "@brand hello"))
    assert network.reply(access, outgoing) == network.reply(access, outgoing)
    assert len(server.said_by("brand")) == 1


@pytest.mark.parametrize("visibility", ["direct", "private", "unlisted"])
def test_what_was_said_to_some_is_not_answered_before_all(server: Server, access: Access, visibility: str) -> None:
    post = server.say("ada", "@brand between us", visibility=visibility, spoiler_text="Health")
    found = said(server, network.reply(access, answer_to(server, post)))
    assert (found["visibility"], found["spoiler_text"]) == (visibility, "Health")


def test_the_accounts_own_narrower_habit_is_kept(server: Server, access: Access) -> None:
    quiet = replace(access, facts={**access.facts, "visibility": "unlisted"})
    found = said(server, network.reply(quiet, answer_to(server, server.say("ada", "@brand hello"))))
    assert found["visibility"] == "unlisted"


def test_a_reply_that_did_not_arrive_is_not_found(server: Server, access: Access) -> None:
    one, two = server.say("ada", "@brand hello"), server.say("ben", "@brand hello")
    network.reply(access, answer_to(server, one))
    assert network.find_reply(access, answer_to(server, two)) is None
    assert network.find_reply(access, answer_to(server, one, "Something else.")) is None
    later = clock.now() + timedelta(minutes=5)
    assert network.find_reply(access, answer_to(server, one, at=later)) is None


def test_a_reply_is_found_among_many(server: Server, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    post, at = server.say("ada", "@brand hello"), clock.now()
    made = network.reply(access, answer_to(server, post))
    monkeypatch.setattr(replying, "PAGE_SIZE", 3)
    for number in range(7):
        server.say("brand", f"Number {number}")
    assert network.find_reply(access, answer_to(server, post, at=at)) == made


def test_a_reply_is_found_below_the_post_though_the_account_wrote_more_than_can_be_walked(
    server: Server, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, at = server.say("ada", "@brand hello"), clock.now()
    made = network.reply(access, answer_to(server, post))
    server.say("ada", "We are on it.", in_reply_to_id=str(post["id"]))
    for number in range(5):
        server.say("brand", f"Number {number}")
    monkeypatch.setattr(replying, "PAGE_SIZE", 2)
    assert network.find_reply(access, answer_to(server, post, at=at)) == made
    # Where it would have to stand it does not; only what the account wrote by itself may be too much to tell.
    assert network.find_reply(access, answer_to(server, server.say("ben", "@brand hello"), at=at)) is None
    monkeypatch.setattr(replying, "PAGES_OF_A_LOOK", 2)
    gone = {"id": str(post["id"])}
    server.call("ada", "DELETE", f"/api/v1/statuses/{post['id']}")
    with pytest.raises(Unreachable, match="wrote so much"):
        network.find_reply(access, answer_to(server, gone, "Never said.", at=at))


def test_what_is_gone_too_long_or_elsewhere_is_refused(server: Server, access: Access) -> None:
    post = server.say("ada", "@brand hello")
    with pytest.raises(Refused, match="6 characters too long"):
        network.reply(access, answer_to(server, post, "x" * 501))
    small = replace(access, facts={**access.facts, "max_characters": 10})
    with pytest.raises(Refused, match="which takes 10"):
        network.reply(small, answer_to(server, post))
    with pytest.raises(Refused, match=r"read through elsewhere\.example"):
        network.reply(access, replace(answer_to(server, post), to="elsewhere.example/1"))
    with pytest.raises(Refused, match="empty"):
        network.reply(access, answer_to(server, post, "  "))
    server.call("ada", "DELETE", f"/api/v1/statuses/{post['id']}")
    with pytest.raises(Refused, match="not at the server any more"):
        network.reply(access, answer_to(server, post))
    assert server.said_by("brand") == []


def answering(posting: Handler, ask: Callable[[Access, str], Any], *, reading: Handler | None = None) -> Any:
    """Ask an odd server something: it has one post, and takes posts as told."""
    post = saying(b'{"id": "1", "visibility": "public", "account": {"acct": "ada"}}')

    async def go() -> Any:
        async with serving({"/api/v1/statuses": posting, "/{path:.*}": reading or post}) as address:
            access = replace(ACCESS, server=address)
            return await asyncio.to_thread(ask, access, address.removeprefix("http://"))

    return asyncio.run(go())


def odd_access() -> Access:
    return Access(http=Http(["127.0.0.1"], bounds=Bounds(connect=2, silence=0.5, total=1)), credentials={"token": "t"})


ACCESS = odd_access()


def replied(access: Access, host: str) -> Accepted:
    return network.reply(access, OutgoingReply(key="k", to=f"{host}/1", text="Hello"))


@pytest.mark.parametrize(
    ("handler", "error", "words"),
    [
        (saying(b'{"error":"Validation failed: Text <i>too</i> odd"}', status=422), Refused, "“Text too odd”"),
        (saying(b"", status=500), Unreachable, "out of order"),
        (saying(b'{"error":"no"}', status=401), AccessWithdrawn, "Connect"),
        (saying(b"{}", status=429, Retry_After="7"), RateLimited, "less often"),
        (saying(b"<html>"), Unreachable, "cannot be read"),
        (saying(b"{}"), Unreachable, "did not say what"),
    ],
)
def test_what_a_server_answers_to_a_reply(handler: Handler, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        answering(handler, replied)


def test_what_went_wrong_before_it_was_sent_is_no_unknown() -> None:
    with pytest.raises(RateLimited, match="could not be read first"):
        answering(saying(b""), replied, reading=saying(b"", status=502))


def test_a_server_that_marks_words_up_is_understood(server: Server) -> None:
    at = clock.now()
    marked = {
        "id": "9", "in_reply_to_id": "1", "created_at": at.isoformat(),
        "content": "<p>@ada <b>We</b> are <i>on</i> it</p>",
        "mentions": [{"acct": "ada@a.example", "username": "ada"}],
    }  # fmt: skip

    async def own(request: web.Request) -> web.StreamResponse:
        return web.json_response([] if "max_id" in request.query else [marked])

    def look(access: Access, host: str) -> Any:
        known = replace(access, facts={"account_id": "7"})
        return network.find_reply(known, OutgoingReply(key="k", to=f"{host}/1", text="*We* are _on_ it", at=at))

    assert answering(saying(b""), look, reading=own).id.endswith("/9")


def piece(text: str = "Soup of the day", **fields: Any) -> OutgoingPiece:
    return OutgoingPiece(**{"key": "piece-1", "text": text, "at": clock.now(), **fields})


def test_a_piece_is_published_with_its_picture(server: Server, access: Access) -> None:
    made = piece(
        media=(PICTURE,),
        warning="Food",
        visibility="unlisted",
        language="fr",
        link="https://a.example/",
        tags=("hot soup",),
    )
    accepted = network.publish(access, made)
    found = said(server, accepted)
    assert (found["visibility"], found["spoiler_text"], found["language"]) == ("unlisted", "Food", "fr")
    assert [media["description"] for media in found["media_attachments"]] == ["A bowl of soup"]
    assert "https://a.example/" in found["content"] and "#hotsoup" in found["content"]
    assert network.find_piece(access, made) == accepted
    assert network.find_piece(access, piece("Another")) is None
    network.withdraw(access, accepted.id)
    network.withdraw(access, accepted.id)
    assert network.find_piece(access, made) is None


def test_a_piece_is_kept_until_its_time_and_only_once(server: Server, access: Access) -> None:
    made = piece(begins_at=clock.now() + timedelta(hours=1))
    accepted = network.publish(access, made)
    assert accepted.id.startswith(f"{server.host}/scheduled/")
    assert network.publish(access, made) == accepted == network.find_piece(access, made)
    assert len(server.call("brand", "GET", "/api/v1/scheduled_statuses")) == 1
    network.withdraw(access, accepted.id)
    assert network.find_piece(access, made) is None


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (piece(is_draft=True), "no drafts"),
        (piece(slug="soup"), "categories"),
        (piece("", key="k"), "empty"),
        (piece(media=(PICTURE,) * 5), "4 pictures"),
        (piece(media=(PICTURE, OutgoingMedia("a.mp4", "video/mp4", b"x"))), "alone"),
        (piece(media=(OutgoingMedia("a.psd", "image/x-psd", b"x"),)), "does not take files"),
        (piece(media=(replace(PICTURE, body=bytes(11_000_000)),)), "larger than the 10 MB"),
        (piece(media=(replace(PICTURE, alt="x" * 1501),)), "longer than 1500"),
        (piece("x" * 400, warning="x" * 101), "1 characters too long"),
    ],
)
def test_what_would_be_lost_is_refused(access: Access, made: OutgoingPiece, words: str) -> None:
    with pytest.raises(Refused, match=words):
        network.publish(access, made)


def test_a_file_that_is_still_worked_on_is_looked_at_again_at_a_later_visit() -> None:
    looks: list[str] = []
    memory: dict[str, str] = {}

    def publish(access: Access, _host: str) -> Accepted:
        return network.publish(replace(access, memory=memory), piece(media=(PICTURE,)))

    async def media(request: web.Request) -> web.StreamResponse:
        looks.append(request.method)
        return web.json_response(
            {"id": "m1"}, status=202 if request.method == "POST" else 206 if len(looks) < 4 else 200
        )

    for visit in range(2):
        with pytest.raises(RateLimited, match="still at work") as problem:
            answering(saying(b'{"id": "5"}'), publish, reading=media)
        assert problem.value.wait == 10 and len(looks) == visit + 2, "one look a visit, and nobody sleeps"
    made = answering(saying(b'{"id": "5"}'), publish, reading=media)
    assert made.id.endswith("/5") and looks == ["POST", "GET", "GET", "GET"], "it was handed over once"
    with pytest.raises(RateLimited, match="has lost soup"):
        answering(saying(b""), publish, reading=saying(b"", status=404))
    assert not memory, "it is handed over anew"
    with pytest.raises(RateLimited, match="could not be handed over"):
        answering(saying(b""), publish, reading=saying(b"", status=500))


@pytest.mark.parametrize("fate", ["answer", "request"])
def test_a_lost_answer_is_found_by_looking(server: Server, fate: Any) -> None:
    post = server.say("ada", "@brand hello")
    with LossyProxy(server.address, lambda request: fate if request.method == "POST" else "") as proxy:
        access = connect(proxy.address)
        outgoing = replace(answer_to(server, post), to=f"127.0.0.1:{proxy.port}/{post['id']}")
        with pytest.raises(Unreachable):
            network.reply(access, outgoing)
        found = network.find_reply(access, outgoing)
        assert (found is not None) == (fate == "answer")
        proxy.decide = lambda request: ""
        made = network.reply(access, outgoing)
    assert found in {None, made}
    assert len(server.said_by("brand")) == 1


def test_a_deletion_whose_answer_is_lost_is_looked_at(server: Server) -> None:
    post = server.say("brand", "Oh no")
    with LossyProxy(server.address, lambda request: "answer" if request.method == "DELETE" else "") as proxy:
        network.withdraw(connect(proxy.address), f"127.0.0.1:{proxy.port}/{post['id']}")
    assert server.said_by("brand") == []
