"""A mention on a server of the Mastodon API on its way through the house: heard, routed, answered, followed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from engagement import outbox
from engagement.actions.replies import reply
from engagement.models import Assignment, Reply, RoutingRule
from listening import networks, polling
from listening.access import access_through
from listening.actions import connections
from listening.ingest import ingest
from listening.models import Channel, Connection, Mention, Post, Source
from listening.networks.mastodon import network
from listening.networks.protocols import Page
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.networks.delivering import DELIVERIES, deliver_all
from tests.networks.lossy import LossyProxy, losing
from tests.networks.mastodon.conftest import Server

Connecting = Callable[[str], Connection]


@pytest.fixture
def connected(acme: Cast, settings: Settings) -> Connecting:
    """Connect Acme to a server as the brand: an account to answer from, and its mentions as a source."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]

    def to(address: str) -> Connection:
        filled = {"server": address, "token": "brand_token"}
        made = connections.connect(
            acme.organization, network="mastodon", way="token", filled=filled, by=acme.olga, at=clock.now()
        )
        assert made.account_id == "brand@mock.local"
        return made

    return to


def test_signing_in_there_and_coming_back(acme: Cast, sign_in: Any, settings: Settings, server: Server) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    carla = sign_in(acme.carla)
    form = carla.get("/o/acme/connections/add/mastodon/sign-in/").content.decode()
    assert "Sign in at the server" in form and "mastodon.social" in form
    typed = {"asked_server": server.address, "speaks": "on", "listens": "on"}
    answer = carla.post("/o/acme/connections/add/mastodon/sign-in/", typed)
    leads = unescape(answer.headers["Refresh"].partition("url=")[2])
    asked = {name: values[0] for name, values in parse_qs(urlsplit(leads).query).items()}
    chosen = {name: asked[name] for name in ("client_id", "redirect_uri", "scope", "state")} | {"username": "brand"}
    back = httpx.post(f"{server.address}/oauth/authorize", data=chosen).headers["location"]
    page = carla.get(f"{urlsplit(back).path}?{urlsplit(back).query}", follow=True)
    assert "is connected." in page.content.decode()
    made = Connection.objects.get()
    assert (made.network, made.account_id, made.server) == ("mastodon", "brand@mock.local", server.address)
    assert [source.place for source in made.sources.all()] == ["mentions of @brand@mock.local"]


def poll_again() -> None:
    Source.objects.update(next_poll_at=clock.now() - timedelta(seconds=1))
    with acting_for(None):
        assert polling.poll_due(clock.now()) == 1


def test_heard_routed_answered_and_followed(acme: Cast, sign_in: Any, connected: Connecting, server: Server) -> None:
    connection = connected(server.address)
    channel, source = connection.channels.get(), connection.sources.get()
    assert source.place == "mentions of @brand@mock.local"
    RoutingRule.objects.create(name="All", department=acme.care)
    said = server.say("ada", "@brand is my order lost?", visibility="unlisted")
    poll_again()
    mention = Mention.objects.get()
    assert (mention.channel, mention.post.text) == (channel, "@brand is my order lost?")
    row, rosa = Assignment.objects.get(), sign_in(acme.rosa)

    rosa.post(f"/o/acme/queue/{row.pk}/claim/")
    page = " ".join(rosa.get(f"/o/acme/queue/{row.pk}/").content.decode().split())
    assert "on Mastodon" in page and 'data-limit="500"' in page
    rosa.post(f"/o/acme/queue/{row.pk}/reply/", {"text": "It comes tomorrow.", "channel": channel.pk})
    with acting_for(None):
        assert outbox.deliver_next(now=clock.now)
    sent = Reply.objects.get()
    assert sent.state == Reply.State.ACCEPTED, sent.problem
    [seen] = server.said_by("brand")
    assert (f"{server.host}/{seen['id']}", seen["in_reply_to_id"], seen["visibility"]) == (
        sent.remote_id, said["id"], "unlisted",
    )  # fmt: skip

    server.call("ada", "PUT", f"/api/v1/statuses/{said['id']}", status="@brand is my order late?")
    follow(connection, source)
    post = Post.objects.get(remote_id=f"{server.host}/{said['id']}")
    assert (post.text, post.revision_count) == ("@brand is my order late?", 2)
    server.call("ada", "DELETE", f"/api/v1/statuses/{said['id']}")
    follow(connection, source)
    post.refresh_from_db()
    assert post.withdrawn_at is not None and "order" not in post.text

    poll_again()
    assert Assignment.objects.count() == 1


def follow(connection: Connection, source: Source) -> None:
    """Read what is known again, as the house does on its schedule."""
    source.refresh_from_db()
    access = access_through(connection, at=clock.now())
    ids = list(Post.objects.filter(withdrawn_at=None).values_list("remote_id", flat=True))
    ingest(source, Page(posts=tuple(network.revisit(access, ids)), cursor=source.cursor), at=clock.now())


class MastodonThere:
    """The server behind a proxy that loses answers."""

    name, network, asks_as = "mastodon", "Mastodon (double)", "ada@mock.local"

    def __init__(self, server: Server, proxy: LossyProxy, connected: Connecting) -> None:
        self.server, self.proxy, self.connected = server, proxy, connected

    @property
    def lost(self) -> Counter[str]:
        return self.proxy.losses()

    def channel(self) -> Channel:
        return self.connected(self.proxy.address).channels.get()

    def ask(self, count: int) -> Sequence[str]:
        said = [self.server.say("ada", f"@brand question {number}") for number in range(count)]
        return [self._ours(row["id"]) for row in said]

    def lose(self, share: float, requests: float) -> None:
        self.proxy.decide = losing(share, requests=requests)

    def answers(self) -> Mapping[str, Sequence[str]]:
        self.proxy.rest()
        found: dict[str, list[str]] = {}
        for row in self.server.said_by("brand"):
            found.setdefault(self._ours(row["in_reply_to_id"]), []).append(self._ours(row["id"]))
        return found

    def _ours(self, number: str) -> str:
        return f"127.0.0.1:{self.proxy.port}/{number}"


@pytest.fixture
def there(connected: Connecting, server: Server) -> Iterator[MastodonThere]:
    with LossyProxy(server.address, lambda _request: "") as proxy:
        yield MastodonThere(server, proxy, connected)


def test_none_of_a_few_deliveries_is_lost_or_doubled(acme: Cast, there: MastodonThere) -> None:
    deliver_all(acme, there, 12)


@pytest.mark.networks
@pytest.mark.django_db(transaction=True)
def test_none_of_many_deliveries_is_lost_or_doubled_though_workers_are_killed(acme: Cast, there: MastodonThere) -> None:
    deliver_all(acme, there, DELIVERIES, random.Random(8))


def test_it_stands_among_the_networks() -> None:
    assert networks.get("mastodon") is network
    assert networks.counted("mastodon", "@ada@social.example hi", {})[0] == 7
    assert replace(networks.counted("mastodon", "", {})[1], text=None).link == 23


def test_each_account_has_the_limits_of_its_server(
    acme: Cast, sign_in: Any, api: Any, connected: Connecting, server: Server
) -> None:
    channel = connected(server.address).channels.get()
    short = Connection.objects.create(
        network="mastodon", server="https://short.example", way="token", name="Short", account_id="acme",
        facts={"max_characters": 12, "link_length": 5},
    )  # fmt: skip
    other = factories.channel(network="mastodon", account_id="acme", name="Short", connection=short)
    about = factories.post(network="mastodon", remote_id=f"{server.host}/1")
    mention = factories.mention(post=about, department=acme.care, state="routed", channel=other)
    row = factories.assignment(
        department=acme.care, member=acme.rosa, state="claimed", claimed_at=clock.now(), mention=mention
    )
    page = " ".join(sign_in(acme.rosa).get(f"/o/acme/queue/{row.pk}/").content.decode().split())
    assert 'data-short-people="1"' in page
    option = f'<option value="{other.pk}" selected data-limit="12" data-link-length="5"'
    assert option in page and f'<option value="{channel.pk}" data-limit="500" data-link-length="23"' in page
    assert 'data-count="reply_count" data-limit="12" data-link-length="5"' in page, "as the account that is chosen"

    said = {"text": "Your order comes tomorrow.", "channel": other.pk}
    shown = sign_in(acme.rosa).post(f"/o/acme/queue/{row.pk}/look-first/", said).content.decode()
    assert "26 of 12 characters" in " ".join(shown.split())
    with pytest.raises(ValidationError, match="it takes 12"):
        reply(row, text=said["text"], by=acme.rosa, at=clock.now(), channel=other)
    told = api(acme.rosa).post("/api/v1/replies/", {"assignment": row.pk, **said}, format="json")
    assert told.status_code == 400 and "it takes 12" in told.content.decode()
    assert reply(row, text="See https://example.org/a/long/way", by=acme.rosa, at=clock.now(), channel=other)
    shown = sign_in(acme.carla).get(f"/o/acme/connections/{short.pk}/").content.decode()
    assert "12 characters" in shown and "a link counts 5" in shown
    assert api(acme.carla).get(f"/api/v1/connections/{short.pk}/").json()["text_limits"]["text"] == 12


def test_a_picture_goes_out_through_the_client_that_counts(acme: Cast, connected: Connecting, server: Server) -> None:
    access = access_through(connected(server.address), at=clock.now())
    picture = OutgoingMedia("soup.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(64))
    piece = OutgoingPiece(key="with-a-picture", text="Soup of the day", at=clock.now(), media=(picture,))
    assert network.publish(access, piece) == network.find_piece(access, piece)
