"""Reading a feed over HTTP: only what changed, as politely as the server asks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from listening.networks.feed import network, parse
from listening.networks.feed.parse import parse_feed
from listening.networks.http import Bounds, Http
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    NetworkError,
    Page,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from tests.listening.networks.servers import Handler, saying, sending_on, serving
from tests.listening.servers import feed

QUICK = Bounds(connect=2, silence=1, total=3)


def feed_of(*numbers: int, channel: str = "") -> bytes:
    items = "".join(f"<item><guid>{n}</guid><title>Post {n}</title></item>" for n in numbers)
    return f"<rss><channel><title>T</title>{channel}{items}</channel></rss>".encode()


def reading(routes: dict[str, Handler], *visits: tuple[str, Callable[[Page | None], Cursor]]) -> list[Page]:
    async def go() -> list[Page]:
        pages: list[Page] = []
        async with serving(routes) as address, Http(["127.0.0.1"], bounds=QUICK) as http:
            for path, cursor in visits:
                since = cursor(pages[-1] if pages else None)
                pages.append(await network.read(Access(http=http), address + path, since))
        return pages

    return asyncio.run(go())


def first(_page: Page | None) -> Cursor:
    return {}


def onward(page: Page | None) -> Cursor:
    assert page is not None
    return page.cursor


def read(handler: Handler) -> Page:
    return reading({"/": handler}, ("/", first))[0]


class Changing:
    """A feed with validators, that remembers what it was asked."""

    def __init__(self, *bodies: bytes, etag: str = '"v{}"', modified: str = "Sun, 01 Mar 2026 10:00:00 GMT") -> None:
        self.bodies, self.etag, self.modified = list(bodies), etag, modified
        self.asked: list[tuple[str | None, str | None]] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")))
        version = min(len(self.asked), len(self.bodies))
        tag = self.etag.format(version)
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304)
        return web.Response(body=self.bodies[version - 1], headers={"ETag": tag, "Last-Modified": self.modified})


def test_both_validators_are_sent_back_to_the_letter() -> None:
    server = Changing(feed_of(1), etag="W/odd tag without quotes", modified="yesterday, roughly")
    one, two = reading({"/": server}, ("/", first), ("/", onward))
    assert server.asked == [(None, None), ("W/odd tag without quotes", "yesterday, roughly")]
    assert [post.id for post in one.posts] == ["1"]
    assert (two.unchanged, two.posts, two.status) == (True, (), 304)
    assert two.cursor == one.cursor


def test_a_new_body_brings_new_validators() -> None:
    server = Changing(feed_of(1), feed_of(2, 1), feed_of(3, 2))
    pages = reading({"/": server}, ("/", first), ("/", onward), ("/", onward))
    assert [asked[0] for asked in server.asked] == [None, '"v1"', '"v2"']
    assert [post.id for post in pages[2].posts] == ["3", "2"]
    assert not any(page.gap for page in pages)


def test_no_date_is_ever_made_up() -> None:
    asked: list[list[str]] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append([name for name in request.headers if name.lower().startswith("if-")])
        return web.Response(body=feed_of(1))

    reading({"/": handler}, ("/", first), ("/", onward))
    assert asked == [[], []]


def test_validators_belong_to_the_address_they_came_from() -> None:
    old, new = Changing(feed_of(1)), Changing(feed_of(1))
    reading({"/old": old, "/new": new}, ("/old", first), ("/new", onward))
    assert new.asked == [(None, None)]


@pytest.mark.parametrize("tag", ['"x' + "y" * 2000 + '"'])
def test_a_validator_beyond_reason_is_not_kept(tag: str) -> None:
    assert "etag" not in read(saying(feed_of(1), ETag=tag)).cursor


def test_a_body_that_cannot_be_read_leaves_no_validator() -> None:
    with pytest.raises(Unreadable):
        read(saying(b"<html>", ETag='"a"'))


def test_a_page_on_which_nothing_is_known_is_a_gap() -> None:
    server = Changing(feed_of(*range(10)), feed_of(*range(20, 30)), feed_of(*range(25, 35)), feed_of(99))
    pages = reading({"/": server}, ("/", first), ("/", onward), ("/", onward), ("/", onward))
    assert [page.gap for page in pages] == [False, True, False, False]


@pytest.mark.parametrize("newest_first", [True, False])
def test_in_a_long_feed_the_newest_are_remembered(newest_first: bool) -> None:
    def page(start: int) -> bytes:
        numbers = range(start + 500, start, -1) if newest_first else range(start, start + 500)
        return feed_of(*numbers)

    server = Changing(page(0), page(480), page(2000))
    pages = reading({"/": server}, ("/", first), ("/", onward), ("/", onward))
    assert [page.gap for page in pages] == [False, False, True]
    assert len(pages[0].cursor["ids"]) == 64


@pytest.mark.parametrize(("status", "moves"), [(301, True), (308, True), (302, False), (307, False)])
def test_a_permanent_redirect_names_the_new_address(status: int, moves: bool) -> None:
    (page,) = reading({"/": sending_on("/new", status), "/new": saying(feed_of(1))}, ("/", first))
    assert page.moved_to.endswith("/new") if moves else page.moved_to == ""
    assert len(page.posts) == 1


@pytest.mark.parametrize(
    ("status", "headers", "kind", "permanent"),
    [
        (401, {}, Refused, True),
        (403, {}, Refused, False),
        (404, {}, Refused, False),
        (410, {}, AccessWithdrawn, True),
        (418, {}, Refused, False),
        (451, {}, Refused, False),
        (500, {}, Unreachable, False),
        (503, {}, Unreachable, False),
        (204, {}, Unreadable, False),
        (206, {}, Unreadable, False),
        (304, {}, None, False),
    ],
)
def test_each_status_has_its_reason(
    status: int, headers: dict[str, str], kind: type[NetworkError] | None, permanent: bool
) -> None:
    handler = saying(b"", status=status, **headers)
    if kind is None:
        assert read(handler).unchanged
        return
    with pytest.raises(kind) as error:
        read(handler)
    assert error.value.permanent is permanent
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "120"}, 120),
        (429, {}, 3600),
        (503, {"Retry-After": "7"}, 7),
        (429, {"Retry-After": "9999999"}, 86400),
    ],
)
def test_a_server_that_asks_to_wait_is_heard(status: int, headers: dict[str, str], wait: float) -> None:
    with pytest.raises(RateLimited) as error:
        read(saying(b"", status=status, **{name.replace("-", "_"): value for name, value in headers.items()}))
    assert error.value.wait == wait


@pytest.mark.parametrize(
    ("headers", "channel", "wait"),
    [
        ({}, "", None),
        ({"Cache_Control": "max-age=1800"}, "", 1800),
        ({}, "<ttl>120</ttl>", 7200),
        ({"Cache_Control": "max-age=60"}, "<ttl>20</ttl>", 1200),
        ({"Cache_Control": "max-age=31536000"}, "", 6 * 3600),
        ({}, "<ttl>-5</ttl>", None),
    ],
)
def test_hints_about_the_next_visit_are_passed_on_within_reason(
    headers: dict[str, str], channel: str, wait: float | None
) -> None:
    assert read(saying(feed_of(1, channel=channel), **headers)).wait == wait


def test_a_web_page_that_names_its_feed_is_named_in_full() -> None:
    page = (
        b'<!doctype html><html><head><link rel="alternate" type="application/atom+xml" href="/news.atom"></head></html>'
    )
    with pytest.raises(
        Unreadable,
        match=r"This is a web page, not a feed\. The page names this feed: http://127\.0\.0\.1:\d+/news\.atom",
    ):
        read(saying(page, Content_Type="text/html"))


def test_the_servers_word_on_letters_is_heard() -> None:
    body = "<rss><channel><item><guid>1</guid><title>Привет</title></item></channel></rss>".encode("koi8-r")
    assert read(saying(body, Content_Type="text/xml; charset=koi8-r")).posts[0].title == "Привет"


def test_a_document_with_too_many_entries_is_asked_for_again_whole() -> None:
    page = read(saying(feed_of(*range(10_001)), ETag='"a"'))
    assert page.gap
    assert "etag" not in page.cursor


def test_a_large_feed_is_parsed_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others are visited by the same loop meanwhile: what takes seconds must not stand in it."""
    threads: list[tuple[int, bool]] = []

    def noting(body: bytes, **known: Any) -> Any:
        threads.append((len(body), threading.current_thread() is threading.main_thread()))
        return parse_feed(body, **known)

    monkeypatch.setattr(parse, "parse_feed", noting)

    async def go() -> list[int]:
        known: dict[str, Any] = {"content_type": "application/rss+xml", "base": "", "at": datetime.now(UTC)}
        pages = [feed("One"), feed(*(f"{number} {'x' * 3_000}" for number in range(100)))]
        return [len((await parse.parse_aside(body, **known)).posts) for body in pages]

    assert asyncio.run(go()) == [1, 100]
    [(small, in_loop), (large, in_the_way)] = threads
    assert small < parse.LARGE < 500_000 < large and in_loop and not in_the_way
