"""A real hub on loopback: it is asked, asks back, sends what is new; what it sends is kept before it is thanked."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode
from urllib.request import Request, urlopen

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from listening import polling
from listening.actions.sources import pause_source
from listening.housekeeping import claim_due
from listening.models import Post, Push, Source, Subscription
from listening.networks.feed.parse import parse_feed
from listening.networks.protocols import Page
from listening.websub import receiving, subscribing
from listening.websub.housekeeping import by_key, waiting_too_long
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.listening.servers import FeedServer

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


class Hub:
    """Takes subscriptions, asks back whether they were meant, and distributes what it is given, signed."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answers: list[tuple[int, str]] = []
        self.confirms = True
        self.refuses = False
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                hub.asked.append({name: values[0] for name, values in said.items()})
                self.send_response(500 if hub.refuses else 202)
                self.end_headers()

            def log_message(self, *_said: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hub"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def verify(self, number: int = -1, *, lease: int = 86_400, **changed: str) -> tuple[int, str]:
        """Ask back, as a hub does after it was asked."""
        said = self.asked[number]
        query = {
            "hub.mode": "subscribe", "hub.topic": said["hub.topic"], "hub.challenge": "c123",
            "hub.lease_seconds": str(lease),
        } | {f"hub.{name}": value for name, value in changed.items()}  # fmt: skip
        return self._call(Request(f"{said['hub.callback']}?{urlencode(query)}"))

    def distribute(self, body: bytes, *, secret: str | None = None, method: str = "sha256") -> int:
        """Send what is new to who subscribed last."""
        said = self.asked[-1]
        signature = hmac.new((secret or said["hub.secret"]).encode(), body, method).hexdigest()
        headers = {"X-Hub-Signature": f"{method}={signature}", "Content-Type": "application/rss+xml"}
        return self._call(Request(said["hub.callback"], data=body, headers=headers))[0]

    def _call(self, request: Request) -> tuple[int, str]:
        try:
            with urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except OSError as problem:
            return getattr(problem, "code", 0), ""


@pytest.fixture
def hub() -> Iterator[Hub]:
    running = Hub()
    yield running
    running.close()


@pytest.fixture
def server(settings: Settings) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with FeedServer() as running:
        yield running


@pytest.fixture
def house(settings: Settings, live_server: LiveServer) -> LiveServer:
    """Ourselves, as the hub reaches us."""
    settings.SITE_URL = live_server.url
    return live_server


def document(hub: str, *titles: str) -> bytes:
    items = "".join(
        f"<item><guid>{t}</guid><title>{t}</title><link>https://a.example/{t}</link></item>" for t in titles
    )
    link = f'<a:link rel="hub" href="{hub}"/><a:link rel="self" href="https://a.example/feed"/>' if hub else ""
    head = '<rss xmlns:a="http://www.w3.org/2005/Atom"><channel><title>A feed</title>'
    return f"{head}{link}{items}</channel></rss>".encode()


def poll() -> Source:
    Source.objects.update(next_poll_at=clock.now() - HOUR)
    polling.poll_due(clock.now())
    return Source.objects.get()


@pytest.fixture
def subscribed(acme: Cast, hub: Hub, server: FeedServer, house: LiveServer) -> Subscription:
    """A source whose hub has confirmed."""
    server.documents["/feed"] = document(hub.url, "One")
    factories.source(place=server.url("/feed"))
    poll()
    subscribing.ask_due(clock.now())
    assert hub.verify() == (200, "c123")
    return Subscription.objects.get()


def test_documents_and_headers_name_hubs(acme: Cast, server: FeedServer) -> None:
    feed = parse_feed(document("https://hub.example/", "One"))
    assert (feed.hub, feed.topic) == ("https://hub.example/", "https://a.example/feed")
    json = b'{"version":"https://jsonfeed.org/version/1.1","feed_url":"https://a.example/j","items":[],'
    feed = parse_feed(json + b'"hubs":[{"type":"rssCloud","url":"x"},{"type":"WebSub","url":"https://hub.example/"}]}')
    assert (feed.hub, feed.topic) == ("https://hub.example/", "https://a.example/j")
    server.answers["/feed"] = (200, document("", "One"))
    server.headers["Link"] = '<https://hub.example/>; rel="hub", <https://a.example/f>; rel=self'
    factories.source(place=server.url("/feed"))
    cursor = poll().cursor
    assert (cursor["hub"], cursor["topic"]) == ("https://hub.example/", "https://a.example/f")


@pytest.mark.django_db(transaction=True)
def test_a_hub_is_asked_and_asks_back(subscribed: Subscription, hub: Hub) -> None:
    [asked] = hub.asked
    assert (asked["hub.mode"], asked["hub.topic"]) == ("subscribe", "https://a.example/feed")
    assert subscribed.key in asked["hub.callback"]
    assert len(subscribed.key) >= 43
    assert (subscribed.state, subscribed.failures_in_row) == ("active", 0)
    assert subscribed.lease_until is not None and subscribed.lease_until > clock.now()
    # It is renewed before it runs out, and not asked meanwhile.
    assert clock.now() + 19 * HOUR < subscribed.next_attempt_at < clock.now() + 20 * HOUR
    assert subscribing.ask_due(clock.now() + HOUR) == 0
    assert subscribing.ask_due(clock.now() + 20 * HOUR) == 1
    assert len(hub.asked) == 2


@pytest.mark.django_db(transaction=True)
def test_only_what_we_asked_for_is_confirmed(subscribed: Subscription, hub: Hub) -> None:
    assert hub.verify(topic="https://other.example/")[0] == 404
    assert hub.verify(mode="unsubscribe")[0] == 404
    hub.asked.append(hub.asked[0] | {"hub.callback": hub.asked[0]["hub.callback"].replace(subscribed.key, "x" * 43)})
    assert hub.verify()[0] == 404
    assert hub.distribute(b"x") == 404


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_is_kept_then_thanked_for_then_taken_in_once(subscribed: Subscription, hub: Hub) -> None:
    body = document(hub.url, "Two", "One")
    assert hub.distribute(body) == 202
    push = Push.objects.get()
    assert (bytes(push.body), push.taken_at) == (body, None)
    assert Post.objects.count() == 1  # thanked for, not taken in yet
    assert hub.distribute(body) == 202  # hubs repeat themselves
    assert Push.objects.count() == 1
    before = Source.objects.get()
    assert receiving.take_waiting(clock.now()) == 1
    assert receiving.take_waiting(clock.now()) == 0
    assert set(Post.objects.values_list("title", flat=True)) == {"One", "Two"}
    # The poll's own cursor and schedule stand: it goes on, in case the hub forgets.
    after = Source.objects.get()
    assert (after.cursor, after.next_poll_at) == (before.cursor, before.next_poll_at)
    poll()
    assert Post.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_not_signed_is_not_even_kept(subscribed: Subscription, hub: Hub) -> None:
    for method in ("sha1", "sha256", "sha384", "sha512"):
        assert hub.distribute(document("", f"Fine {method}"), method=method) == 202
    assert Push.objects.count() == 4
    assert hub.distribute(document("", "Forged"), secret="guessed") == 202
    assert hub.distribute(document("", "Weak"), method="md5") == 202
    assert Push.objects.count() == 4
    assert Subscription.objects.get().forged == 2


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_read_is_a_hint_all_the_same(subscribed: Subscription, hub: Hub) -> None:
    assert Source.objects.get().next_poll_at > clock.now()
    hub.distribute(b"this is no feed")
    at = clock.now()
    assert waiting_too_long(at + HOUR) == 1
    receiving.take_waiting(at)
    push = Push.objects.get()
    assert push.problem
    assert push.taken_at == at
    assert Source.objects.get().next_poll_at == at
    assert waiting_too_long(at + HOUR) == 0


@pytest.mark.django_db(transaction=True)
def test_a_hint_in_the_middle_of_a_poll_brings_another_poll(subscribed: Subscription, hub: Hub) -> None:
    at = clock.now()
    Source.objects.update(next_poll_at=at)
    (claim,) = claim_due(at)
    hub.distribute(b"this is no feed")
    receiving.take_waiting(at + SECOND)
    visit = polling.Visit(claim, page=Page(unchanged=True, status=304))
    polling.take_in([visit], clock=lambda: at + 2 * SECOND)
    assert Source.objects.get().next_poll_at == at + SECOND


@pytest.mark.django_db(transaction=True)
def test_a_paused_source_is_told_nothing(acme: Cast, subscribed: Subscription, hub: Hub) -> None:
    pause_source(Source.objects.get(), by=acme.gita, at=clock.now())
    assert hub.distribute(document("", "Two")) == 410
    assert hub.verify()[0] == 404
    assert not Push.objects.exists()
    assert subscribing.ask_due(clock.now() + 100 * HOUR) == 0


@pytest.mark.django_db(transaction=True)
def test_a_hub_that_fails_or_denies_is_asked_later_and_later(
    acme: Cast, hub: Hub, server: FeedServer, house: LiveServer
) -> None:
    hub.refuses = True
    server.documents["/feed"] = document(hub.url, "One")
    factories.source(place=server.url("/feed"))
    poll()
    at, waits = clock.now(), []
    for _ in range(3):
        assert subscribing.ask_due(at) == 1
        row = Subscription.objects.get()
        waits.append(row.next_attempt_at - at)
        at = row.next_attempt_at
    assert waits == [timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=40)]
    assert "500" in row.problem
    assert hub.verify(mode="denied", reason="no room")[0] == 200
    row.refresh_from_db()
    assert (row.state, row.problem) == ("denied", "no room")


@pytest.mark.django_db(transaction=True)
def test_another_hub_gets_another_address_and_none_ends_it(
    subscribed: Subscription, hub: Hub, server: FeedServer
) -> None:
    server.documents["/feed"] = document(hub.url + "2", "One", "Two")
    poll()
    subscribing.ask_due(clock.now())
    fresh = Subscription.objects.get()
    assert fresh.hub == hub.url + "2"
    assert fresh.key != subscribed.key
    assert by_key(subscribed.key) is None
    server.documents["/feed"] = document("", "Three")
    poll()
    subscribing.ask_due(clock.now())
    assert not Subscription.objects.exists()


def test_who_cannot_be_reached_asks_no_hub(acme: Cast, settings: Settings) -> None:
    factories.source(cursor={"hub": "https://hub.example/", "topic": "https://a.example/"})
    settings.SITE_URL, settings.FETCH_ALLOWED_PRIVATE_HOSTS = "http://127.0.0.1:8000", []
    assert subscribing.ask_due(clock.now()) == 0
    settings.SITE_URL, settings.WEBSUB = "https://touchline.example", False
    assert subscribing.ask_due(clock.now()) == 0
    assert not Subscription.objects.exists()


def test_a_stranger_learns_nothing(acme: Cast, client: Client, sign_in: Callable[[Any], Client]) -> None:
    source = factories.source()
    Subscription.objects.create(source=source, hub="https://h.example/", topic="t", next_attempt_at=clock.now())
    for path in ("/websub/unknown/", "/websub/1/"):
        assert client.get(path).status_code == client.post(path, b"x", content_type="text/xml").status_code == 404
    assert connection.in_atomic_block
    assert "To be asked for" in sign_in(acme.gita).get(f"/o/acme/sources/{source.pk}/").content.decode()
