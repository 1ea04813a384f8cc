"""GitHub: issues and comments read upward by their last change, so that nothing is lost and edits come along."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from listening.networks.github import network, reading
from listening.networks.http import Http
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    Page,
    RateLimited,
    Refused,
    RemoteAuthor,
    Unreachable,
)
from tests.networks.running import running

TOKEN = "github_pat_" + "x" * 30
LOOPBACK = ["127.0.0.1"]
CLOSED = "https://api.github.com/repos/Acme/closed"


class Hub:
    """One repository with issues and comments."""

    def __init__(self) -> None:
        self.issues: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, dict[str, Any]] = {}
        self.now = datetime(2026, 4, 10, 10, tzinfo=UTC)
        self.shows_notifications = True
        # Of other repositories.
        self.elsewhere: list[dict[str, Any]] = []
        self.problem: tuple[int, dict[str, Any], dict[str, str]] | None = None

    def _row(self, path: str, body: str, **fields: Any) -> dict[str, Any]:
        self.now += timedelta(minutes=10)
        at = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        user = {"login": "Ada", "html_url": "https://github.com/Ada"}
        row = {"url": f"https://api.github.com/repos/Acme/soup/issues/{path}", "body": body, "user": user}
        address = f"https://github.com/Acme/soup/issues/{path}"
        return row | {"created_at": at, "updated_at": at, "html_url": address} | fields

    def ask(self, title: str, body: str = "") -> int:
        """Open an issue."""
        own = len(self.issues) + 1
        self.issues[own] = self._row(str(own), body, title=title)
        return own

    def say(self, issue: int, body: str) -> int:
        """Write below an issue."""
        own = 1000 + len(self.comments)
        above = f"https://api.github.com/repos/Acme/soup/issues/{issue}"
        self.comments[own] = self._row(f"comments/{own}", body, issue_url=above)
        return own

    def touch(self, row: dict[str, Any], body: str) -> None:
        """Change an issue or a comment."""
        self.now += timedelta(minutes=10)
        row |= {"body": body, "updated_at": self.now.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _notified(self, query: Any) -> web.Response:
        """Threads that name the account or that it takes part in, the newest first, each once."""
        if not self.shows_notifications:
            return web.json_response({"message": "Resource not accessible by personal access token"}, status=403)
        threads: dict[str, dict[str, Any]] = {}
        for row in sorted([*self.issues.values(), *self.comments.values()], key=lambda row: row["updated_at"]):
            issue = row.get("issue_url", row["url"]).rpartition("/")[2]
            ours = self.issues[int(issue)]["user"]["login"] == "Acme"
            if "@acme" in row["body"].lower() or (ours and row["user"]["login"] != "Acme"):
                reason = "mention" if "@acme" in row["body"].lower() else "author"
                subject = {"type": "Issue", "url": f"https://api.github.com/repos/Acme/soup/issues/{issue}"}
                threads[issue] = {"id": issue, "reason": reason, "updated_at": row["updated_at"], "subject": subject}
        rows = sorted([*threads.values(), *self.elsewhere], key=lambda row: row["updated_at"], reverse=True)
        rows = [row for row in rows if row["updated_at"] >= query.get("since", "")]
        size, page = int(query["per_page"]), int(query.get("page", "1"))
        return web.json_response(rows[(page - 1) * size : page * size], headers={"X-Poll-Interval": "60"})

    async def __call__(self, request: web.Request) -> web.Response:
        if self.problem:
            return web.json_response(self.problem[1], status=self.problem[0], headers=self.problem[2])
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"message": "Bad credentials"}, status=401)
        path, query = request.path.strip("/"), request.query
        # A fork beside it is closed to this token.
        if path.startswith("repos/Acme/closed"):
            return web.json_response({"message": "Not Found"}, status=404)
        if path == "user":
            return web.json_response({"login": "Acme", "name": "Acme & Co", "html_url": "https://github.com/Acme"})
        if path == "notifications":
            return self._notified(query)
        shelf = self.comments if "comments" in path else self.issues
        last = path.rpartition("/")[2]
        if last.isdigit():
            row = shelf.get(int(last))
            return web.json_response(row or {"message": "Not Found"}, status=200 if row else 404)
        rows = sorted(shelf.values(), key=lambda row: row["updated_at"], reverse=query.get("direction") == "desc")
        if path == "search/issues":
            words, _, floor = query["q"].partition(" created:>=")
            rows = [row for row in rows if words in row["title"] and row["created_at"] >= floor][::-1]
        rows = [row for row in rows if row["updated_at"] >= query.get("since", "")]
        if found := re.fullmatch(r"repos/\w+/\w+/issues/(\d+)/comments", path):
            rows = [row for row in rows if row["issue_url"].endswith(f"/issues/{found[1]}")]
        size, page = int(query["per_page"]), int(query.get("page", "1"))
        rows = rows[(page - 1) * size : page * size]
        return web.json_response({"items": rows, "incomplete_results": False} if path == "search/issues" else rows)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    found = Hub()
    app = web.Application()
    app.router.add_get("/{path:.*}", found.__call__)
    with running(app) as address:
        monkeypatch.setattr(reading, "API", address)
        yield found


def connected(token: str = TOKEN) -> Access:
    made = network.connect(Access(http=Http(LOOPBACK)), "token", {"token": token})
    return Access(http=Http(LOOPBACK), credentials=made.credentials, account=made.account)


def read(place: str = "acme/soup", since: Cursor | None = None) -> Page:
    async def go() -> Page:
        async with Http(LOOPBACK) as http:
            account = RemoteAuthor(id="acme", handle="Acme")
            access = Access(http=http, credentials={"token": TOKEN}, account=account)
            return await network.read(access, place, since or {})

    return asyncio.run(go())


def test_connecting_with_a_token(hub: Hub) -> None:
    access = connected()
    assert (access.account.id, access.account.name) == ("acme", "Acme & Co")
    assert network.check(access).account == access.account
    with pytest.raises(AccessWithdrawn, match="new one"):
        connected(TOKEN + "y")
    with pytest.raises(ValueError, match="Enter the token"):
        connected("short")


def test_issues_and_what_is_said_below(hub: Hub) -> None:
    issue = hub.ask("Soup is <cold>", "<!-- template -->\nHi @Acme, see `@not-this`")
    hub.say(issue, "Mine too")
    one, two = read().posts
    assert (one.id, one.title, one.text) == ("acme/soup/issues/1", "Soup is <cold>", "Hi @Acme, see `@not-this`")
    assert (one.addressed_to, one.author.id) == (("acme",), "ada")
    assert (two.id, two.in_reply_to, two.conversation) == ("acme/soup/comments/1000", one.id, one.id)


def test_everything_is_walked_upward_with_its_edits(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    monkeypatch.setattr(reading, "PAGES_AT_ONCE", 2)
    first = hub.ask("first")
    page, found = read(), dict[str, str]()
    for number in range(16):
        hub.ask(f"number {number}")
    hub.touch(hub.issues[first], "changed")
    for _read in range(6):
        page = read("acme/soup", page.cursor)
        found |= {post.id: post.text for post in page.posts}
    assert len(found) == 17 and found["acme/soup/issues/1"] == "changed"


def test_a_search_overlaps(hub: Hub) -> None:
    hub.ask("soup one")
    page = read("search: soup")
    hub.ask("soup two")
    hub.ask("bread")
    again = read("search: soup", page.cursor)
    assert {post.title for post in again.posts} == {"soup one", "soup two"} and not again.gap


def test_edits_and_deletions(hub: Hub) -> None:
    comment = hub.say(hub.ask("Soup"), "Cold")
    hub.touch(hub.comments[comment], "Hot")
    ids = ["acme/soup/comments/1000", "acme/soup/issues/9", "odd"]
    edited, gone = network.revisit(connected(), ids)
    assert (edited.text, edited.updated_at is not None, gone.deleted) == ("Hot", True, True)


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (403, {"X-RateLimit-Remaining": "0", "Retry-After": "7"}, RateLimited),
        (429, {}, RateLimited),
        (403, {}, Refused),
        (404, {}, Refused),
        (502, {}, Unreachable),
    ],
)
def test_what_goes_wrong_is_said(hub: Hub, status: int, headers: dict[str, str], error: type[Exception]) -> None:
    hub.problem = (status, {"message": "No."}, headers)
    with pytest.raises(error):
        read()


def test_places_are_kept_in_one_form() -> None:
    assert network.check_place("https://github.com/Acme/Soup/issues") == "acme/soup"
    assert network.check_place(" search:  cold  soup ") == "search: cold soup"
    for typed in ("", "acme", "search:", "a/b/c/d"):
        with pytest.raises(ValueError, match="Write what to listen to"):
            network.check_place(typed)


def test_what_html_hides_is_left_out_however_often(hub: Hub) -> None:
    hub.ask("Soup", "<!-- a --> Is <!-- b\n -->cold <!-- and not closed")
    assert read().posts[0].text == "Is cold <!-- and not closed"
    # Not measured: from each of these the whole rest was looked through.
    assert reading._without_comments("<!--" * 100_000) == "<!--" * 100_000


def test_a_flood_within_minutes_is_walked_through(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    monkeypatch.setattr(reading, "PAGES_AT_ONCE", 2)
    hub.ask("first")
    page, found = read(), set[str]()
    for number in range(20):
        hub.ask(f"number {number}")
    for number, row in enumerate(hub.issues.values()):
        row["updated_at"] = (hub.now + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for _read in range(6):
        page = read("acme/soup", page.cursor)
        found |= {post.id for post in page.posts}
        assert not page.gap
    assert len(found) == 21


def test_more_within_a_second_than_is_read_at_once_is_a_gap_and_no_end(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    monkeypatch.setattr(reading, "PAGES_AT_ONCE", 2)
    hub.ask("first")
    page, gaps = read(), 0
    for number in range(20):
        hub.ask(f"number {number}")
    for row in hub.issues.values():
        row["updated_at"] = hub.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    last = hub.ask("the last")
    found = set[str]()
    for _read in range(4):
        page = read("acme/soup", page.cursor)
        found |= {post.id for post in page.posts}
        gaps += page.gap
    assert f"acme/soup/issues/{last}" in found and gaps == 1


def test_what_the_token_may_not_see_any_more_is_not_gone(hub: Hub) -> None:
    hub.ask("Soup")
    access = connected()
    hub.problem = (404, {"message": "Not Found"}, {})
    assert not network.revisit(access, ["acme/soup/issues/1", "acme/soup/issues/2"])


def test_what_is_said_to_the_account_is_heard_once_and_nothing_else(hub: Hub) -> None:
    hub.ask("Not for us", "Soup is cold")
    named = hub.ask("For us", "Dear @Acme, soup is cold")
    ours = hub.ask("By us", "We work on it")
    hub.issues[ours]["user"] = {"login": "Acme", "html_url": "https://github.com/Acme"}
    access = connected()
    ((place, _label),) = network.offered_places(access)
    assert network.check_place("Mentions of @Acme") == place == "mentions of @acme"
    first = read(place)
    assert [post.id for post in first.posts] == [f"acme/soup/issues/{named}"] and first.wait == 60
    assert first.posts[0].addressed_to == ("acme",)
    for number in range(60):
        hub.ask(f"More {number}", "and @acme again")
    answer = hub.say(ours, "When is it done?")
    aside = hub.say(named, "I have that as well")
    later = hub.say(named, "And you, @acme?")
    hub.elsewhere = [
        {"id": "d", "updated_at": "2026-04-12T00:00:00Z", "subject": {"type": "Discussion", "url": None}},
        {"id": "c", "updated_at": "2026-04-12T00:00:00Z", "subject": {"url": f"{CLOSED}/issues/1"}},
    ]  # fmt: skip
    second = read(place, first.cursor)
    ids = {post.id for post in second.posts}
    assert {f"acme/soup/comments/{answer}", f"acme/soup/comments/{later}"} <= ids and len(ids) >= 62
    assert f"acme/soup/comments/{aside}" not in ids and not second.gap
    assert all("acme" in post.addressed_to for post in second.posts)
    hub.shows_notifications = False
    assert network.offered_places(access) == []
