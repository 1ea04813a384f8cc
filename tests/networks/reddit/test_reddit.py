"""Feeds of Reddit: read with a member's token, which is kept nowhere but among the credentials."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from listening.networks.http import Http
from listening.networks.protocols import Access, AccessWithdrawn, Cursor, Page, RateLimited, Refused
from listening.networks.reddit import network, reading
from listening.networks.reddit.parse import posts_of
from tests.networks.running import running

TOKEN = "0a1b2c3d4e5f60718293"
LOOPBACK = ["127.0.0.1"]


def entry(own: str, link: str, title: str, text: str, who: str = "/u/Ada") -> str:
    """One entry as Reddit writes it."""
    html = f"&lt;p&gt;{text}&lt;/p&gt; &amp;#32; submitted by &amp;#32; &lt;a href=&quot;#&quot;&gt; {who} &lt;/a&gt;"
    more = "&lt;br/&gt; &lt;span&gt;&lt;a href=&quot;#&quot;&gt;[link]&lt;/a&gt;&lt;/span&gt; &amp;#32; [comments]"
    return (
        f"<entry><author><name>{who}</name><uri>https://www.reddit.com/user/Ada</uri></author><id>{own}</id>"
        f'<link href="https://www.reddit.com{link}"/><updated>2026-04-10T10:00:00+00:00</updated>'
        f'<title>{title}</title><content type="html">{html}{more if own.startswith("t3") else ""}</content></entry>'
    )


class Front:
    """Serves feeds to whoever has the token; `asked` keeps what was asked."""

    def __init__(self) -> None:
        self.entries = [
            entry("t3_abc", "/r/soup/comments/abc/cold_soup/", "Cold soup", "Why is it cold?"),
            entry("t1_def", "/r/soup/comments/abc/cold_soup/def/", "/u/Ada on Cold soup", "It is always cold."),
        ]
        self.things: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.status = 200

    async def __call__(self, request: web.Request) -> web.Response:
        self.asked.append(str(request.rel_url))
        if self.status != 200 or request.query.get("feed") != TOKEN:
            return web.Response(status=self.status if self.status != 200 else 403)
        if request.path.endswith(".json"):
            assert request.query["raw_json"] == "1"
            return web.json_response({"kind": "Listing", "data": {"children": self.things, "after": None}})
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>newest</title>{"".join(self.entries)}</feed>'
        return web.Response(text=body, content_type="application/atom+xml")


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    found = Front()
    app = web.Application()
    app.router.add_get("/{path:.*}", found.__call__)
    with running(app) as address:
        monkeypatch.setattr(reading, "SERVER", address)
        yield found


def connected(**typed: str) -> Access:
    made = network.connect(Access(http=Http(LOOPBACK)), "feed", {"user": "acme", "token": TOKEN} | typed)
    return Access(http=Http(LOOPBACK), credentials=made.credentials, account=made.account)


def read(access: Access, place: str, since: Cursor | None = None) -> Page:
    async def go() -> Page:
        async with Http(LOOPBACK) as http:
            return await network.read(Access(http=http, credentials=access.credentials), place, since or {})

    return asyncio.run(go())


def test_a_token_or_the_address_of_a_feed_connects(front: Front) -> None:
    assert connected().account.handle == "acme"
    address = f"https://www.reddit.com/.rss?feed={TOKEN}&user=Acme"
    access = connected(user="", token=address)
    assert access.credentials == {"user": "Acme", "token": TOKEN}
    assert network.check(access).account.id == "acme"
    assert network.offered_places(access)[0][0] == "inbox of u/acme"
    with pytest.raises(AccessWithdrawn, match="feed token"):
        connected(token="x" * 20)
    for typed in ({"user": "a b"}, {"token": "short"}):
        with pytest.raises(ValueError, match="Enter"):
            connected(**typed)


def test_posts_and_comments_are_read_in_their_thread(front: Front) -> None:
    page = read(connected(), "r/soup comments")
    post, comment = page.posts
    assert (post.id, post.title, post.text) == ("t3_abc", "Cold soup", "Why is it cold?")
    assert (comment.id, comment.title, comment.in_reply_to) == ("t1_def", "", "t3_abc")
    assert {found.conversation for found in page.posts} == {"t3_abc"}
    assert (post.author.id, post.author.handle) == ("ada", "Ada")
    assert page.wait == 120


def test_a_thing_of_no_kind_is_passed_over() -> None:
    said = {"id": "abc", "title": "Cold soup"}
    whole = {"kind": "t3", "data": said}
    for kind in (None, 3, "more", [], {}):
        assert [post.id for post in posts_of([{"kind": kind, "data": said}, whole])] == ["t3_abc"]


def test_the_token_is_kept_nowhere(front: Front) -> None:
    access = connected()
    page = read(access, "search: cold soup")
    assert TOKEN not in json.dumps(dict(page.cursor)) + page.moved_to + page.title + repr(page.posts)
    again = read(access, "search: cold soup", page.cursor)
    assert not again.gap
    front.entries = [entry(f"t3_n{number}", f"/r/soup/comments/n{number}/", "New", "New") for number in range(3)]
    assert read(access, "search: cold soup", page.cursor).gap
    assert all("q=cold+soup" in asked for asked in front.asked[1:])


def test_what_is_in_the_inbox_speaks_to_us(front: Front) -> None:
    access = connected()
    assert {post.addressed_to for post in read(access, "inbox of u/acme").posts} == {("acme",)}
    with pytest.raises(Refused, match="another member"):
        read(access, "inbox of u/other")


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (403, Refused), (404, Refused)])
def test_what_goes_wrong_is_said(front: Front, status: int, error: type[Exception]) -> None:
    access = connected()
    front.status = status
    with pytest.raises(error) as caught:
        read(access, "r/soup")
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("/r/Soup/", "r/soup"), ("https://www.reddit.com/r/Soup", "r/soup"), ("r/soup comments", "r/soup comments"),
        ("u/Ada", "u/ada"), ("Inbox", "inbox"), ("search:  cold  soup", "search: cold soup"),
        ("r/soup+bread", "r/soup+bread"), ("inbox of u/acme", "inbox of u/acme"),
    ],
)  # fmt: skip
def test_places_are_kept_in_one_form(typed: str, kept: Any) -> None:
    assert network.check_place(typed) == kept == network.check_place(kept)


@pytest.mark.parametrize("typed", ["", "soup", "r/", "search:", "r/a b"])
def test_what_is_no_place_is_said(typed: str) -> None:
    with pytest.raises(ValueError, match="Write what to listen to"):
        network.check_place(typed)


def thing(kind: str, own: str, **said: Any) -> dict[str, Any]:
    """One thing as a listing has it."""
    told = {"name": f"{kind}_{own}", "id": own, "author": "Ada", "created_utc": 1775815200.0, "edited": False}
    return {"kind": kind, "data": told | said}


def test_a_feed_of_json_tells_who_answers_whom(front: Front) -> None:
    access = connected(token=f"https://www.reddit.com/message/inbox/.json?feed={TOKEN}&user=acme")
    link = "/r/soup/comments/abc/cold_soup/"
    below = {
        "kind": "Listing",
        "data": {"children": [thing("t1", "ghi", body="No.", parent_id="t1_def", link_id="t3_abc")]},
    }
    front.things = [
        thing("t3", "abc", title="Cold & soup", selftext="Why is it cold?", is_self=True, permalink=link),
        thing("t1", "def", body="It is *always* cold.", parent_id="t3_abc", link_id="t3_abc", replies=below,
              edited=1775818800.0),
        thing("t3", "jkl", title="Look", selftext="", is_self=False, url="https://a.example/", permalink="/r/x/"),
        thing("t1", "mno", body="[deleted]", author="[deleted]", parent_id="t3_abc", link_id="t3_abc"),
    ]  # fmt: skip
    page = read(access, "r/soup comments")
    assert [post.id for post in page.posts] == ["t3_abc", "t1_def", "t1_ghi", "t3_jkl", "t1_mno"]
    first, second, third, fourth, gone = page.posts
    assert (first.title, first.text, first.url) == ("Cold & soup", "Why is it cold?", f"https://www.reddit.com{link}")
    assert (second.in_reply_to, third.in_reply_to, third.conversation) == ("t3_abc", "t1_def", "t3_abc")
    assert second.updated_at is not None and first.updated_at is None and second.author.id == "ada"
    assert (fourth.text, gone.deleted) == ("https://a.example/", True)
    assert TOKEN not in json.dumps(dict(page.cursor)) and page.wait == 120 and not page.gap
    front.things = [thing("t1", f"n{number}", body="More.") for number in range(100)]
    assert read(access, "r/soup comments", page.cursor).gap
    assert read(access, "inbox").posts[0].addressed_to == ("acme",)
