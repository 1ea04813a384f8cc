"""What Bluesky really shows, and the protocol's own lists of what is written rightly, where the folder is present."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listening.networks.bluesky.ids import is_did, is_tid
from listening.networks.bluesky.parse import post_of, posts_in_thread, read_moment

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "C_api"
SYNTAX, VIEWS = DATA / "atproto_interop", DATA / "bluesky_views" / "views.jsonl"

pytestmark = pytest.mark.skipif(not VIEWS.exists(), reason="the recorded answers of networks are not on this machine")


def lines(name: str) -> list[str]:
    text = (SYNTAX / name).read_text().splitlines() if (SYNTAX / name).exists() else []
    return [line for line in text if line and not line.startswith("#")]


@pytest.mark.parametrize(
    ("name", "accepts"),
    [("did_syntax", is_did), ("tid_syntax", is_tid), ("datetime_syntax", lambda text: read_moment(text) is not None)],
)
def test_what_is_valid_is_taken_and_what_is_not_is_not(name: str, accepts: Any) -> None:
    # A year 0 or 1 in some zones is before the first moment that can be stored.
    refused = [
        line for line in lines(f"{name}_valid.txt") if not accepts(line) and not line.startswith(("0000", "0001"))
    ]
    assert lines(f"{name}_valid.txt") and not refused
    assert [line for line in lines(f"{name}_invalid.txt") if accepts(line)] == []


def shown(value: Any) -> Iterator[dict[str, Any]]:
    """Everything in an answer that is shown as a post."""
    if isinstance(value, dict):
        record = value.get("record")
        if (
            {"uri", "author"} <= value.keys()
            and isinstance(record, dict)
            and record.get("$type") == "app.bsky.feed.post"
        ):
            yield value
        for inner in value.values():
            yield from shown(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from shown(inner)


def test_every_post_in_recorded_answers_is_read_whole() -> None:
    count = 0
    for line in VIEWS.read_text().splitlines():
        answer = json.loads(line)["json"]
        for view in shown(answer):
            post = post_of(view)
            assert post is not None and post.id == view["uri"], view
            assert post.published_at is not None and post.author.id == view["author"]["did"]
            said = view["record"]["text"].strip()
            if not any("uri" in part for facet in view["record"].get("facets", ()) for part in facet["features"]):
                assert post.text.startswith(said)
            alts = re.findall(r'"alt": "([^"]+)"', json.dumps(view["record"].get("embed")))
            assert all(alt in post.text for alt in alts)
            count += 1
        if isinstance(answer, dict) and "replies" in answer:
            posts_in_thread(answer)
    assert count >= 50
