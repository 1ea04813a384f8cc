"""Listening for words in the stream of everything: from where it stopped, nothing twice, and gaps are said."""

from __future__ import annotations

from typing import Any

import pytest

from listening.networks.bluesky import jetstream
from listening.networks.bluesky.words import words_of
from listening.networks.protocols import Unreachable
from tests.listening.networks.bluesky.conftest import Town

PLACE = "words: acme, acme phone, アクメ"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr(jetstream, "SILENCE", 0.1)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("I like ACME!", True), ("#acme rocks", True), ("acmeology", False), ("macmé", False),
        ("my Acme\nPhone", True), ("新しいアクメ電話", True), ("日本acme製", True), ("nothing", False),
    ],
)  # fmt: skip
def test_words_are_whole_where_a_script_has_spaces(text: str, heard: bool) -> None:
    assert words_of(PLACE).are_in({"text": text}) is heard


def test_places_are_written_out() -> None:
    from listening.networks.bluesky import network

    assert network.check_place("WORDS: Acme ,, “acme  phone”, Acme") == "words: Acme, acme phone"
    for wrong, said in (("words:", "at least one"), ("words: a", "too short"), ("words: --", "too short"),
                        ("words: " + "x" * 101, "at most 100"),
                        ("words: " + ",".join(f"w{n}" for n in range(51)), "50"),
                        ("", "Write"), ("nonsense", "names its site")):  # fmt: skip
        with pytest.raises(ValueError, match=said):
            network.check_place(wrong)


async def test_it_goes_on_where_it_stopped_and_brings_names(town: Town) -> None:
    first = await town.read(PLACE)
    assert first.posts == () and not first.gap
    one = town.double.say(town.ada, "I like Acme")
    town.double.say(town.ada, "Something else")
    page = await town.read(PLACE, first.cursor)
    assert [(post.id, post.author.handle) for post in page.posts] == [(one.uri, "ada.test")] and not page.gap
    again = await town.read(PLACE, page.cursor)
    assert again.posts == () and again.cursor == page.cursor, "the event it stopped at comes again and is dropped"
    two = town.double.say(town.ada, "Acme again")
    assert [post.id for post in (await town.read(PLACE, again.cursor)).posts] == [two.uri]


async def test_only_what_was_given_is_told_to_be_gone(town: Town) -> None:
    start = (await town.read(PLACE)).cursor
    ours, other = town.double.say(town.ada, "Acme"), town.double.say(town.ada, "Nothing")
    page = await town.read(PLACE, start)
    town.double.delete(ours)
    town.double.delete(other)
    brief = town.double.say(town.ada, "Acme, for a moment")
    town.double.delete(brief)
    found = await town.read(PLACE, page.cursor)
    assert {post.id: post.deleted for post in found.posts} == {ours.uri: True, brief.uri: True}


async def test_an_edit_of_what_was_given_is_told_whatever_words_it_has_left(town: Town) -> None:
    start = (await town.read(PLACE)).cursor
    ours, other = town.double.say(town.ada, "Acme is slow"), town.double.say(town.ada, "Nothing")
    page = await town.read(PLACE, start)
    for record, text in ((ours, "They are slow"), (other, "Nothing at all")):
        record.value = {**record.value, "text": text}
        told = {"did": record.did, "collection": record.value["$type"], "rkey": record.key, "operation": "update"}
        town.double.tell(told | {"cid": record.cid, "record": record.value})
    found = await town.read(PLACE, page.cursor)
    assert [(post.id, post.text) for post in found.posts] == [(ours.uri, "They are slow")]


async def test_a_post_that_is_not_shown_yet_comes_as_it_was_streamed(town: Town) -> None:
    start = (await town.read(PLACE)).cursor
    record = town.double.say(town.ada, "Acme")
    town.double.hidden.add(record.uri)
    (post,) = (await town.read(PLACE, start)).posts
    assert (post.text, post.author.id, post.author.handle) == ("Acme", town.ada.did, "")


async def test_a_place_too_far_back_is_a_gap_and_goes_on(town: Town) -> None:
    start = (await town.read(PLACE)).cursor
    town.double.say(town.ada, "Acme 1")
    page = await town.read(PLACE, start)
    for number in range(4):
        town.double.say(town.ada, f"Acme while we were away {number}")
    town.double.forget(3)
    found = await town.read(PLACE, page.cursor)
    assert found.gap and [post.text[-1] for post in found.posts] == ["2", "3"]
    town.double.say(town.ada, "Acme at last")
    after = await town.read(PLACE, found.cursor)
    assert not after.gap and len(after.posts) == 1


async def test_another_server_is_asked_by_the_moment(town: Town) -> None:
    start = (await town.read(PLACE)).cursor
    town.double.say(town.ada, "Acme 1")
    page = await town.read(PLACE, start)
    two = town.double.say(town.ada, "Acme 2")
    found = await town.read(PLACE, {**page.cursor, "server": "https://other.test", "seq": 7_000_000})
    assert two.uri in {post.id for post in found.posts} and not found.gap


async def test_no_stream_is_no_page(town: Town) -> None:
    town.network.directories = type(town.network.directories)(jetstream="http://127.0.0.1:9", view="", plc="")
    with pytest.raises(Unreachable):
        await town.read(PLACE)


async def test_a_server_that_numbers_anew_is_asked_by_the_moment(town: Town) -> None:
    start = (await town.read(PLACE)).cursor
    town.double.say(town.ada, "Acme 1")
    page = await town.read(PLACE, start)
    two = town.double.say(town.ada, "Acme 2")
    found = await town.read(PLACE, {**page.cursor, "seq": 7_000_000})
    assert two.uri in {post.id for post in found.posts} and not found.gap and found.cursor["seq"] < 1000


async def test_much_that_matches_comes_in_turns(town: Town, monkeypatch: Any) -> None:
    monkeypatch.setattr(jetstream, "MOST_MATCHES", 3)
    start = (await town.read(PLACE)).cursor
    for number in range(7):
        town.double.say(town.ada, f"Acme {number}")
    texts, cursor = list[str](), start
    for turn in (3, 3, 1):
        page = await town.read(PLACE, cursor)
        cursor, texts = page.cursor, [*texts, *(post.text for post in page.posts)]
        assert len(page.posts) == turn and not page.gap
    assert texts == [f"Acme {number}" for number in range(7)]


async def test_what_is_not_shown_in_time_comes_as_it_was_streamed(town: Town, monkeypatch: Any) -> None:
    monkeypatch.setattr(jetstream, "SHOWN_SECONDS", 0.0)
    start = (await town.read(PLACE)).cursor
    town.double.say(town.ada, "Acme")
    (post,) = (await town.read(PLACE, start)).posts
    assert (post.text, post.author.handle) == ("Acme", "")
