"""Reading notifications and what an account writes: nothing lost, nothing endless, and a gap where one may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from listening.networks.bluesky import reading
from listening.networks.protocols import Refused, Unreachable, Unreadable
from tests.listening.networks.bluesky.conftest import Town
from tests.listening.networks.bluesky.double import stamp


def aged(record: Any, minutes: float) -> None:
    record.indexed_at = stamp(datetime.now(UTC) - timedelta(minutes=minutes))


async def test_mentions_and_answers_come_with_whom_they_address(town: Town) -> None:
    await town.connect()
    ours = town.double.say(town.brand, "We opened")
    mention = town.double.mention(town.ada, town.brand)
    answer = town.double.say(
        town.ada,
        "Where?",
        reply={"root": {"uri": ours.uri, "cid": ours.cid}, "parent": {"uri": ours.uri, "cid": ours.cid}},
    )
    town.double.say(town.ada, "brand.test is only named here")
    page = await town.read("notifications of @brand.test")
    found = {post.id: post for post in page.posts}
    assert found.keys() == {mention.uri, answer.uri} and not page.gap
    assert all(town.brand.did in post.addressed_to for post in page.posts)
    assert found[answer.uri].conversation == ours.uri and found[mention.uri].author.name == "Ada"


async def test_what_is_new_comes_and_pages_are_turned_only_so_far_back(town: Town, monkeypatch: Any) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    await town.connect()
    for number in range(7):
        aged(town.double.mention(town.ada, town.brand, f"{{}} old {number}"), 60 + 20 * number)
    first = await town.read("notifications")
    assert len(first.posts) == 3, "at first only the newest"
    fresh = [town.double.mention(town.ada, town.brand, f"{{}} new {number}") for number in range(5)]
    town.double.asked.clear()
    page = await town.read("notifications", first.cursor)
    assert {record.uri for record in fresh} <= {post.id for post in page.posts} and not page.gap
    assert [name for name, _ in town.double.asked].count("app.bsky.notification.listNotifications") == 3
    monkeypatch.setattr(reading, "PAGES_AT_ONCE", 2)
    for number in range(8):
        town.double.mention(town.ada, town.brand, f"{{}} flood {number}")
    assert (await town.read("notifications", page.cursor | {"newest": stamp(datetime.now(UTC))})).gap


async def test_nothing_new_keeps_the_cursor(town: Town) -> None:
    await town.connect()
    empty = await town.read("notifications")
    assert empty.posts == () and empty.cursor == {"newest": ""}
    town.double.mention(town.ada, town.brand)
    page = await town.read("notifications", empty.cursor)
    assert len(page.posts) == 1 and (await town.read("notifications", page.cursor)).cursor == page.cursor


async def test_an_account_is_read_by_anybody(town: Town) -> None:
    said = town.double.say(town.ada, "Hello world")
    page = await town.read("@ada.test")
    assert [post.id for post in page.posts] == [said.uri] and page.title == "Ada"
    with pytest.raises(Refused, match="connected account"):
        await town.read("notifications")
    with pytest.raises(Refused, match="Unable to resolve"):
        await town.read("@nobody.test")


async def test_what_is_no_answer_is_said(town: Town) -> None:
    await town.connect()
    name = "app.bsky.notification.listNotifications"
    for answer, problem in (
        (web.Response(body=b"<html>"), Unreadable),
        (web.json_response({"notifications": None}), Unreadable),
        (web.json_response({"error": "UpstreamFailure"}, status=502), Unreachable),
    ):
        town.double.fail[name] = answer
        with pytest.raises(problem):
            await town.read("notifications")


async def test_looking_again_brings_threads_and_believes_only_the_author_that_a_post_is_gone(town: Town) -> None:
    access = await town.connect()
    mention = town.double.mention(town.ada, town.brand)
    reference = {"uri": mention.uri, "cid": mention.cid}
    answer = town.double.say(town.ada, "And?", reply={"root": reference, "parent": reference})
    hidden = town.double.mention(town.ada, town.brand, "{} hidden")
    gone = town.double.mention(town.ada, town.brand, "{} gone")
    town.double.hidden.add(hidden.uri)
    town.double.delete(gone)
    ids = [mention.uri, hidden.uri, gone.uri, "not an address"]
    found = {post.id: post for post in await town.waiting(town.network.revisit, access, ids)}
    assert found.keys() == {mention.uri, answer.uri, gone.uri} and found[gone.uri].deleted
    assert not found[mention.uri].deleted
    results = await town.waiting(town.network.results_of, access, [mention.uri, gone.uri])
    assert results.keys() == {mention.uri}
    assert (results[mention.uri].likes, results[mention.uri].reposts, results[mention.uri].answers) == (3, 2, 1)
