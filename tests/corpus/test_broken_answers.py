"""Recorded answers of which fields are gone or hold something else, as servers of other versions send them."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from listening.networks.bluesky.parse import post_of as post_on_bluesky
from listening.networks.discourse.parse import post_of as post_of_forum
from listening.networks.mastodon.parse import Home
from listening.networks.mastodon.parse import post_of as status_of_mastodon
from listening.networks.reddit.parse import posts_of as posts_of_reddit
from listening.networks.x.parse import people_of
from listening.networks.x.parse import post_of as post_on_x
from listening.networks.youtube.parse import thread_of
from tests.corpus.recorded import RECORDED, where_recorded, within

HOME = Home(host="home.example", domain="home.example")
PUT_THERE = (
    None, 0, -1, 1.5, 10**30, True, "", "x", "<b>&amp;", "\x00", "0000-00-00", "2026-13-45T99:99:99Z", [], {}, [None],
    [{}], ["x"], {"a": None},
)  # fmt: skip
TIMES = 600

pytestmark = where_recorded


def on_x(told: Any) -> list[Any]:
    return [post_on_x(row, people_of(told)) for row in within(told) if {"id", "text"} <= row.keys()]


READERS: dict[str, tuple[str, set[str], Callable[[Any], Any]]] = {
    "mastodon": ("mastodon", {"id", "content", "account", "visibility"}, lambda told: status_of_mastodon(told, HOME)),
    "reddit": ("reddit", {"kind", "data"}, posts_of_reddit),
    "x": ("x_twitter", {"data"}, on_x),
    "youtube": ("youtube", {"kind", "snippet"}, thread_of),
    "discourse": (
        "discourse_api_gem", {"id", "cooked", "topic_id", "post_number"},
        lambda told: post_of_forum(told, "https://forum.example", host="forum.example"),
    ),
    "bluesky": ("bluesky_views", {"uri", "author", "record"}, post_on_bluesky),
}  # fmt: skip


def recorded(folder: str) -> Iterator[Any]:
    for file in sorted((RECORDED / folder).rglob("*.json*")):
        lines = file.read_text().strip().split("\n") if file.suffix == ".jsonl" else [file.read_text()]
        for told in map(json.loads, lines):
            yield told.get("json") if file.suffix == ".jsonl" else told


def broken(told: Any, dice: random.Random) -> Any:
    """Return it with some fields taken out, or holding something else."""
    told = copy.deepcopy(told)
    for _field in range(dice.choice((1, 1, 2, 4))):
        if some := [found for found in within(told) if found]:
            row = dice.choice(some)
            name = dice.choice(list(row))
            if dice.random() < 0.25:
                del row[name]
            else:
                row[name] = copy.deepcopy(dice.choice(PUT_THERE))
    return told


@pytest.mark.parametrize("network", READERS)
def test_whatever_an_answer_lacks_nothing_breaks(network: str) -> None:
    folder, fields, read = READERS[network]
    whole = [row for told in recorded(folder) for row in within(told) if fields <= row.keys()]
    # Each is copied many times: the largest would cost the most and tell the least.
    whole = sorted(whole, key=lambda row: len(json.dumps(row)))[: max(len(whole) * 9 // 10, 1)]
    dice = random.Random(8)
    for _time in range(TIMES):
        told = broken(dice.choice(whole), dice)
        read(told)
