"""Stories on real posts: what is passed on is found, and what only looks alike is left alone."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from listening.identity import url_key
from listening.stories.likeness import Telling, keys_of, likeness, tell

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")

PASSED_ON: dict[str, Callable[[str], str]] = {
    "reposted": lambda text: f"RT @someone: {text}",
    "credited": lambda text: f"{text} via @somebody",
    "linked": lambda text: f"{text} https://x.example/a?utm_source=b",
    "quoted": lambda text: f"“{text}”",
    "tagged": lambda text: f"{text} #news #today",
    "signed": lambda text: f"{text}\n-- \nThe desk",
    "loud": str.upper,
}


def candidates(tellings: list[Telling]) -> set[tuple[int, int]]:
    """Pairs that have a key in common."""
    there: dict[int, list[int]] = defaultdict(list)
    pairs: set[tuple[int, int]] = set()
    for number, telling in enumerate(tellings):
        for key in keys_of(telling):
            pairs.update((other, number) for other in there[key])
            there[key].append(number)
    return pairs


def posts() -> list[str]:
    rows = (DATA / "B_social" / "xlmt_umsab" / "val.jsonl").read_text().splitlines()
    return [json.loads(row)["text"] for row in rows]


@pytest.mark.parametrize("way", PASSED_ON)
def test_what_is_passed_on_is_found_in_every_language(way: str) -> None:
    known = [(post, telling) for post in posts()[::4] if (telling := tell("", post)).says_enough]
    lost = []
    for post, telling in known:
        again = tell("", PASSED_ON[way](post))
        if not likeness(telling, again) or set(keys_of(telling)).isdisjoint(keys_of(again)):
            lost.append(post)
    assert len(known) > 300
    assert len(lost) <= 0.01 * len(known), lost[:5]


def test_different_matters_are_not_folded() -> None:
    with (DATA / "B_social" / "banking77" / "train.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    tellings = [tell("", row["text"]) for row in rows]
    folded = [pair for pair in candidates(tellings) if likeness(tellings[pair[0]], tellings[pair[1]])]
    wrong = [pair for pair in folded if rows[pair[0]]["category"] != rows[pair[1]]["category"]]
    assert len(folded) > 100
    assert len(wrong) <= 0.02 * len(folded), [(rows[one]["text"], rows[other]["text"]) for one, other in wrong]


def test_the_same_piece_in_two_feeds_has_a_key_in_common() -> None:
    lines = (DATA / "A_feeds" / "dup_gold.jsonl").read_text().splitlines()
    groups = [group for group in map(json.loads, lines) if group["cross_feed"]]
    apart = [
        (one["link"], other["link"])
        for group in groups
        for one, other in combinations(group["members"], 2)
        if set(keys_of(tell(one["title"], ""), addresses=(url_key(one["link"]),))).isdisjoint(
            keys_of(tell(other["title"], ""), addresses=(url_key(other["link"]),))
        )
    ]
    assert len(groups) > 20
    assert apart == []
