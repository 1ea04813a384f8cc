"""The search of Hacker News: nothing is lost that its index shows late, and nobody is asked more than needed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from listening.networks.hacker_news import network, reading
from listening.networks.http import Http
from listening.networks.protocols import Access, Cursor, Page, RateLimited, Refused, Unreachable
from tests.networks.running import running

LOOPBACK = ["127.0.0.1"]


class Index:
    """A search that sorts by time, knows bounds of time, and refuses bounds of points, as the real one does."""

    def __init__(self) -> None:
        self.hits: list[dict[str, Any]] = []
        self.items: dict[str, Any] = {}
        self.asked: list[str] = []
        self.status = 200
        self.now = int(time.time())

    def say(self, text: str, ago: int = 0, **fields: Any) -> str:
        """Have a comment found that was written so many seconds ago."""
        own = str(1000 + len(self.hits))
        hit = {
            "objectID": own, "author": "ada", "comment_text": f"<p>{text}", "created_at_i": self.now - ago,
            "story_id": 999, "parent_id": 999, "title": None, "url": None,
        }  # fmt: skip
        self.hits.append(hit | fields)
        return own

    async def search(self, request: web.Request) -> web.Response:
        """Answer a search."""
        self.asked.append(request.query.get("numericFilters", ""))
        floor, roof = 0, 10**12
        for bound in filter(None, request.query.get("numericFilters", "").split(",")):
            if bound.startswith("created_at_i>"):
                floor = int(bound.removeprefix("created_at_i>"))
            elif bound.startswith("created_at_i<="):
                roof = int(bound.removeprefix("created_at_i<="))
            else:
                return web.json_response({"message": "invalid filter"}, status=400)
        hits = [hit for hit in self.hits if floor < hit["created_at_i"] <= roof]
        hits.sort(key=lambda hit: (-hit["created_at_i"], hit["objectID"]))
        shown = hits[: int(request.query["hitsPerPage"])]
        return web.json_response({"hits": shown, "nbHits": len(hits)}, status=self.status)

    async def item(self, request: web.Request) -> web.Response:
        """Answer with an item, or null."""
        return web.json_response(self.items.get(request.match_info["own"]))


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    found = Index()
    app = web.Application()
    app.router.add_get("/search", found.search)
    app.router.add_get("/item/{own}.json", found.item)
    with running(app) as address:
        monkeypatch.setattr(reading, "SEARCH", f"{address}/search")
        monkeypatch.setattr(reading, "ITEMS", f"{address}/item")
        yield found


def read(since: Cursor | None = None) -> Page:
    async def go() -> Page:
        async with Http(LOOPBACK) as http:
            return await network.read(Access(http=http), "acme", since or {})

    return asyncio.run(go())


def test_a_comment_and_a_story(index: Index) -> None:
    index.say("Is <i>Acme</i> down?")
    index.say(
        "", ago=5, title="Acme &amp; sons", url="https://a.example/", comment_text=None, story_id=None, parent_id=None
    )
    story, comment = sorted(read().posts, key=lambda post: post.in_reply_to)
    assert (comment.text, comment.conversation, comment.in_reply_to) == ("Is Acme down?", "999", "999")
    assert (story.title, story.text, story.conversation) == ("Acme & sons", "https://a.example/", story.id)
    assert comment.author.id == "ada" and comment.url.endswith(f"item?id={comment.id}")


def test_what_the_index_shows_late_is_found(index: Index) -> None:
    index.say("first")
    page = read()
    late = index.say("written before, shown after", ago=40 * 3600)
    near = index.say("a little late", ago=3600)
    found = {post.id for post in read(page.cursor).posts}
    assert near in found and late not in found
    page = read({**page.cursor, "wide_at": index.now - 3700})
    assert late in {post.id for post in page.posts}
    assert page.cursor["wide_at"] >= index.now


def test_more_than_a_page_is_walked_down(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 5)
    index.say("first", ago=100)
    page = read()
    for number in range(20):
        index.say(f"number {number}", ago=50 - number // 3)
    again = read(page.cursor)
    assert len(again.posts) == 21 and not again.gap
    monkeypatch.setattr(reading, "PAGES_AT_ONCE", 2)
    assert read(page.cursor).gap


def test_edits_and_deletions(index: Index) -> None:
    index.items = {
        "1": {"by": "ada", "text": "Better", "time": 1, "parent": 9},
        "2": {"deleted": True},
        "3": {"dead": True},
    }
    posts = {post.id: post for post in network.revisit(Access(http=Http(LOOPBACK)), ["1", "2", "3", "4"])}
    assert posts["1"].text == "Better" and posts["2"].deleted and posts["3"].deleted and "4" not in posts


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (503, Unreachable), (400, Refused)])
def test_what_goes_wrong_is_said(index: Index, status: int, error: type[Exception]) -> None:
    index.status = status
    with pytest.raises(error):
        read()


def test_words_are_kept_in_one_form() -> None:
    assert network.check_place("  acme   soup ") == "acme soup"
    for typed in ("", "  ", "!!", "a" * 301):
        with pytest.raises(ValueError, match=r"\.$"):
            network.check_place(typed)
