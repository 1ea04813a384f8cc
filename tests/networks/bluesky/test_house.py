"""On a real Bluesky: a mention is heard, routed, answered from the queue, seen there, and followed when it goes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from engagement import outbox
from engagement.models import Assignment, Reply, RoutingRule
from listening import networks, polling
from listening.access import access_through
from listening.actions.connections import connect
from listening.actions.sources import add_source
from listening.ingest import ingest
from listening.models import Channel, Connection, Mention, Post, Source
from listening.networks.bluesky import oauth
from listening.networks.bluesky.identity import Directories
from listening.networks.bluesky.network import Bluesky
from listening.networks.http import Http
from listening.networks.protocols import Access, Page
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.networks.bluesky.server import BlueskyNetwork, NotHere, Person, running
from tests.networks.delivering import DELIVERIES, deliver_all
from tests.networks.lossy import LossyProxy, losing

pytestmark = pytest.mark.networks


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlueskyNetwork]:
    """The real servers."""
    try:
        with running(tmp_path_factory.mktemp("bluesky")) as network:
            yield network
    except NotHere as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def brand(there: BlueskyNetwork) -> Person:
    return there.join("brand.test")


@pytest.fixture(scope="module")
def ada(there: BlueskyNetwork) -> Person:
    return there.join("ada-one.test")


@pytest.fixture
def network(there: BlueskyNetwork, settings: Settings) -> Iterator[Bluesky]:
    """Our side, asking the directories of this network."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1", "localhost"]
    before = networks._registered()["bluesky"]
    found = Bluesky(Directories(plc=there.plc, view=there.home, jetstream=there.stream))
    networks._registered()["bluesky"] = found
    yield found
    networks._registered()["bluesky"] = before


def connected(acme: Cast, there: BlueskyNetwork, brand: Person, *, server: str = "") -> Connection:
    filled = {"handle": brand.handle, "password": brand.app_password, "server": server}
    return connect(
        acme.organization, network="bluesky", way="app-password", filled=filled, by=acme.olga, at=clock.now()
    )


def poll_again() -> None:
    Source.objects.update(next_poll_at=clock.now() - timedelta(seconds=1))
    with acting_for(None):
        polling.poll_due(clock.now())


def test_heard_routed_answered_seen_and_followed(
    acme: Cast, sign_in: Any, there: BlueskyNetwork, brand: Person, ada: Person, network: Bluesky
) -> None:
    connection = connected(acme, there, brand)
    assert (connection.account_id, connection.server) == (brand.did, there.home)
    channel = connection.channels.get()
    assert "notifications of @brand.test" in set(connection.sources.values_list("place", flat=True))
    RoutingRule.objects.create(name="All", department=acme.care)
    said = there.say(ada, "@brand.test is my order lost?", to=brand)
    there.until(lambda: there.told(brand))
    poll_again()
    mention = Mention.objects.get()
    assert (mention.channel, mention.post.text) == (channel, "@brand.test is my order lost?")
    row, rosa = Assignment.objects.get(), sign_in(acme.rosa)

    rosa.post(f"/o/acme/queue/{row.pk}/claim/")
    page = " ".join(rosa.get(f"/o/acme/queue/{row.pk}/").content.decode().split())
    assert "on Bluesky" in page and 'data-limit="300"' in page
    answer = {"text": "It comes tomorrow, @ada-one.test 👩‍🚀 https://example.org", "channel": channel.pk}
    rosa.post(f"/o/acme/queue/{row.pk}/reply/", answer)
    with acting_for(None):
        assert outbox.deliver_next(now=clock.now)
    sent = Reply.objects.get()
    assert sent.state == Reply.State.ACCEPTED, sent.problem

    # What the person sees in an app of theirs: the answer below their post, and who was meant.
    def answers() -> Any:
        thread = there.ask("app.bsky.feed.getPostThread", ada, uri=said).get("thread", {})
        return [answer["post"] for answer in thread.get("replies", ())]

    [seen] = there.until(answers)
    assert (seen["uri"], seen["record"]["text"]) == (sent.remote_id, answer["text"])
    features = [facet["features"][0] for facet in seen["record"]["facets"]]
    assert [feature.get("did") or feature.get("uri") for feature in features] == [ada.did, "https://example.org"]
    # An answer that names whom it answers is told once, as the one or the other.
    assert {told["reason"] for told in there.until(lambda: there.told(ada))} & {"reply", "mention"}

    def shown() -> Any:
        return there.ask("app.bsky.feed.getPosts", brand, uris=said).get("posts")

    there.edit(ada, said, "@brand.test is my order late?")
    there.until(lambda: "late" in shown()[0]["record"]["text"])
    follow(network, connection, [said, sent.remote_id])
    post = Post.objects.get(remote_id=said)
    assert (post.text, post.revision_count) == ("@brand.test is my order late?", 2)
    there.delete(ada, said)
    there.until(lambda: not shown())
    follow(network, connection, [said, sent.remote_id])
    post.refresh_from_db()
    assert post.withdrawn_at is not None and "order" not in post.text
    assert network.results_of(access_through(connection, at=clock.now()), [sent.remote_id])[sent.remote_id].likes == 0


def follow(network: Bluesky, connection: Connection, ids: Sequence[str]) -> None:
    """Read again what is known, as the house does on its schedule."""
    source = connection.sources.order_by("pk").first()
    assert source is not None
    found = network.revisit(access_through(connection, at=clock.now()), ids)
    ingest(source, Page(posts=tuple(found), cursor=source.cursor), at=clock.now())


def test_words_in_everything_are_heard_and_their_deletion_is_followed(
    acme: Cast, there: BlueskyNetwork, brand: Person, ada: Person, network: Bluesky
) -> None:
    factories.query("acme")
    connection = connected(acme, there, brand)
    connection.sources.all().delete()
    add_source(network="bluesky", place="words: acme", by=acme.gita, at=clock.now())
    poll_again()
    there.say(ada, "nothing of note")
    said = there.say(ada, "My Acme phone fell into the sea")

    def heard() -> Any:
        poll_again()
        return list(Mention.objects.all())

    [mention] = there.until(heard)
    assert (mention.post.remote_id, mention.post.text) == (said, "My Acme phone fell into the sea")
    there.delete(ada, said)

    def gone() -> Any:
        poll_again()
        return Post.objects.get(remote_id=said).withdrawn_at

    there.until(gone)
    assert Mention.objects.count() == 1


def test_a_piece_with_a_picture_and_a_card(
    acme: Cast, there: BlueskyNetwork, brand: Person, ada: Person, network: Bluesky
) -> None:
    access = access_through(connected(acme, there, brand), at=clock.now())
    picture = OutgoingMedia("a.png", "image/png", red_pixel(), alt="A red square")
    piece = OutgoingPiece(key="piece-1", text="News #launch", at=clock.now(), media=(picture,), language="en")
    taken = network.publish(access, piece)
    assert network.publish(access, piece) == taken == network.find_piece(access, piece)
    shown = there.until(lambda: there.ask("app.bsky.feed.getPosts", ada, uris=taken.id).get("posts"))[0]
    assert shown["embed"]["images"][0]["alt"] == "A red square"
    card = OutgoingPiece(key="piece-2", text="Read", at=clock.now(), link="https://example.org/", title="Example")
    second = network.publish(access, card)
    shown = there.until(lambda: there.ask("app.bsky.feed.getPosts", ada, uris=second.id).get("posts"))[0]
    assert shown["embed"]["external"]["title"] == "Example"
    network.withdraw(access, taken.id)
    assert network.find_piece(access, piece) is None


def red_pixel() -> bytes:
    """A small picture: one pixel, red."""
    import struct
    import zlib

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0\xff\0\0")) + part(b"IEND", b"")


def test_a_sign_in_begins_at_the_real_server(there: BlueskyNetwork, brand: Person, network: Bluesky) -> None:
    access = Access(http=Http(["127.0.0.1", "localhost"]), site="http://127.0.0.1:8000")
    filled = {"handle": brand.handle, "server": there.home}
    begun = network.begin(access, "sign-in", filled, f"{access.site}{oauth.RETURN}")
    assert begun.address.startswith(f"{there.home}/oauth/authorize?") and "request_uri=" in begun.address
    assert begun.kept["issuer"] == there.home


class BlueskyThere:
    """The brand's home server behind a proxy that loses answers."""

    name, network, asks_as = "bluesky", "Bluesky", "ada-one.test"

    def __init__(self, acme: Cast, real: BlueskyNetwork, proxy: LossyProxy, brand: Person, ada: Person) -> None:
        self.acme, self.real, self.proxy, self.brand, self.ada = acme, real, proxy, brand, ada

    @property
    def lost(self) -> Counter[str]:
        return self.proxy.losses()

    def channel(self) -> Channel:
        made = connected(self.acme, self.real, self.brand, server=self.proxy.address)
        # The time of the test runs ahead of the network's, by which the session is good.
        Connection.objects.update(expires_at=None, renew_due_at=None)
        return made.channels.get()

    def ask(self, count: int) -> Sequence[str]:
        questions = [self.real.say(self.ada, f"Question {number}") for number in range(count)]
        self.real.until(
            lambda: self.real.ask("app.bsky.feed.getPosts", self.brand, uris=questions[-1]).get("posts"), seconds=120
        )
        return questions

    def lose(self, share: float, requests: float) -> None:
        self.proxy.decide = losing(share, requests=requests)

    def answers(self) -> Mapping[str, Sequence[str]]:
        self.proxy.rest()
        found: dict[str, list[str]] = {}
        for record in self.real.posts_of(self.brand):
            if said := record["value"].get("reply"):
                found.setdefault(said["parent"]["uri"], []).append(record["uri"])
        return found


@pytest.mark.django_db(transaction=True)
def test_none_of_many_deliveries_is_lost_or_doubled_though_workers_are_killed(
    acme: Cast, there: BlueskyNetwork, brand: Person, ada: Person, network: Bluesky
) -> None:
    with LossyProxy(there.home, lambda _request: "") as proxy:
        deliver_all(acme, BlueskyThere(acme, there, proxy, brand, ada), DELIVERIES, random.Random(8))


def test_an_access_is_only_for_its_own_account(
    there: BlueskyNetwork, brand: Person, ada: Person, network: Bluesky
) -> None:
    access = Access(http=Http(["127.0.0.1", "localhost"]))
    filled = {"handle": ada.handle, "password": ada.app_password, "server": ""}
    found = network.connect(access, "app-password", filled)
    assert found.server == there.home and found.account.id == ada.did
    assert network.check(replace(access, credentials=found.credentials, server=found.server)).account.id == ada.did
