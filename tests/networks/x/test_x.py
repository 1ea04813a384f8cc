"""X: mentions without loss, answers to those who spoke to us, and never more spent than was said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from listening.networks import x as the_network
from listening.networks.connecting import Connected
from listening.networks.http import Answer, Http
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
from listening.networks.x import client, reading
from listening.networks.x.signing import authorization
from roles import clock
from tests.networks.running import running
from tests.networks.x.double import ADA, BEN, KEYS, OURS, Service

network = the_network.network
LOOPBACK = ["127.0.0.1"]


@dataclass
class Purse(Http):
    """A client that counts what was taken, as the installation does, and stops where nothing is left."""

    money: int = 1_000_000
    spent: int = 0

    def spend(self, most: int, *, least: int | None = None) -> int:
        taken = max(min(most, self.money - self.spent), most if least is None else least) if most > 0 else most
        if self.spent + taken > self.money:
            raise RateLimited("What may be spent is used up.", wait=86_400)
        self.spent += taken
        return taken

    async def aspend(self, most: int, *, least: int | None = None) -> int:
        return self.spend(most, least=least)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def access(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Access]:
    with running(service.app()) as address:
        monkeypatch.setattr(client, "API", address)
        yield connect()


def access_of(made: Connected, purse: Purse) -> Access:
    return Access(http=purse, credentials=made.credentials, account=made.account, facts=made.facts)


def connect(way: str = "own_app") -> Access:
    purse = Purse(LOOPBACK)
    return access_of(network.connect(Access(http=purse), way, KEYS), purse)


def read(access: Access, since: Cursor | None = None) -> Page:
    async def go() -> Page:
        async with access.http:
            return await network.read(access, "mentions of @acme", since or {})

    return asyncio.run(go())


def walk(access: Access, since: Cursor) -> tuple[list[str], Cursor, bool]:
    """Read until a read is complete; returns what was heard, in order, and whether a gap was said."""
    heard: list[str] = []
    gap = False
    for _time in range(30):
        page = read(access, since)
        heard += [post.id for post in page.posts]
        since, gap = page.cursor, gap or page.gap
        if "below" not in since:
            return heard, since, gap
    raise AssertionError("It never comes to an end.")


def to(post: str, text: str = "We are on it.") -> OutgoingReply:
    return OutgoingReply(key="k", to=post, text=text, at=clock.now())


def test_a_signature_is_the_one_that_x_publishes_as_an_example() -> None:
    keys = {
        "api_key": "xvz1evFS4wEEPTGEFPHBog", "api_secret": "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "token_secret": "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    }  # fmt: skip
    query = [("status", "Hello Ladies + Gentlemen, a signed OAuth request!"), ("include_entities", "true")]
    nonce, at = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", 1318622958
    header = authorization(
        "POST", "https://api.twitter.com/1.1/statuses/update.json", query, keys, nonce=nonce, seconds=at
    )
    assert 'oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"' in header


def test_connecting_tells_who_we_are(access: Access) -> None:
    assert (access.account.id, access.account.handle, access.account.name) == (OURS, "acme", "Acme & Co")
    ((place, _label),) = network.offered_places(access)
    assert network.check_place("@Acme") == network.check_place(place) == place == "mentions of @acme"
    assert network.check(access).account == access.account
    for name, typed in (("token", "70"), ("api_key", "short"), ("token_secret", "a b")):
        with pytest.raises(ValueError, match="Enter"):
            network.connect(access, "own_app", KEYS | {name: typed})
    with pytest.raises(AccessWithdrawn):
        network.connect(access, "own_app", KEYS | {"api_secret": "x" * 40})


def test_only_what_is_said_to_us_is_read_with_its_words_as_typed(service: Service, access: Access) -> None:
    service.say(BEN, "Nothing to do with anybody")
    root = service.say(ADA, "@acme 1 < 2 & https://example.org/soup is cold")
    (post,) = read(access).posts
    assert (post.id, post.text) == (root, "@acme 1 < 2 & https://example.org/soup is cold")
    assert (post.author.handle, post.url) == ("ada", f"https://x.com/ada/status/{root}")
    assert (post.addressed_to, post.conversation, post.in_reply_to) == ((OURS,), root, "")
    with pytest.raises(Refused, match="another account"):
        asyncio.run(network.read(access, "mentions of @ben", {}))


def test_more_than_a_read_takes_is_walked_to_its_end(service: Service, access: Access) -> None:
    service.say(ADA, "@acme first")
    _heard, since, _gap = walk(access, {})
    said = [service.say(ADA, f"@acme {number}") for number in range(reading.PAGE_SIZE * reading.PAGES_AT_ONCE + 30)]
    page = read(access, since)
    assert "below" in page.cursor, "there is more than one read takes"
    later = service.say(BEN, "@acme meanwhile")
    rest, since, gap = walk(access, page.cursor)
    heard = [*rest, *(post.id for post in page.posts)]
    assert (sorted(heard), gap) == (said, False) and len(heard) == len(set(heard))
    assert walk(access, since)[0] == [later]
    assert not walk(access, walk(access, since)[1])[0]


def test_what_x_does_not_reach_any_more_is_a_gap(service: Service, access: Access) -> None:
    service.say(ADA, "@acme first")
    _heard, since, _gap = walk(access, {})
    for number in range(reading.REACH + 20):
        service.say(ADA, f"@acme {number}")
    heard, _since, gap = walk(access, since)
    assert (len(heard), gap) == (reading.REACH, True)


def test_money_that_ends_in_the_middle_loses_nothing(service: Service, access: Access) -> None:
    service.say(ADA, "@acme first")
    _heard, since, _gap = walk(access, {})
    said = [service.say(ADA, f"@acme {number}") for number in range(120)]
    access.http.money = access.http.spent + 100
    page = read(access, since)
    assert page.wait == 86_400 and 5 <= len(page.posts) < 120
    with pytest.raises(RateLimited):
        read(access, page.cursor)
    access.http.money += 10_000
    rest, _since, _gap = walk(access, page.cursor)
    assert sorted([*rest, *(post.id for post in page.posts)]) == said
    assert access.http.spent >= service.bill


@pytest.mark.parametrize("way", ["own_app", "other_app"])
def test_what_is_counted_is_never_less_than_the_bill(service: Service, access: Access, way: str) -> None:
    purse = Purse(LOOPBACK)
    access = access_of(network.connect(Access(http=purse), way, KEYS), purse)
    posts = [service.say(ADA, f"@acme {number}") for number in range(9)]
    walk(access, {})
    network.reply(access, to(posts[0]))
    network.reply(access, to(posts[1], "See https://example.org/soup"))
    assert network.find_reply(access, to(posts[2])) is None
    with pytest.raises(Refused):
        network.reply(access, to(service.say(ADA, "To nobody")))
    service.delete(posts[5])
    network.revisit(access, posts)
    network.check(access)
    assert service.bill <= purse.spent <= 3 * service.bill
    told = {price.label: price.most for price in network.prices(access.facts)}
    assert told["An answer"] == 15 and told["An answer with a link"] == 200
    assert network.price_of_reply("see example.org", {}).most == 200


def test_an_answer_that_the_money_does_not_reach_is_not_sent(service: Service, access: Access) -> None:
    post = service.say(ADA, "@acme cold soup")
    access.http.money = access.http.spent + 100
    with pytest.raises(RateLimited):
        network.reply(access, to(post, "See https://example.org/"))
    assert len(service.posts) == 1
    network.reply(access, to(post))


def test_whoever_did_not_speak_to_us_is_not_answered(service: Service, access: Access) -> None:
    spent = access.http.spent
    with pytest.raises(Refused, match="only those who spoke to us") as problem:
        network.reply(access, to(service.say(ADA, "Soup is cold")))
    assert problem.value.permanent and access.http.spent == spent
    quote = service.say(ADA, "Look at that", quotes=service.say(OURS, "Soup!"))
    assert network.reply(access, to(quote)).id in service.posts


def test_the_same_words_twice_are_the_first_ones(service: Service, access: Access) -> None:
    post, other = service.say(ADA, "@acme cold soup"), service.say(BEN, "@acme cold")
    text = "@ada 1 < 2 & https://example.org"
    made = network.reply(access, to(post, text))
    assert network.find_reply(access, to(post, text)) == made == network.reply(access, to(post, text))
    assert network.find_reply(access, to(other, text)) is None
    with pytest.raises(Refused, match="duplicate"):
        network.reply(access, to(other, text))


def test_a_lost_answer_is_found_again_and_counts_as_spent(service: Service, access: Access) -> None:
    post, spent = service.say(ADA, "@acme cold soup"), access.http.spent

    class Losing(Purse):
        def request(self, method: str, url: str, **options: Any) -> Answer:
            super().request(method, url, **options)
            raise Unreachable("The answer was lost.")

    losing = replace(access, http=Losing(LOOPBACK, spent=spent))
    with pytest.raises(Unreachable):
        network.reply(losing, to(post))
    assert losing.http.spent == spent + 15
    found = network.find_reply(access, to(post))
    assert found is not None and found.id in service.posts


def test_credits_that_end_and_limits_are_waited_for(service: Service, access: Access) -> None:
    post = service.say(ADA, "@acme cold soup")
    service.credits, spent = 0, access.http.spent
    for call in (lambda: read(access), lambda: network.reply(access, to(post))):
        with pytest.raises(RateLimited, match="credits") as problem:
            call()
        assert problem.value.wait == client.WAIT_FOR_CREDITS
    assert access.http.spent == spent


def test_an_edit_has_an_id_of_its_own_and_is_the_same_post(service: Service, access: Access) -> None:
    first = service.say(ADA, "@acme cold soup")
    other = service.say(BEN, "@acme hello")
    since = walk(access, {})[1]
    service.say(ADA, "@acme cold soup, and no spoon", edits=first)
    (post,) = read(access, since).posts
    assert (post.id, post.text) == (first, "@acme cold soup, and no spoon")
    found = {one.id: one for one in network.revisit(access, [first, other])}
    assert found[first].text == "@acme cold soup, and no spoon" and found[first].updated_at
    service.delete(first)
    gone = {one.id: one.deleted for one in network.revisit(access, [first, other])}
    assert gone == {first: True, other: False}


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0), ("a word", 6), ("日本語", 6), ("👩‍👩‍👧", 2), ("🇨🇭 x", 4), ("é", 1), ("e\u0301", 1),
        ("https://example.org/" + "x" * 200, 23), ("see example.org now", 31), ("v1.2 is out...", 14),
        ("a@b.example", 11),
    ],
)  # fmt: skip
def test_a_text_is_weighed_as_x_weighs_it(text: str, weight: int) -> None:
    assert network.count(text, {}) == weight
