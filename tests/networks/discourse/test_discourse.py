"""A forum: read without loss, answered once, topics begun once, edits and deletions followed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from listening.networks.connecting import Connected
from listening.networks.discourse import network, notified
from listening.networks.http import Http
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    OutgoingReply,
    Page,
    RateLimited,
    Refused,
    Unreachable,
)
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from roles import clock
from tests.networks.discourse.double import KEY, Board
from tests.networks.lossy import LossyProxy
from tests.networks.running import running

LOOPBACK = ["127.0.0.1"]
LONG = "We are on it, and tell you here when it is done."


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def address(board: Board) -> Iterator[str]:
    with running(board.app()) as found:
        yield found


def access_of(made: Connected) -> Access:
    http = Http(LOOPBACK)
    return Access(http=http, credentials=made.credentials, account=made.account, server=made.server, facts=made.facts)


def connect(address: str) -> Access:
    filled = {"server": address, "username": "@acme", "key": KEY}
    made = network.connect(Access(http=Http(LOOPBACK)), "key", filled)
    return access_of(made)


@pytest.fixture
def access(address: str) -> Access:
    return connect(address)


def read(access: Access, place: str, since: Cursor | None = None) -> Page:
    async def go() -> Page:
        async with Http(LOOPBACK) as http:
            return await network.read(replace(access, http=http), place, since or {})

    return asyncio.run(go())


def numbers(page: Page) -> list[int]:
    return sorted(int(post.id.rpartition("/")[2]) for post in page.posts)


def test_connecting_tells_who_we_are_and_what_fits(access: Access, address: str) -> None:
    host = address.removeprefix("http://")
    assert (access.account.id, access.account.handle) == (f"acme@{host}", "acme")
    assert (access.facts["shortest"], access.facts["longest"]) == (20, 500)
    assert network.check(access).account == access.account
    places = [place for place, _label in network.offered_places(access)]
    assert (
        places == [network.check_place(place) for place in places] == [f"mentions in {host}", f"everything in {host}"]
    )
    with pytest.raises(AccessWithdrawn):
        network.connect(access, "key", {"server": address, "username": "acme", "key": "x" * 32})
    for filled in ({"server": "forum"}, {"username": "a b"}, {"key": "short"}):
        with pytest.raises(ValueError, match="Enter"):
            network.connect(access, "key", {"server": address, "username": "acme", "key": KEY} | filled)


@pytest.mark.parametrize("reads_window_only", [False, True])
def test_everything_is_walked_down_to_the_last_seen(board: Board, access: Access, reads_window_only: bool) -> None:
    board.reads_window_only = reads_window_only
    board.say("ada", "Is the soup cold today?", title="Cold soup")
    first = read(access, "everything")
    (post,) = first.posts
    assert (post.title, post.text, post.author.handle) == ("Cold soup", "Is the soup cold today?", "ada")
    for number in range(130):
        board.say("ben", f"@acme number {number}", topic=1, above=1, skip=70 if number == 60 else 0)
    second = read(access, "everything", first.cursor)
    assert (numbers(second), second.gap) == (sorted(board.posts), False)
    assert {post.conversation for post in second.posts} == {post.conversation}
    answers = [later for later in second.posts if later.id != post.id]
    assert {later.in_reply_to for later in answers} == {post.id}
    assert all(later.addressed_to == (access.account.id,) and not later.title for later in answers)
    third = read(access, "everything", second.cursor)
    assert not third.gap and third.cursor["last"] == second.cursor["last"]


def test_what_cannot_be_reached_is_a_gap(board: Board, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    from listening.networks.discourse import reading

    monkeypatch.setattr(reading, "PAGES_AT_ONCE", 2)
    board.say("ada", "Is the soup cold today?")
    page = read(access, "everything")
    for number in range(200):
        board.say("ben", f"number {number}", topic=1)
    assert read(access, "everything", page.cursor).gap


def test_what_was_hidden_appears_late(board: Board, access: Access) -> None:
    board.say("ada", "Is the soup cold today?")
    late = board.say("ben", "Waits for a yes", topic=1)
    late["deleted_at"] = "x"
    board.say("ada", "Later than that", topic=1)
    page = read(access, "everything")
    late["deleted_at"] = None
    assert late["id"] in numbers(read(access, "everything", page.cursor))


def test_a_topic_and_a_search(board: Board, access: Access) -> None:
    for number in range(45):
        board.say("ada", f"Soup number {number} is cold", topic=1 if number else 0)
    page = read(access, "topic 1")
    assert {1, 45} <= set(numbers(page))
    board.say("ben", "Mine as well", topic=1)
    assert 46 in numbers(read(access, "topic 1", page.cursor))
    found = read(access, "search: Soup")
    for number in range(5):
        board.say("ben", f"Soup again {number}", topic=1)
    again = read(access, "search: Soup", found.cursor)
    assert set(numbers(again)) >= {47, 48, 49, 50, 51} and not again.gap
    assert network.check_place("https://forum.example.org/t/cold-soup/12/3") == "topic 12"
    for typed in ("", "search:", "topics"):
        with pytest.raises(ValueError, match="Write what to listen to"):
            network.check_place(typed)


def test_what_is_said_to_the_account_is_told_apart(board: Board, access: Access) -> None:
    board.say("acme", "Welcome to all who are new here.", title="Welcome")
    board.say("ada", "Nothing to do with it", topic=1)
    named = board.say("ada", "Dear @acme, the soup is cold.", topic=1)["id"]
    first = read(access, "mentions")
    assert numbers(first) == [named] and first.posts[0].addressed_to == (access.account.id,)
    answered = [board.say("ben", f"number {number}", topic=1, above=1)["id"] for number in range(130)]
    board.say("ben", "To somebody else", topic=1, above=2)
    gone = board.say("ben", "@acme hello", topic=1)
    gone["deleted_at"] = gone["created_at"]
    second = read(access, "mentions", first.cursor)
    assert (numbers(second), second.gap) == (answered, False)
    assert {post.addressed_to for post in second.posts} == {(access.account.id,)}, "no name stands in an answer"
    assert not read(access, "mentions", second.cursor).posts


def test_more_that_was_said_to_us_than_can_be_reached_is_a_gap(
    board: Board, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notified, "PAGES_AT_ONCE", 2)
    board.say("ada", "@acme Is the soup cold today?")
    page = read(access, "mentions")
    for number in range(150):
        board.say("ben", f"@acme number {number}", topic=1)
    assert read(access, "mentions", page.cursor).gap


def outgoing(access: Access, post: int = 1, text: str = LONG) -> OutgoingReply:
    host = access.server.removeprefix("http://")
    return OutgoingReply(key="k1", to=f"{host}/{post}", text=text, at=clock.now())


def test_an_answer_stands_in_the_topic_and_is_found(board: Board, access: Access) -> None:
    board.say("ada", "Is the soup cold today?")
    assert network.find_reply(access, outgoing(access)) is None
    made = network.reply(access, outgoing(access))
    assert board.posts[2] | {"raw": LONG, "reply_to_post_number": 1, "topic_id": 1} == board.posts[2]
    assert made.url == f"{access.server}/t/topic-1/1/2"
    assert network.find_reply(access, outgoing(access)) == made
    assert network.reply(access, outgoing(access)) == made
    assert len(board.posts) == 2
    network.withdraw(access, made.id)
    assert network.find_reply(access, outgoing(access)) is None


def test_a_lost_answer_is_found_by_looking(board: Board, address: str) -> None:
    board.say("ada", "Is the soup cold today?")
    with LossyProxy(address, lambda request: "answer" if request.method == "POST" else "") as proxy:
        access = connect(proxy.address)
        with pytest.raises(Unreachable):
            network.reply(access, outgoing(access))
        found = network.find_reply(access, outgoing(access))
        assert found is not None and found.id.endswith("/2")
    assert len(board.posts) == 2


def test_what_a_forum_does_not_take_is_said(board: Board, access: Access) -> None:
    board.say("ada", "Is the soup cold today?")
    with pytest.raises(Refused, match="fewer than 20"):
        network.reply(access, outgoing(access, text="Yes."))
    with pytest.raises(Refused, match="more than 500"):
        network.reply(access, outgoing(access, text="x" * 501))
    network.reply(access, outgoing(access))
    board.say("ben", "Is the bread old today?")
    with pytest.raises(Refused, match="“Body is too similar to what you recently posted”"):
        network.reply(access, outgoing(access, 3))
    board.limited = True
    with pytest.raises(RateLimited) as caught:
        network.reply(access, outgoing(access, 3, LONG + " Really."))
    assert caught.value.wait == 17
    board.limited = False
    network.withdraw(access, outgoing(access, 3).to)
    with pytest.raises(Refused, match="not in the forum any more"):
        network.reply(access, outgoing(access, 3, LONG + " Really."))


def test_what_waits_for_a_yes_there_was_taken(board: Board, access: Access) -> None:
    board.say("ada", "Is the soup cold today?")
    board.approves = True
    assert "/review/" in network.reply(access, outgoing(access)).id


def test_a_topic_is_begun_once(board: Board, access: Access) -> None:
    piece = OutgoingPiece(key="piece-7", text="All about our new soup.", at=clock.now(), title="Our new soup is here")
    made = network.publish(access, piece)
    assert network.publish(access, piece) == made == network.find_piece(access, piece)
    assert len(board.posts) == 1
    with pytest.raises(Refused, match="15 to 255"):
        network.publish(access, replace(piece, title="Soup"))
    with pytest.raises(Refused, match="no drafts"):
        network.publish(access, replace(piece, begins_at=clock.now() + timedelta(days=1)))


PICTURE = OutgoingMedia("soup [1]|a.PNG", "image/png", b"\x89PNG soup", alt="A bowl [large] | two\nlines")


def test_pictures_stand_in_the_topic_and_are_kept_once(board: Board, access: Access) -> None:
    form = network.piece_form(access.facts)
    assert (form.media_types, form.largest_image, form.most_media) == (("image/jpeg", "image/png"), 2048, 20)
    piece = OutgoingPiece(
        key="piece-9", text="All about our new soup.", at=clock.now(), title="Our new soup is here", media=(PICTURE,)
    )
    lossy = LossyProxy(access.server, lambda asked: "answer" if asked.path == "/uploads.json" else "")
    with lossy as proxy, pytest.raises(RateLimited, match="could not be handed over"):
        network.publish(replace(access, server=proxy.address), piece)
    assert not board.posts, "where a picture may be missing nothing is said"
    network.publish(access, piece)
    ((key, body),) = board.uploads.items()
    assert body == PICTURE.body and key.endswith(".png")
    raw = board.posts[1]["raw"]
    assert raw == f"All about our new soup.\n\n![A bowl \\[large\\] ¦ two lines|60x40]({key})"
    large = replace(PICTURE, body=b"x" * 2049)
    for wrong, words in ((large, "larger than"), (replace(PICTURE, content_type="image/webp"), "takes no files")):
        with pytest.raises(Refused, match=words):
            network.publish(access, replace(piece, key="piece-10", media=(wrong,)))


def test_edits_deletions_and_results_are_followed(board: Board, access: Access) -> None:
    board.say("ada", "Is the soup cold today?")
    board.say("ben", "Yes it is", topic=1)["actions_summary"] = [{"id": 2, "count": 4}]
    board.edit(1, "Is the soup warm today?")
    ids = [outgoing(access, own).to for own in (1, 2, 9)]
    one, two, three = network.revisit(access, [*ids, "elsewhere.example/1"])
    assert (one.text, one.updated_at is not None) == ("Is the soup warm today?", True)
    assert (two.deleted, three.deleted) == (False, True)
    assert network.results_of(access, ids)[ids[1]].likes == 4
    network.withdraw(access, ids[1])
    assert network.revisit(access, ids[1:2])[0].deleted
    assert list(network.results_of(access, ids)) == ids[:1]


def test_a_404_of_something_in_front_of_the_forum_says_nothing(board: Board, access: Access) -> None:
    board.say("ada", "Is the soup cold today?")
    piece = OutgoingPiece(key="piece-8", text="All about our new soup.", at=clock.now(), title="Our new soup is here")
    board.is_hidden = True
    assert not network.revisit(access, [outgoing(access).to])
    with pytest.raises(Unreachable, match="in front of the forum"):
        network.find_reply(access, outgoing(access))
    with pytest.raises(RateLimited, match="Nothing was sent yet"):
        network.publish(access, piece)


def test_in_a_busy_topic_what_is_not_found_may_be_there(
    board: Board, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    from listening.networks.discourse import replying

    monkeypatch.setattr(replying, "LOOKED_AT", 3)
    board.say("ada", "Is the soup cold today?")
    sent = outgoing(access)
    network.reply(access, sent)
    for number in range(4):
        board.say("ben", f"number {number}", topic=1)
    with pytest.raises(Unreachable, match="So much was said"):
        network.find_reply(access, sent)
    assert sent.at is not None
    assert network.find_reply(access, replace(sent, at=sent.at + timedelta(hours=1))) is None
