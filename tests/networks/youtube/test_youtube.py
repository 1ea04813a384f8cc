"""YouTube: comments and their answers read without loss, edits and deletions followed, quotas respected."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from listening.networks.http import Http
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    Page,
    RateLimited,
    Refused,
    RemoteAuthor,
    Unreadable,
)
from listening.networks.youtube import network, reading
from tests.networks.running import running

KEY = "AIza" + "x" * 35
CHANNEL = "UC" + "a" * 22
LOOPBACK = ["127.0.0.1"]


class Studio:
    """Threads and answers below a channel's videos; counts the units that it was asked for."""

    def __init__(self) -> None:
        self.threads: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.now = datetime(2026, 4, 10, 10, tzinfo=UTC)
        self.problem: tuple[int, dict[str, Any]] | None = None
        self.units = 0

    def _comment(self, own: str, text: str, parent: str = "") -> dict[str, Any]:
        self.now += timedelta(minutes=1)
        at = self.now.isoformat().replace("+00:00", "Z")
        told = {
            "authorDisplayName": "@ada", "authorChannelId": {"value": "UC" + "b" * 22}, "textDisplay": text,
            "authorChannelUrl": "http://www.youtube.com/@ada", "publishedAt": at, "updatedAt": at, "likeCount": 3,
        }  # fmt: skip
        return {"id": own, "snippet": told | ({"parentId": parent} if parent else {})}

    def say(self, text: str) -> str:
        """Begin a thread."""
        own = f"Ug{len(self.threads):024d}"
        self.threads[own] = self._comment(own, text)
        self.answers[own] = []
        return own

    def answer(self, thread: str, text: str) -> str:
        """Answer in a thread, which does not move up by that."""
        own = f"{thread}.{len(self.answers[thread]):020d}"
        self.answers[thread].append(self._comment(own, text, thread))
        return own

    async def __call__(self, request: web.Request) -> web.Response:
        self.units += 1
        if request.headers.get("X-Goog-Api-Key") != KEY or "key" in request.query:
            told = {"error": {"code": 400, "message": "API key not valid.", "errors": [{"reason": "badRequest"}]}}
            return web.json_response(told, status=400)
        if self.problem:
            return web.json_response(self.problem[1], status=self.problem[0])
        what = request.path.rpartition("/")[2]
        return web.json_response(
            {"items": []} | {"channels": self._channels, "comments": self._comments}.get(what, self._page)(request)
        )

    def _channels(self, request: web.Request) -> dict[str, Any]:
        row = {"id": CHANNEL, "snippet": {"title": "Acme", "customUrl": "@acme"}}
        return {"items": [row] if "@acme" in request.query.values() or CHANNEL in request.query.values() else []}

    def _page(self, request: web.Request) -> dict[str, Any]:
        size, start = int(request.query["maxResults"]), int(request.query.get("pageToken", "0"))
        ids = list(self.threads)[::-1]
        rows = [
            {
                "id": own,
                "snippet": {
                    "videoId": "v" * 11, "channelId": CHANNEL, "topLevelComment": self.threads[own],
                    "totalReplyCount": len(self.answers[own]),
                },
                "replies": {"comments": self.answers[own][:2]},
            }
            for own in ids[start : start + size]
        ]  # fmt: skip
        more = {"nextPageToken": str(start + size)} if len(ids) > start + size else {}
        return {"items": rows, **more}

    def _comments(self, request: web.Request) -> dict[str, Any]:
        if parent := request.query.get("parentId"):
            return {"items": self.answers[parent]}
        known = self.threads | {row["id"]: row for rows in self.answers.values() for row in rows}
        return {"items": [known[own] for own in request.query["id"].split(",") if own in known]}


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    found = Studio()
    app = web.Application()
    app.router.add_get("/{path:.*}", found.__call__)
    with running(app) as address:
        monkeypatch.setattr(reading, "API", address)
        yield found


def connected() -> Access:
    made = network.connect(Access(http=Http(LOOPBACK)), "key", {"channel": "@acme", "key": KEY})
    return Access(http=Http(LOOPBACK), credentials=made.credentials, account=made.account)


def read(place: str, since: Cursor | None = None) -> Page:
    async def go() -> Page:
        async with Http(LOOPBACK) as http:
            return await network.read(Access(http=http, credentials={"key": KEY}), place, since or {})

    return asyncio.run(go())


PLACE = f"comments of {CHANNEL}"


def test_connecting_with_a_key(studio: Studio) -> None:
    access = connected()
    assert access.account == RemoteAuthor(
        id=CHANNEL, handle="@acme", name="Acme", url=f"https://www.youtube.com/channel/{CHANNEL}"
    )
    assert network.check(access).account == access.account
    assert [place for place, _label in network.offered_places(access)] == [PLACE, f"uploads of {CHANNEL}"]
    for filled in ({"channel": "x"}, {"key": "short"}):
        with pytest.raises(ValueError, match="Enter"):
            network.connect(access, "key", {"channel": "@acme", "key": KEY} | filled)
    with pytest.raises(Refused, match="knows no such channel"):
        network.connect(access, "key", {"channel": "@nobody", "key": KEY})
    with pytest.raises(AccessWithdrawn, match="does not accept the key"):
        network.connect(access, "key", {"channel": "@acme", "key": KEY + "y"})


def test_threads_come_with_all_their_answers(studio: Studio) -> None:
    thread = studio.say("Is <b>this</b> cold?")
    answers = [studio.answer(thread, f"answer {number}") for number in range(4)]
    page = read(PLACE)
    assert [post.id for post in page.posts] == [thread, *answers]
    assert {post.conversation for post in page.posts} == {thread}
    assert {post.in_reply_to for post in page.posts} == {"", thread}
    assert (page.posts[0].text, page.posts[0].addressed_to) == ("Is this cold?", (CHANNEL,))
    assert page.posts[0].url == f"https://www.youtube.com/watch?v={'v' * 11}&lc={thread}"


def test_what_is_new_is_walked_down_to(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 5)
    old = studio.say("first")
    page = read(PLACE)
    new = {studio.say(f"number {number}") for number in range(22)}
    late = studio.answer(old, "an answer to something old")
    again = read(PLACE, page.cursor)
    assert {post.id for post in again.posts} >= new | {old, late} and not again.gap
    monkeypatch.setattr(reading, "PAGES_AT_ONCE", 3)
    assert read(PLACE, page.cursor).gap
    studio.units = 0
    quiet = read(PLACE, again.cursor)
    assert studio.units <= 4 and not quiet.gap


def test_edits_deletions_and_likes(studio: Studio) -> None:
    one, two = studio.say("Cold?"), studio.say("Hot?")
    access = connected()
    studio.threads[one]["snippet"] |= {"textDisplay": "Colder?", "updatedAt": "2026-04-11T10:00:00Z"}
    del studio.threads[two]
    edited, gone = network.revisit(access, [one, two])
    assert (edited.text, edited.updated_at is not None, gone.deleted) == ("Colder?", True, True)
    assert network.results_of(access, [one, two])[one].likes == 3


@pytest.mark.parametrize(
    ("status", "why", "error", "words"),
    [
        (403, "quotaExceeded", RateLimited, "for a day"),
        (403, "rateLimitExceeded", RateLimited, "less often"),
        (403, "commentsDisabled", Refused, "switched off"),
        (404, "videoNotFound", Refused, "knows no such place"),
        (400, "keyInvalid", AccessWithdrawn, "new one"),
    ],
)
def test_what_goes_wrong_is_said(studio: Studio, status: int, why: str, error: type[Exception], words: str) -> None:
    studio.problem = (status, {"error": {"code": status, "message": "No.", "errors": [{"reason": why}]}})
    with pytest.raises(error, match=words) as caught:
        read(PLACE)
    if why == "quotaExceeded":
        assert isinstance(caught.value, RateLimited) and 0 < (caught.value.wait or 0) <= 25 * 3600


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (PLACE, PLACE),
        (f"Uploads of https://www.youtube.com/channel/{CHANNEL}", f"uploads of {CHANNEL}"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "video dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ", "video dQw4w9WgXcQ"),
        ("video dQw4w9WgXcQ", "video dQw4w9WgXcQ"),
    ],
)
def test_places_are_kept_in_one_form(typed: str, kept: str) -> None:
    assert network.check_place(typed) == kept
    for wrong in ("", "comments of acme", "video"):
        with pytest.raises(ValueError, match="Write what to listen to"):
            network.check_place(wrong)


def test_an_answer_without_its_list_deletes_nothing(studio: Studio) -> None:
    one, access = studio.say("Cold?"), connected()
    studio.problem = (200, {"kind": "youtube#commentListResponse"})
    with pytest.raises(Unreadable):
        network.revisit(access, [one])
