"""Recorded answers of YouTube, X, Reddit and forums, where their folder is present; nothing of it is in the project."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from multidict import CIMultiDict

from listening.networks.discourse.parse import post_of
from listening.networks.http import Answer
from listening.networks.limits import limits_said
from listening.networks.protocols import NetworkError
from listening.networks.reddit.parse import posts_of
from listening.networks.x.parse import people_of
from listening.networks.x.parse import post_of as post_on_x
from listening.networks.youtube.parse import comment_of, thread_of
from listening.networks.youtube.reading import reason
from tests.corpus.recorded import RECORDED, where_recorded, within

pytestmark = where_recorded


def objects(folder: str) -> list[dict[str, Any]]:
    files = sorted((RECORDED / folder).rglob("*.json"))
    return [found for file in files for found in within(json.loads(file.read_text()))]


def test_no_comment_is_lost() -> None:
    rows = objects("youtube")
    threads = [row for row in rows if row.get("kind") == "youtube#commentThread"]
    comments = [row for row in rows if row.get("kind") == "youtube#comment"]
    assert len(threads) > 20 and len(comments) > 20
    for row in comments:
        post, told = comment_of(row), row["snippet"]
        assert post is not None and post.id == row["id"] and not post.problems
        assert bool(post.text) == bool(told["textDisplay"]) and "<br" not in post.text
        assert post.published_at == datetime.fromisoformat(told["publishedAt"])
        assert post.author.id == told["authorChannelId"]["value"] and post.author.name
    for row in threads:
        posts = thread_of(row)
        assert len(posts) == 1 + len(row.get("replies", {}).get("comments", []))
        assert {post.conversation for post in posts} == {row["id"]}


def test_every_refusal_of_youtube_is_a_plain_sentence() -> None:
    body = (RECORDED / "youtube" / "error_permission_resp.json").read_bytes()
    problem = reason(Answer(403, {}, body, "", datetime.now(UTC)))
    assert isinstance(problem, NetworkError) and "permission" in str(problem)


def test_no_post_of_a_forum_is_lost() -> None:
    posts = [row for row in objects("discourse_api_gem") if {"id", "cooked", "topic_id", "post_number"} <= row.keys()]
    assert len(posts) > 5
    for row in posts:
        post = post_of(row, "https://forum.example", host="forum.example")
        assert post is not None and post.id == f"forum.example/{row['id']}"
        if not post.deleted:
            assert post.published_at is not None and not post.problems
            assert bool(post.text) == bool(row["cooked"]) or "<img" in row["cooked"]
            assert post.author.handle == row["username"] and post.url.startswith("https://forum.example/t/")


def test_no_post_of_x_is_lost_and_every_limit_is_heard() -> None:
    posts = 0
    for line in (RECORDED / "x_twitter" / "exchanges.jsonl").read_text().splitlines():
        row = json.loads(line)
        told, headers = row["json"], CIMultiDict(row["headers"])
        if "/2/" not in row["uri"] or not isinstance(told, dict):
            continue
        assert limits_said(headers, datetime.now(UTC)) or "x-rate-limit-remaining" not in headers
        people = people_of(told)
        for one in (found for found in within(told) if {"id", "text"} <= found.keys()):
            post = post_on_x(one, people)
            assert post is not None and post.id == one.get("edit_history_tweet_ids", [one["id"]])[0]
            assert bool(post.text) == bool(one["text"]) and "&amp;" not in post.text
            posts += 1
    assert posts > 40


def test_nothing_that_was_said_at_reddit_is_lost() -> None:
    count = 0
    for line in (RECORDED / "reddit" / "exchanges.jsonl").read_text().splitlines():
        told = json.loads(line).get("json")
        said = [row["data"] for row in within(told) if row.get("kind") in {"t1", "t3", "t4"} and "data" in row]
        posts = posts_of(told)
        count += len(posts)
        assert [post.id for post in posts] == [row["name"] for row in said]
        for post, row in zip(posts, said, strict=True):
            words = row.get("selftext", row.get("body"))
            assert post.deleted == (words in {"[deleted]", "[removed]"})
            if not post.deleted:
                assert post.published_at is not None and post.published_at.timestamp() == row["created_utc"]
                assert bool(post.text or post.title) and (post.author.handle or row["author"] in {None, "[deleted]"})
                assert post.updated_at is None or post.updated_at.timestamp() == row["edited"]
    assert count > 1000
