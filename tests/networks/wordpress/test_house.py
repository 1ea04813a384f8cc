"""On a real WordPress: a comment is heard, routed, answered from the queue, seen there, and followed when it goes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from engagement import outbox
from engagement.actions.replies import reply
from engagement.models import Assignment, Reply, RoutingRule
from listening import polling
from listening.access import access_through
from listening.actions.connections import connect
from listening.models import Connection, Mention, Post, Source
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from listening.networks.wordpress import network
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.engagement.writing import Time
from tests.networks.bluesky.test_house import red_pixel, settle
from tests.networks.lossy import LossyProxy, losing
from tests.networks.wordpress.server import NotHere, Site, running

pytestmark = pytest.mark.networks
DELIVERIES = int(os.environ.get("NETWORK_DELIVERIES", "25"))


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


def test_no_answer_is_lost_or_doubled_though_a_fifth_of_all_receipts_is(
    acme: Cast, settings: Settings, site: Site
) -> None:
    now = Time()
    article = int(site.ask("POST", "posts", json={"title": "Many", "content": "x", "status": "publish"}).json()["id"])
    with LossyProxy(site.address, lambda _request: "") as proxy:
        channel = connected(acme, settings, site, address=proxy.address).channels.get()
        for number in range(DELIVERIES):
            said = {
                "post": article,
                "content": f"Question {number}",
                "author_name": "Vera",
                "author_email": "v@example.com",
            }
            made = site.ask("POST", "comments", json=said).json()
            about = factories.post(network="wordpress", remote_id=f"127.0.0.1:{proxy.port}/comment/{made['id']}")
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
    ours: list[Any] = []
    for page in range(1, DELIVERIES * 2 // 100 + 2):
        ours += site.ask("GET", "comments", params={"post": article, "per_page": 100, "page": page}).json()
    answers = {comment["id"]: comment["parent"] for comment in ours if comment["parent"]}
    assert len(answers) == len(set(answers.values())) == DELIVERIES
    assert {int(made.remote_id.rpartition("/")[2]) for made in rows} == set(answers)
