"""On a real Bluesky: a mention is heard, routed, answered from the queue, seen there, and followed when it goes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from engagement import outbox
from engagement.actions.deliveries import settle_delivery
from engagement.actions.replies import reply
from engagement.models import Assignment, Reply, RoutingRule
from listening import networks, polling
from listening.access import access_through
from listening.actions.connections import connect
from listening.actions.sources import add_source
from listening.ingest import ingest
from listening.models import Connection, Mention, Post, Source
from listening.networks.bluesky import oauth
from listening.networks.bluesky.identity import Directories
from listening.networks.bluesky.network import Bluesky
from listening.networks.http import Http
from listening.networks.protocols import Access, Page
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from listening.way_out.housekeeping import LOOKS
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.engagement.writing import Time
from tests.networks.bluesky.server import BlueskyNetwork, NotHere, Person, running
from tests.networks.lossy import LossyProxy, losing

pytestmark = pytest.mark.networks
DELIVERIES = int(os.environ.get("NETWORK_DELIVERIES", "25"))


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

    there.delete(ada, said)
    there.until(lambda: not there.ask("app.bsky.feed.getPosts", brand, uris=said).get("posts"))
    source = connection.sources.order_by("pk").first()
    assert source is not None
    found = network.revisit(access_through(connection, at=clock.now()), [said, sent.remote_id])
    ingest(source, Page(posts=tuple(found), cursor=source.cursor), at=clock.now())
    post = Post.objects.get(remote_id=said)
    assert post.withdrawn_at is not None and "order" not in post.text
    assert network.results_of(access_through(connection, at=clock.now()), [sent.remote_id])[sent.remote_id].likes == 0


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


def test_no_answer_is_lost_or_doubled_though_a_fifth_of_all_receipts_is(
    acme: Cast, there: BlueskyNetwork, brand: Person, ada: Person, network: Bluesky
) -> None:
    now, before = Time(), len(there.posts_of(brand))
    questions = [there.say(ada, f"Question {number}") for number in range(DELIVERIES)]
    last = questions[-1]
    there.until(lambda: there.ask("app.bsky.feed.getPosts", brand, uris=last).get("posts"))
    with LossyProxy(there.home, lambda _request: "") as proxy:
        channel = connected(acme, there, brand, server=proxy.address).channels.get()
        # The time of the test runs ahead of the network's, by which the session is good.
        Connection.objects.update(expires_at=None, renew_due_at=None)
        for number, question in enumerate(questions):
            about = factories.post(network="bluesky", remote_id=question)
            row = factories.assignment(
                department=acme.care, member=acme.rosa, state="claimed", claimed_at=now(),
                mention=factories.mention(post=about, department=acme.care, state="routed"),
            )  # fmt: skip
            reply(row, text=f"Answer {number}", by=acme.rosa, at=now(), channel=channel)
        proxy.decide = losing(0.2, requests=0.05)
        for _round in range(60):
            settle(acme, now)
            if not Reply.objects.exclude(state=Reply.State.ACCEPTED, seen_at__isnull=False).exists():
                break
        assert proxy.lost["POST", "answer"] > 0
    rows = Reply.objects.all()
    assert {made.state for made in rows} == {Reply.State.ACCEPTED}
    ours = there.posts_of(brand)
    assert len(ours) - before == DELIVERIES
    said = {record["uri"]: record["value"]["reply"]["parent"]["uri"] for record in ours if record["value"].get("reply")}
    assert {made.remote_id: made.post.remote_id for made in rows}.items() <= said.items()
    assert len({said[made.remote_id] for made in rows}) == DELIVERIES


def settle(acme: Cast, now: Time) -> None:
    """Let time pass, workers deliver and look, and Carla have sent again what nobody could tell her of.

    That may have arrived; sent again, it is the same post.
    """
    now.pass_by(LOOKS[-1])
    with acting_for(None):
        while outbox.deliver_next(now=now):
            pass
        now.pass_by(LOOKS[-1])
        while outbox.look_next(now=now):
            pass
    for made in Reply.objects.before_a_person():
        settle_delivery(made, decision="send_again", by=acme.carla, at=now())


def test_an_access_is_only_for_its_own_account(
    there: BlueskyNetwork, brand: Person, ada: Person, network: Bluesky
) -> None:
    access = Access(http=Http(["127.0.0.1", "localhost"]))
    filled = {"handle": ada.handle, "password": ada.app_password, "server": ""}
    found = network.connect(access, "app-password", filled)
    assert found.server == there.home and found.account.id == ada.did
    assert network.check(replace(access, credentials=found.credentials, server=found.server)).account.id == ada.did
