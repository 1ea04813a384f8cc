"""Reading: everything once, in whatever direction the server can be walked, with threads, edits and deletions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from listening.networks.http import Http
from listening.networks.mastodon import network, reading
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    Page,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from tests.listening.networks.servers import Handler, saying, serving
from tests.networks.mastodon.conftest import LOOPBACK, Server, read
from tests.networks.running import running

Texts = Callable[[Page], list[str]]


def test_mentions_are_read_once_each(server: Server, access: Access, texts: Texts) -> None:
    server.say("ada", "@brand is this soup cold?")
    server.say("ada", "nothing about anybody")
    first = read(access, "mentions")
    assert texts(first) == ["@brand is this soup cold?"]
    (post,) = first.posts
    assert post.addressed_to == ("brand@mock.local",)
    assert (post.author.id, post.id.partition("/")[0]) == ("ada@mock.local", server.host)
    assert read(access, "mentions", first.cursor).unchanged
    server.say("ben", "@brand mine too")
    again = read(access, "mentions", first.cursor)
    assert (texts(again), again.gap) == (["@brand mine too"], False)


def test_many_mentions_are_walked_upward(
    server: Server, access: Access, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    server.say("ada", "@brand first")
    page = read(access, "mentions")
    for number in range(8):
        server.say("ada", f"@brand number {number}")
    found = read(access, "mentions", page.cursor)
    assert sorted(texts(found)) == [f"@brand number {number}" for number in range(8)]
    assert (found.cursor["way"], found.gap) == ("up", False)
    assert read(access, "mentions", found.cursor).unchanged


def test_what_is_too_much_for_once_comes_the_next_time(
    server: Server, access: Access, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 4)
    monkeypatch.setattr(reading, "CALLS_AT_ONCE", 4)
    for place in ("mentions", "#help"):
        server.client.post("/api/v1/_mock/reset")
        server.say("ada", "@brand first #help")
        page, found = read(access, place), set[str]()
        for number in range(11):
            server.say("ada", f"@brand {number} #help")
        reads = 0
        while not (page := read(access, place, page.cursor)).unchanged and set(texts(page)) - found:
            found |= set(texts(page))
            reads += 1
            assert not page.gap
        assert reads > 1
        assert found >= {f"@brand {number} #help" for number in range(11)}


def test_an_answer_comes_with_its_thread(server: Server, access: Access, texts: Texts) -> None:
    root = server.say("brand", "Soup of the day")
    one = server.say("ada", "@brand hot?", in_reply_to_id=root["id"])
    server.say("ben", "@brand @ada and salty?", in_reply_to_id=one["id"])
    page = read(access, "mentions")
    assert {post.conversation for post in page.posts} == {f"{server.host}/{root['id']}"}
    assert sorted(texts(page)) == ["@brand @ada and salty?", "@brand hot?", "Soup of the day"]
    (ours,) = (post for post in page.posts if post.author.id == "brand@mock.local")
    assert ours.addressed_to == ()


def test_a_hashtag_an_account_a_list_and_a_search(server: Server, access: Access, texts: Texts) -> None:
    server.say("ada", "#soup is cold")
    server.say("ben", "#soup is #hot")
    assert sorted(texts(read(access, "#soup"))) == ["#soup is #hot", "#soup is cold"]
    assert texts(read(access, "@ada@mock.local")) == ["#soup is cold"]
    assert texts(read(access, "search: cold")) == ["#soup is cold"]
    with pytest.raises(Refused, match="knows nobody"):
        read(access, "@nobody@mock.local")
    with pytest.raises(Refused, match="does not search"):
        read(replace(access, facts={**access.facts, "search": False}), "search: cold")
    closed = {"hashtag_feeds": {"local": "disabled", "remote": "disabled"}}
    with pytest.raises(Refused, match="switched off"):
        read(replace(access, facts={**access.facts, "timelines": closed}), "#soup")
    with pytest.raises(Refused, match=r"mentions of @other@mock\.local"):
        read(access, "mentions of @other@mock.local")


def test_a_search_goes_down_to_what_is_known(server: Server, access: Access, texts: Texts) -> None:
    server.say("ada", "cold soup 1")
    page = read(access, "search: soup")
    server.say("ada", "cold soup 2")
    again = read(access, "search: soup", page.cursor)
    assert "cold soup 2" in texts(again) and not again.gap


def test_edits_and_deletions_are_followed(server: Server, access: Access) -> None:
    one, two, three = (server.say("ada", f"@brand {word}") for word in ("one", "two", "three"))
    server.call("ada", "PUT", f"/api/v1/statuses/{one['id']}", status="@brand uno")
    server.call("ada", "DELETE", f"/api/v1/statuses/{two['id']}")
    server.say("ben", "@ada me too", in_reply_to_id=three["id"])
    ids = [f"{server.host}/{status['id']}" for status in (one, two, three)]
    posts = {post.id: post for post in network.revisit(access, [*ids, "elsewhere.example/1"])}
    assert (posts[ids[0]].text, posts[ids[0]].updated_at is not None) == ("@brand uno", True)
    assert posts[ids[1]].deleted
    assert {post.conversation for post in posts.values() if not post.deleted} == {ids[0], ids[2]}
    assert "@ada me too" in {post.text for post in posts.values()}


def test_results_are_told_together(server: Server, access: Access) -> None:
    one, two = server.say("brand", "One"), server.say("brand", "Two")
    server.call("ada", "POST", f"/api/v1/statuses/{one['id']}/favourite")
    server.say("ada", "@brand yes", in_reply_to_id=one["id"])
    server.call("brand", "DELETE", f"/api/v1/statuses/{two['id']}")
    ids = [f"{server.host}/{status['id']}" for status in (one, two)]
    results = network.results_of(access, ids)
    assert list(results) == ids[:1]
    assert (results[ids[0]].likes, results[ids[0]].reposts, results[ids[0]].answers) == (1, 0, 1)


class NewestFirst:
    """A list of notifications from a server that answers `min_id` with the newest, as some do."""

    def __init__(self, count: int, *, knows_bounds: bool = True) -> None:
        self.rows = [self._row(number) for number in range(count)]
        self.knows_bounds = knows_bounds

    def _row(self, number: int) -> dict[str, Any]:
        at = f"2026-04-10T10:{number // 60:02d}:{number % 60:02d}Z"
        status = {"id": f"s{number:03d}", "created_at": at, "content": f"n{number}", "account": {"acct": "ada"}}
        return {"id": f"{number:03x}f", "type": "mention", "created_at": at, "status": status}

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        rows = self.rows[::-1]
        if (floor := request.query.get("min_id")) and self.knows_bounds:
            rows = [row for row in rows if row["id"] > floor]
        if roof := request.query.get("max_id"):
            rows = [row for row in rows if row["id"] < roof]
        return web.json_response(rows[: int(request.query["limit"])])


def reading_from(handler: Handler, *cursors: Callable[[list[Page]], Cursor]) -> list[Page]:
    async def go() -> list[Page]:
        pages: list[Page] = []
        async with serving({"/{path:.*}": handler}) as address, Http(LOOPBACK) as http:
            access = Access(http=http, credentials={"token": "t"}, server=address)
            for cursor in cursors:
                pages.append(await network.read(access, "mentions", cursor(pages) | {"server": address}))
        return pages

    return asyncio.run(go())


@pytest.mark.parametrize("knows_bounds", [True, False])
def test_where_pages_begin_with_the_newest_it_is_walked_down(
    monkeypatch: pytest.MonkeyPatch, texts: Texts, knows_bounds: bool
) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 4)
    shelf = NewestFirst(3, knows_bounds=knows_bounds)

    def grown(pages: list[Page]) -> Cursor:
        shelf.rows += [shelf._row(number) for number in range(3, 20)]
        return dict(pages[-1].cursor)

    first, second, third = reading_from(shelf, lambda _: {}, grown, lambda pages: dict(pages[-1].cursor))
    assert sorted(texts(first)) == ["n0", "n1", "n2"]
    assert set(texts(second)) == {f"n{number}" for number in range(3, 20)}
    assert (second.cursor["way"], second.gap) == ("down", False)
    assert (texts(third), third.gap) == ([], False)


def test_a_gap_that_cannot_be_closed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 4)
    monkeypatch.setattr(reading, "PAGES_DOWN", 2)
    shelf = NewestFirst(3)

    def grown(pages: list[Page]) -> Cursor:
        shelf.rows += [shelf._row(number) for number in range(3, 40)]
        return dict(pages[-1].cursor)

    _first, second = reading_from(shelf, lambda _: {}, grown)
    assert second.gap


@pytest.mark.parametrize(
    ("handler", "error", "words"),
    [
        (saying(b'{"error":"The access token is invalid"}', status=401), AccessWithdrawn, "Connect the account again"),
        (saying(b"", status=404), Refused, "no such place"),
        (saying(b'{"error":"This action is <b>outside</b> the scopes"}', status=403), Refused, "outside the scopes"),
        (saying(b"", status=503), Unreachable, "out of order"),
        (saying(b"<html>"), Unreadable, "not JSON"),
        (saying(b"[" * 100_000), Unreadable, "not JSON"),
    ],
)
def test_what_goes_wrong_is_said_plainly(handler: Handler, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        reading_from(handler, lambda _: {})


def test_being_asked_to_wait_says_how_long() -> None:
    told = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "2026-04-10T10:05:00.1Z"}
    told["Date"] = "Fri, 10 Apr 2026 10:00:00 GMT"
    with pytest.raises(RateLimited) as caught:
        reading_from(saying(b"{}", status=429, **told), lambda _: {})
    assert caught.value.wait == pytest.approx(300.1)


def test_the_stream_gives_a_sign(server: Server, access: Access) -> None:
    async def go() -> int:
        signs = 0
        async with Http(LOOPBACK) as http:
            listening = network.hints(replace(access, http=http, facts={}), "mentions")
            waiting = asyncio.ensure_future(anext(listening))
            for _try in range(50):
                await asyncio.to_thread(server.say, "ada", "@brand hello")
                done, _ = await asyncio.wait([waiting], timeout=0.1)
                if done:
                    signs += 1
                    break
            waiting.cancel()
            await listening.aclose()
        return signs

    assert asyncio.run(go()) == 1


@pytest.mark.parametrize("context", [saying(b"", status=503), saying(b"<html>"), saying(b" " * 5_000_001)])
def test_a_thread_that_cannot_be_read_keeps_nothing_back(context: Handler) -> None:
    at = "2026-04-10T10:00:00Z"
    status = {"id": "s1", "created_at": at, "content": "n1", "account": {"acct": "ada"}, "in_reply_to_id": "s0"}

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/context"):
            return await context(request)
        return web.json_response([{"id": "1", "type": "mention", "created_at": at, "status": status}])

    [page] = reading_from(handler, lambda _: {})
    assert [post.text for post in page.posts] == ["n1"] and page.cursor["last"] == "1"


def test_a_404_without_a_word_counts_only_where_the_server_speaks() -> None:
    speaks: list[bool] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        if speaks and request.path.endswith("/verify_credentials"):
            return web.json_response({"id": "1"})
        return web.Response(status=404, text="<html>Back soon</html>")

    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    with running(app) as address:
        access = Access(http=Http(LOOPBACK), credentials={"token": "t"}, server=address)
        ids = [f"{address.removeprefix('http://')}/{number}" for number in (1, 2)]
        assert network.revisit(access, ids) == ()
        speaks.append(True)
        assert [post.deleted for post in network.revisit(access, ids)] == [True, True]


def test_a_thread_that_is_not_told_costs_the_post_nothing() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/context"):
            return web.Response(status=503)
        return web.json_response({"id": "1", "content": "n1", "account": {"acct": "ada"}, "replies_count": 9000})

    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    with running(app) as address:
        access = Access(http=Http(LOOPBACK), credentials={"token": "t"}, server=address)
        [post] = network.revisit(access, [f"{address.removeprefix('http://')}/1"])
        assert post.text == "n1"
