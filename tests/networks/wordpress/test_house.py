"""On a real WordPress: a comment is heard, routed, answered from the queue, seen there, and followed when it goes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from engagement import outbox
from engagement.models import Assignment, Reply, RoutingRule
from listening import polling
from listening.access import access_through
from listening.actions.connections import connect
from listening.models import Channel, Connection, Mention, Post, Source
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from listening.networks.wordpress import network
from roles import clock
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.networks.bluesky.test_house import red_pixel
from tests.networks.delivering import DELIVERIES, deliver_all
from tests.networks.lossy import LossyProxy, losing
from tests.networks.wordpress.server import NotHere, Site, running

pytestmark = pytest.mark.networks


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The real site."""
    try:
        with running(tmp_path_factory.mktemp("wordpress")) as found:
            yield found
    except NotHere as missing:
        pytest.skip(str(missing))


def connected(acme: Cast, settings: Settings, site: Site, *, address: str = "") -> Connection:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    filled = {"site": address or site.address, "user": site.user, "password": site.password}
    return connect(
        acme.organization, network="wordpress", way="application-password", filled=filled, by=acme.olga, at=clock.now()
    )


def poll_again() -> None:
    # So that what was said lately is read again, too.
    for source in Source.objects.all():
        source.cursor = {**source.cursor, "looked": "2020-01-01T00:00:00Z"}
        source.next_poll_at = clock.now() - timedelta(seconds=1)
        source.save()
    with acting_for(None):
        polling.poll_due(clock.now())


def test_heard_routed_answered_seen_and_followed(acme: Cast, sign_in: Any, settings: Settings, site: Site) -> None:
    connection = connected(acme, settings, site)
    channel = connection.channels.get()
    access = access_through(connection, at=clock.now())
    piece = OutgoingPiece(
        key="piece-1", title="We launched", text="Read all about it.", at=clock.now(), categories=("News",),
        tags=("#launch",), media=(OutgoingMedia("a.png", "image/png", red_pixel(), alt="A red square"),),
    )  # fmt: skip
    published = network.publish(access, piece)
    assert network.publish(access, piece) == published == network.find_piece(access, piece)
    article = int(published.id.rpartition("/")[2])
    shown = site.ask("GET", f"posts/{article}", params={"context": "edit"}).json()
    assert (shown["status"], shown["title"]["raw"]) == ("publish", "We launched") and shown["featured_media"]
    poll_again()
    Mention.objects.all().delete()

    RoutingRule.objects.create(name="All", department=acme.care)
    number = site.comment(article, "Where is my order? <3 & co")
    poll_again()
    mention = Mention.objects.get(post__remote_id__endswith=f"/comment/{number}")
    assert (mention.channel, mention.post.text) == (channel, "Where is my order? <3 & co")
    assert mention.post.title == "We launched"
    row, rosa = Assignment.objects.get(mention=mention), sign_in(acme.rosa)
    rosa.post(f"/o/acme/queue/{row.pk}/claim/")
    rosa.post(f"/o/acme/queue/{row.pk}/reply/", {"text": "On its way <today> & soon.", "channel": channel.pk})
    with acting_for(None):
        assert outbox.deliver_next(now=clock.now)
    sent = Reply.objects.get()
    assert sent.state == Reply.State.ACCEPTED, sent.problem
    [seen] = site.ask("GET", "comments", params={"parent": number}).json()
    assert (
        sent.remote_id.endswith(f"/comment/{seen['id']}") and "&lt;today&gt; &amp; soon" in seen["content"]["rendered"]
    )

    site.ask("POST", f"comments/{number}", json={"content": "Found it, thanks"})
    poll_again()
    post = Post.objects.get(pk=mention.post_id)
    assert (post.text, post.revision_count) == ("Found it, thanks", 2)
    site.ask("DELETE", f"comments/{number}")
    poll_again()
    post.refresh_from_db()
    assert post.withdrawn_at is not None and post.text == ""
    network.withdraw(access, published.id)
    assert site.ask("GET", f"posts/{article}").json()["status"] == "trash"


class WordPressThere:
    """The site behind a proxy that loses answers, with an article on which many comment."""

    name, network, asks_as = "wordpress", "WordPress", "Vera"

    def __init__(self, site: Site, proxy: LossyProxy, connect_to: Callable[[str], Connection]) -> None:
        self.site, self.proxy, self.connect_to = site, proxy, connect_to
        said = {"title": "Many", "content": "x", "status": "publish"}
        self.article = int(site.ask("POST", "posts", json=said).json()["id"])

    @property
    def lost(self) -> Counter[str]:
        return self.proxy.losses()

    def channel(self) -> Channel:
        return self.connect_to(self.proxy.address).channels.get()

    def ask(self, count: int) -> Sequence[str]:
        who = {"post": self.article, "author_name": "Vera", "author_email": "v@example.com"}
        found = []
        for number in range(count):
            made = self.site.ask("POST", "comments", json=who | {"content": f"Question {number}"})
            found.append(self._ours(made.json()["id"]))
        return found

    def lose(self, share: float, requests: float) -> None:
        self.proxy.decide = losing(share, requests=requests)

    def answers(self) -> Mapping[str, Sequence[str]]:
        self.proxy.rest()
        found: dict[str, list[str]] = {}
        page, rows = 0, [{}]
        while rows:
            page += 1
            asked = {"post": self.article, "per_page": 100, "page": page, "status": "any"}
            told = self.site.ask("GET", "comments", params=asked)
            rows = told.json()
            for row in rows:
                found.setdefault(self._ours(row["parent"]), []).append(self._ours(row["id"]))
        return found

    def _ours(self, number: int) -> str:
        return f"127.0.0.1:{self.proxy.port}/comment/{number}"


@pytest.mark.django_db(transaction=True)
def test_none_of_many_deliveries_is_lost_or_doubled_though_workers_are_killed(
    acme: Cast, settings: Settings, site: Site
) -> None:
    with LossyProxy(site.address, lambda _request: "") as proxy:
        there = WordPressThere(site, proxy, lambda address: connected(acme, settings, site, address=address))
        deliver_all(acme, there, DELIVERIES, random.Random(8))
