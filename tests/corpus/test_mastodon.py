"""Recorded answers of real servers, where the folder with them is present; nothing of it is part of the project."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from listening.networks.http import Answer
from listening.networks.mastodon.client import reason, words_of
from listening.networks.mastodon.parse import Home, author_of, post_of, status_of
from listening.networks.protocols import NetworkError
from tests.corpus.recorded import RECORDED, where_recorded, within

EXCHANGES = RECORDED / "mastodon" / "exchanges.jsonl"
HOME = Home(host="localhost:3000", domain="localhost:3000")

pytestmark = where_recorded


def exchanges() -> list[dict[str, Any]]:
    return [json.loads(line) for line in EXCHANGES.read_text().strip().split("\n")] if EXCHANGES.exists() else []


OBJECTS = [found for row in exchanges() for found in within(row.get("json"))]
STATUSES = [found for found in OBJECTS if {"id", "content", "account", "visibility"} <= found.keys()]
ACCOUNTS = [found for found in OBJECTS if {"id", "acct", "username", "followers_count"} <= found.keys()]


def test_there_is_something_to_read() -> None:
    assert len(STATUSES) > 80 and len(ACCOUNTS) > 200


def test_no_status_is_lost() -> None:
    for said in STATUSES:
        post = post_of(said, HOME)
        inner = status_of(said)
        assert post is not None
        assert post.id == f"localhost:3000/{inner['id']}" and not post.problems
        assert post.published_at == datetime.fromisoformat(inner["created_at"])
        assert (post.updated_at is not None) == bool(inner.get("edited_at"))
        assert bool(post.text) == bool(inner["content"] or inner["media_attachments"] or inner.get("poll"))
        assert post.url and "@" in post.author.id and post.author.followers is not None
        assert len(post.media) == len({media["url"] for media in inner["media_attachments"] if media["url"]})
        assert len(post.addressed_to) == len({mention["acct"].lower() for mention in inner["mentions"]})
        assert bool(post.in_reply_to) == bool(inner["in_reply_to_id"])
        assert "<" not in post.text.replace("<3", "") or "&lt;" in inner["content"]


def test_no_account_is_lost() -> None:
    for said in ACCOUNTS:
        author = author_of(said, HOME)
        assert "@" in author.id and author.url == said["url"] and author.followers == said["followers_count"]


def test_every_refusal_is_a_plain_sentence() -> None:
    refusals = [row for row in exchanges() if row["status"] >= 400]
    assert refusals
    for row in refusals:
        body = json.dumps(row["json"]).encode() if row.get("json") is not None else (row.get("text") or "").encode()
        answer = Answer(row["status"], {}, body, row["uri"], datetime.now(UTC))
        problem = reason(answer)
        assert isinstance(problem, NetworkError) and str(problem).endswith(".")
        assert "<" not in words_of(answer)
