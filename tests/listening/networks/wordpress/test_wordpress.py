"""A site's comments are heard and answered once, its posts published once; what it says no to is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from listening.networks.http import Bounds, Http
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    NetworkError,
    OutgoingReply,
    RateLimited,
    Refused,
    Unreachable,
)
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from listening.networks.wordpress import network, reading
from tests.listening.networks.wordpress.double import Double

QUICK = Bounds(connect=2, silence=2, total=4)
AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
PIECE = OutgoingPiece(key="p1", title="We & you", text="One <two>\n\nSee https://example.org/a?b=c.", at=AT)


class Place:
    """The double and the means of its user."""

    def __init__(self, double: Double) -> None:
        self.double, self.http = double, Http(["127.0.0.1"], bounds=QUICK)
        self.access = Access(http=self.http)

    async def connect(self, **other: str) -> Access:
        filled = {"site": self.double.address, "user": "admin", "password": "abcd EFGH ijkl", **other}
        found = await self.do(network.connect, self.access, "application-password", filled)
        self.access = Access(
            http=self.http, credentials=found.credentials, account=found.account, server=found.server, facts=found.facts
        )
        return self.access

    async def do(self, call: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.to_thread(call, *args)

    async def read(self, since: Any = None) -> Any:
        async with Http(["127.0.0.1"], bounds=QUICK) as http:
            return await network.read(replace(self.access, http=http), "comments", since or {})

    def answer_to(self, number: int, text: str = "Sorry <3 & thanks") -> OutgoingReply:
        return OutgoingReply(key="k", to=f"{self.key}/comment/{number}", text=text, at=datetime.now(UTC))

    @property
    def key(self) -> str:
        return self.double.address.removeprefix("http://")


@pytest.fixture(params=[True, False], ids=["pretty", "plain"])
async def place(request: Any) -> AsyncIterator[Place]:
    """A site, with pretty addresses and without."""
    double = Double(pretty=request.param)
    async with double.running():
        yield Place(double)


@pytest.fixture
async def site() -> AsyncIterator[Place]:
    """A site that is connected."""
    double = Double()
    async with double.running():
        found = Place(double)
        await found.connect()
        yield found


async def test_a_site_is_found_whatever_its_addresses_look_like(place: Place) -> None:
    access = await place.connect(site=f"{place.double.address}/wp-admin/profile.php")
    assert (access.account.id, access.account.name) == (f"{place.key}/user/1", "Ann Admin")
    assert access.facts["title"] == "A & B" and access.facts["publishes"] is True
    found = await place.do(network.check, access)
    assert found.account == access.account and dict(found.credentials) == dict(access.credentials)
    assert network.offered_places(access) == ((f"comments on {place.key}", "Comments on A & B"),)
    number = place.double.comment("Where?")
    assert [post.id for post in (await place.read()).posts] == [f"{place.key}/comment/{number}"]


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        ({"password": "wrong"}, "does not accept.*drops the sign-in"),
        ({"user": ""}, "user name and the application password"),
        ({"site": "http://example.org"}, "by https://"),
        ({"site": "https://a:b@example.org"}, "Enter the address"),
        ({"site": ""}, "Enter the address"),
    ],
)
async def test_what_was_typed_wrongly_is_said(site: Place, filled: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        await site.connect(**filled)


async def test_what_is_missing_on_the_site_is_said(site: Place) -> None:
    site.double.offers_passwords = False
    with pytest.raises(ValueError, match="switched off"):
        await site.connect()
    site.double.offers_passwords, site.double.may = True, {}
    with pytest.raises(ValueError, match="may not moderate"):
        await site.connect()
    with pytest.raises(Refused, match="may not moderate"):
        await site.do(network.check, site.access)
    site.double.password = "another"
    with pytest.raises(AccessWithdrawn):
        await site.do(network.check, site.access)
    with pytest.raises(AccessWithdrawn):
        await site.read()


async def test_comments_come_with_where_and_whom(site: Place) -> None:
    one = site.double.comment("First &amp; best")
    two = site.double.comment("Me too", parent=one, status="hold")
    site.double.comment("Buy pills", status="spam")
    posts = {post.id.rpartition("/")[2]: post for post in (await site.read()).posts}
    assert posts.keys() == {str(one), str(two)}
    first, second = posts[str(one)], posts[str(two)]
    assert (first.text, first.title, first.author.name) == ("First & best", "Launch", "Vera & Co")
    assert first.author.id.startswith(f"{site.key}/visitor/") and "example" not in first.author.id
    assert first.conversation == second.conversation == f"{site.key}/post/{site.double.article['id']}"
    assert second.in_reply_to == first.id and first.in_reply_to == first.conversation
    assert first.addressed_to == (f"{site.key}/user/1",) and "approves" in second.problems[0]


async def test_what_is_new_comes_and_edits_are_met_again(site: Place) -> None:
    old = site.double.comment("Old", at=datetime.now(UTC) - timedelta(hours=20))
    site.double.comment("Middle", at=datetime.now(UTC) - timedelta(hours=2))
    first = await site.read()
    assert len(first.posts) == 2
    site.double.rows["comments"][old]["content"] = "Old, edited"
    new = site.double.comment("New")
    page = await site.read(first.cursor)
    assert [post.text for post in page.posts] == ["Middle", "New"], "what is older is not read again at once"
    later = await site.read({**page.cursor, "looked": "2020-01-01T00:00:00Z"})
    assert {post.text for post in later.posts} == {"Old, edited", "Middle", "New"}
    site.double.rows["comments"][new]["status"] = "trash"
    gone = await site.read(later.cursor)
    assert [(post.id.rpartition("/")[2], post.deleted) for post in gone.posts] == [(str(new), True)]


async def test_a_flood_is_read_on_in_turns(site: Place, monkeypatch: Any) -> None:
    monkeypatch.setattr(reading, "PAGES_AT_ONCE", 2)
    monkeypatch.setitem(reading._SHOWN, "per_page", 2)
    site.double.comment("Before")
    cursor, texts = (await site.read()).cursor, list[str]()
    for number in range(11):
        site.double.comment(f"Flood {number}")
    for _visit in range(3):
        page = await site.read(cursor)
        cursor, texts = page.cursor, [*texts, *(post.text for post in page.posts)]
        assert page.wait == (5.0 if "page" in cursor else None) and not page.gap
    assert [text for text in texts if text != "Before"] == [f"Flood {number}" for number in range(11)]


async def test_an_answer_is_given_once(site: Place) -> None:
    number = site.double.comment("Where?")
    outgoing = site.answer_to(number)
    assert await site.do(network.find_reply, site.access, outgoing) is None
    site.double.lose.add("POST comments")
    with pytest.raises(Unreachable):
        await site.do(network.reply, site.access, outgoing)
    found = await site.do(network.find_reply, site.access, outgoing)
    assert found is not None and await site.do(network.reply, site.access, outgoing) == found
    ours = [row for row in site.double.rows["comments"].values() if row["author"] == 1]
    assert [(row["parent"], row["content"]) for row in ours] == [(number, "Sorry &lt;3 &amp; thanks")]
    results = await site.do(network.results_of, site.access, [f"{site.key}/comment/{number}", f"{site.key}/comment/99"])
    assert {key: result.answers for key, result in results.items()} == {f"{site.key}/comment/{number}": 1}
    for _twice in range(2):
        await site.do(network.withdraw, site.access, found.id)
    assert await site.do(network.find_reply, site.access, outgoing) is None


async def test_what_cannot_be_answered_is_refused_and_what_may_wait_waits(site: Place) -> None:
    held, spam, fine = (site.double.comment("x", status=status) for status in ("hold", "spam", "approved"))
    for number, text, said in ((held, "a", "waits for approval"), (spam, "a", "spam or trash"),
                               (99, "a", "not on the site"),
                               (fine, " ", "empty"), (fine, "ä" * 40_000, "65,525")):  # fmt: skip
        with pytest.raises(Refused, match=said):
            await site.do(network.reply, site.access, site.answer_to(number, text))
    with pytest.raises(Refused, match="not of the connected site"):
        await site.do(network.reply, site.access, replace(site.answer_to(fine), to="other.test/comment/1"))
    site.double.fail[f"comments/{fine}"] = web.Response(status=500)
    with pytest.raises(RateLimited, match="Nothing was sent yet"):
        await site.do(network.reply, site.access, site.answer_to(fine))
    site.double.fail["comments"] = web.json_response({"code": "comment_flood", "message": "slow"}, status=400)
    with pytest.raises(RateLimited, match="15 seconds"):
        await site.do(network.reply, site.access, site.answer_to(fine))
    for answer, problem in (
        (web.Response(status=403, text="no"), "security plugin"),
        (web.Response(text="<html>"), "not WordPress"),
    ):
        site.double.fail["comments"] = answer
        with pytest.raises(NetworkError, match=problem):
            await site.read()


async def test_comments_are_looked_at_again(site: Place) -> None:
    kept, spam, gone = (site.double.comment(f"text {number}") for number in range(3))
    site.double.rows["comments"][spam]["status"] = "spam"
    del site.double.rows["comments"][gone]
    ids = [f"{site.key}/comment/{number}" for number in (kept, spam, gone)]
    found = await site.do(network.revisit, site.access, [*ids, "elsewhere/comment/1"])
    assert {post.id: post.deleted for post in found} == {ids[0]: False, ids[1]: True, ids[2]: True}


async def test_a_post_is_published_once_with_all_that_belongs_to_it(site: Place) -> None:
    picture = OutgoingMedia("a.png", "image/png", b"png", alt="A red square")
    piece = replace(
        PIECE, media=(picture, replace(picture, body=b"two", alt="Two")), categories=("R&D",), tags=("#new",)
    )
    site.double.lose.add("POST posts")
    with pytest.raises(Unreachable):
        await site.do(network.publish, site.access, piece)
    found = await site.do(network.find_piece, site.access, piece)
    assert found is not None and await site.do(network.publish, site.access, piece) == found
    made = [row for row in site.double.rows["posts"].values() if row["title"] == "We & you"]
    (row,) = made
    assert row["status"] == "publish" and row["date_gmt"] == "2026-11-26T12:00:00" and row["slug"].startswith("we-you-")
    assert "<p>One &lt;two&gt;</p>" in row["content"] and '<a href="https://example.org/a?b=c">' in row["content"]
    assert [media["alt_text"] for media in site.double.rows["media"].values()] == ["A red square", "Two"]
    assert 'alt="Two"' in row["content"] and row["featured_media"] == min(site.double.rows["media"])
    assert [term["name"] for term in site.double.rows["categories"].values()] == ["R&amp;D"]
    assert await site.do(network.find_piece, site.access, replace(PIECE, key="other")) is None
    await site.do(network.withdraw, site.access, found.id)
    await site.do(network.withdraw, site.access, found.id)


async def test_drafts_later_posts_and_own_addresses(site: Place) -> None:
    draft = replace(PIECE, key="d", is_draft=True, slug="my-own", categories=("r&d",))
    taken = await site.do(network.publish, site.access, draft)
    assert await site.do(network.publish, site.access, draft) == taken
    with pytest.raises(Refused, match="another post at “my-own”"):
        await site.do(network.publish, site.access, replace(draft, key="e", title="Another"))
    later = replace(PIECE, key="f", begins_at=datetime.now(UTC) + timedelta(days=1))
    await site.do(network.publish, site.access, later)
    assert [row["status"] for row in site.double.rows["posts"].values()] == ["publish", "draft", "future"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": " "}, "needs a title"), ({"slug": "Not/one"}, "small letters"), ({"warning": "x"}, "warnings"),
        ({"visibility": "followers"}, "public"),
        ({"media": (OutgoingMedia("a.mp4", "video/mp4", b"x"),)}, "not a picture"),
    ],
)  # fmt: skip
async def test_nothing_is_lost_in_silence(site: Place, more: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        await site.do(network.publish, site.access, replace(PIECE, **more))


async def test_places_and_what_is_not_connected() -> None:
    assert network.check_place(" Comments on blog.test ") == "comments on blog.test"
    with pytest.raises(ValueError, match="write “comments”"):
        network.check_place("everything")
    with pytest.raises(Refused, match="through a connection"):
        await network.read(Access(), "comments", {})


async def test_what_we_said_before_is_not_taken_for_this_answer(site: Place) -> None:
    number = site.double.comment("Where?")
    await site.do(network.reply, site.access, site.answer_to(number, "Thank you!"))
    for row in site.double.rows["comments"].values():
        row["date_gmt"] = "2020-01-01T00:00:00"
    again = replace(site.answer_to(number, "Thank you!"), key="k2")
    assert await site.do(network.find_reply, site.access, again) is None
    with pytest.raises(Refused, match="said here before"):
        await site.do(network.reply, site.access, again)


async def test_an_older_post_at_the_same_address_is_not_this_one(site: Place) -> None:
    weekly = replace(PIECE, key="week-1", title="Weekly news", slug="weekly-news")
    made = await site.do(network.publish, site.access, weekly)
    assert await site.do(network.publish, site.access, weekly) == made
    later = replace(weekly, key="week-2", at=weekly.at + timedelta(days=7))
    assert await site.do(network.find_piece, site.access, later) is None
    with pytest.raises(Refused, match="another post at “weekly-news”"):
        await site.do(network.publish, site.access, later)
