"""Links, mentions and hashtags by bytes; lengths in characters and bytes; keys that are the same again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listening.networks.bluesky.facets import facets, spans
from listening.networks.bluesky.ids import address_of, is_tid, key_for, moment
from listening.networks.bluesky.lengths import graphemes, why_too_long
from listening.networks.bluesky.network import Bluesky

AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


async def _nobody(handle: str) -> str:
    return f"did:plc:{handle.replace('.', '')}" if handle != "gone.test" else ""


def made(text: str) -> list[tuple[str, str]]:
    """The words that are facets, cut out by bytes, and what they mean."""
    found = asyncio.run(facets(text, _nobody, {}))
    data = text.encode()
    return [
        (
            data[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            next(str(value) for name, value in facet["features"][0].items() if name != "$type"),
        )
        for facet in found
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", []),
        ("Grüße 👨‍👩‍👧 an @ada.test!", [("@ada.test", "did:plc:adatest")]),
        ("@gone.test is nobody", []),
        ("mail ada@example.com", []),
        ("see https://example.org/a?b=c#d.", [("https://example.org/a?b=c#d", "https://example.org/a?b=c#d")]),
        ("(https://example.org/a_(b))", [("https://example.org/a_(b)", "https://example.org/a_(b)")]),
        ("at acme.com/help, e.g. readme.txt", [("acme.com/help", "https://acme.com/help")]),
        ("ёжик #привет, #1 #a#b", [("#привет", "привет"), ("#a", "a")]),
        ("https://example.org/#tag @ada.test", [("https://example.org/#tag", "https://example.org/#tag"),
                                                ("@ada.test", "did:plc:adatest")]),
    ],
)  # fmt: skip
def test_what_means_something_is_told_by_bytes(text: str, expected: list[tuple[str, str]]) -> None:
    assert made(text) == expected


@given(st.text(alphabet=st.sampled_from("a.@#:/ é👍🏽‍\n(b)com https"), max_size=60))
def test_no_text_breaks_it_and_no_two_overlap(text: str) -> None:
    found = spans(text)
    assert all(one.end <= two.start for one, two in pairwise(found))
    for said, value in made(text):
        assert said in text and value


def test_family_signs_count_once_but_have_many_bytes() -> None:
    family = "👨‍👩‍👧‍👦"
    assert graphemes(family * 3) == 3 and graphemes("e\u0301") == 1 and graphemes("🇩🇪🇫🇷") == 2
    assert why_too_long(family * 120) == ""
    assert "bytes" in why_too_long(family * 121) and "301 characters" in why_too_long("a" * 301)
    limits = Bluesky().limits({})
    assert (limits.text, limits.bytes_over(family * 121), limits.bytes_over("a" * 300)) == (300, 25, 0)


@given(st.text(min_size=1), st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_a_key_is_the_same_again_and_a_valid_one(key: str, at: datetime) -> None:
    assert key_for(key, at) == key_for(key, at + timedelta(0)) and is_tid(key_for(key, at))
    assert key_for(key, at) < key_for("other", at + timedelta(seconds=2))


def test_many_pieces_of_one_second_have_keys_of_their_own() -> None:
    assert len({key_for(f"piece {number}", AT) for number in range(3000)}) == 3000


def test_addresses_and_moments_are_as_the_protocol_writes_them() -> None:
    assert moment(AT) == "2026-11-26T12:00:00.000Z"
    for wrong in (
        "",
        "at://",
        "at://did:plc:a/b",
        "at://a.test/app.bsky.feed.post/1",
        "https://did:plc:a/b/c",
        "at://did:plc:a/b/",
    ):
        assert address_of(wrong) is None, wrong
    found: Any = address_of("at://did:plc:a/app.bsky.feed.post/3abc")
    assert str(found) == "at://did:plc:a/app.bsky.feed.post/3abc" and found.key == "3abc"
