"""Stack Exchange: questions and answers read with an overlap, as seldom as it wants to be asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from listening.networks.http import Http
from listening.networks.protocols import Access, Cursor, Page, RateLimited, Refused, Unreachable, Unreadable
from listening.networks.stack_exchange import network, reading
from tests.networks.running import running

LOOPBACK = ["127.0.0.1"]


class Site:
    """A site with questions and answers; wraps answers as the real one does, and counts what is left."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.left, self.backoff = 299, 0
        self.problem: tuple[int, dict[str, Any]] | None = None
        self.now = int(time.time())

    def ask(self, title: str, ago: int = 0, answer_to: int = 0) -> int:
        """Write a question, or an answer to one."""
        own = len(self.rows) + 1
        names = {"answer_id": own, "question_id": answer_to} if answer_to else {"question_id": own}
        row = {
            "item_type": "answer" if answer_to else "question", "title": title, "body": f"<p>{title}</p>",
            "excerpt": f"<span class=\"highlight\">{title}</span>", "creation_date": self.now - ago,
            "owner": {"user_id": 7, "display_name": "Ada &amp; Co", "link": "https://stackoverflow.com/users/7"},
        }  # fmt: skip
        self.rows.append(row | names)
        return own

    async def __call__(self, request: web.Request) -> web.Response:
        if self.problem:
            return web.json_response(self.problem[1], status=self.problem[0])
        assert request.query["site"] == "stackoverflow"
        self.left -= 1
        what = request.path.strip("/")
        rows = self.rows
        if found := [part for part in what.split("/")[1:] if part != "excerpts"]:
            key = "answer_id" if what.startswith("answers") else "question_id"
            rows = [row for row in rows if str(row.get(key)) in found[0].split(";")]
        if floor := request.query.get("fromdate"):
            rows = [row for row in rows if row["creation_date"] >= int(floor)]
        rows = sorted(rows, key=lambda row: -row["creation_date"])
        size, page = int(request.query["pagesize"]), int(request.query.get("page", "1"))
        told: dict[str, Any] = {
            "items": rows[(page - 1) * size : page * size], "has_more": len(rows) > page * size,
            "quota_max": 300, "quota_remaining": self.left,
        }  # fmt: skip
        return web.json_response(told | ({"backoff": self.backoff} if self.backoff else {}))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    found = Site()
    app = web.Application()
    app.router.add_get("/{path:.*}", found.__call__)
    with running(app) as address:
        monkeypatch.setattr(reading, "API", address)
        yield found


def read(place: str = "stackoverflow: acme", since: Cursor | None = None) -> Page:
    async def go() -> Page:
        async with Http(LOOPBACK) as http:
            return await network.read(Access(http=http), place, since or {})

    return asyncio.run(go())


def test_questions_and_answers(site: Site) -> None:
    question = site.ask("Acme won't start")
    site.ask("Acme won't start", answer_to=question)
    one, two = sorted(read().posts, key=lambda post: post.in_reply_to)
    assert (one.id, one.title, one.text) == ("stackoverflow/q/1", "Acme won't start", "Acme won't start")
    assert (two.id, two.title, two.in_reply_to) == ("stackoverflow/a/2", "", "stackoverflow/q/1")
    assert {post.conversation for post in (one, two)} == {"stackoverflow/q/1"}
    assert one.author.name == "Ada & Co" and two.url == "https://stackoverflow.com/a/2"


def test_what_is_shown_late_is_found(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    site.ask("first")
    page = read("stackoverflow #acme")
    late = site.ask("written before", ago=20 * 3600)
    for number in range(7):
        site.ask(f"number {number}")
    again = read("stackoverflow #acme", page.cursor)
    assert f"stackoverflow/q/{late}" in {post.id for post in again.posts} and not again.gap
    monkeypatch.setattr(reading, "PAGES_AT_ONCE", 2)
    assert read("stackoverflow #acme", page.cursor).gap


def test_it_is_asked_as_seldom_as_it_wants(site: Site) -> None:
    site.ask("first")
    assert read().wait == 1800
    site.backoff = 40
    assert read().wait == 1840
    site.backoff, site.left = 0, 20
    assert read().wait == 3600


def test_edits_and_deletions(site: Site) -> None:
    one = site.ask("Before")
    site.ask("Answer", answer_to=one)
    site.rows[0] |= {"title": "After", "last_edit_date": site.now}
    ids = ["stackoverflow/q/1", "stackoverflow/a/2", "stackoverflow/q/9", "odd"]
    posts = {post.id: post for post in network.revisit(Access(http=Http(LOOPBACK)), ids)}
    assert posts[ids[0]].title == "After" and posts[ids[0]].updated_at and not posts[ids[1]].deleted
    assert posts[ids[2]].deleted and len(posts) == 3


@pytest.mark.parametrize(
    ("status", "told", "error"),
    [
        (
            400,
            {"error_id": 502, "error_message": "too many requests, more in 77 seconds"},
            RateLimited,
        ),
        (400, {"error_id": 400, "error_message": "No site found"}, Refused),
        (503, {}, Unreachable),
    ],
)
def test_what_goes_wrong_is_said(site: Site, status: int, told: dict[str, Any], error: type[Exception]) -> None:
    site.problem = (status, told)
    with pytest.raises(error) as caught:
        read()
    assert getattr(caught.value, "wait", 77) == 77


def test_places_are_kept_in_one_form() -> None:
    assert network.check_place(" StackOverflow:  acme   soup") == "stackoverflow: acme soup"
    assert network.check_place("askubuntu #Snap-Store") == "askubuntu #snap-store"
    for typed in ("", "acme soup", "stackoverflow:", "stackoverflow #"):
        with pytest.raises(ValueError, match=r"^Write "):
            network.check_place(typed)


def test_an_answer_without_its_list_deletes_nothing(site: Site) -> None:
    site.problem = (200, {"quota_remaining": 5})
    with pytest.raises(Unreadable):
        network.revisit(Access(http=Http(LOOPBACK)), ["stackoverflow/q/1"])
