"""Feeds of our own: an entry once for each key, valid whatever is written into it, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from listening import networks
from listening.access import access_for_channel
from listening.models import Channel, OwnFeedEntry, PracticeAccount, PracticePost
from listening.networks.feed.parse import parse_feed
from listening.networks.protocols import Accepted, Access, Refused
from listening.networks.publishing import FindsPieces, OutgoingMedia, OutgoingPiece, Publishes, Withdraws
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "</content><script>alert(1)</script> \x0b ]]> & [a](javascript:alert(1)) **bold**"


def feed() -> Channel:
    return factories.channel(network="own-feed", account_id="the-key-of-acme", handle="feed", name="Acme <news>")


def piece(key: str = "one", text: str = "We have *news*.", **more: object) -> OutgoingPiece:
    return OutgoingPiece(**{"key": key, "text": text, "at": clock.now(), "title": "News & more", **more})  # type: ignore[arg-type]


def access(channel: Channel) -> Access:
    return access_for_channel(channel, at=clock.now())


def publish(channel: Channel, what: OutgoingPiece) -> Accepted:
    network = networks.get(channel.network)
    assert isinstance(network, Publishes)
    return network.publish(access(channel), what)


def test_a_piece_is_one_entry_however_often_it_comes(acme: Cast) -> None:
    channel, network = feed(), networks.get("own-feed")
    assert isinstance(network, FindsPieces) and isinstance(network, Withdraws)
    assert network.find_piece(access(channel), piece()) is None
    first = publish(channel, piece())
    assert publish(channel, piece(text="Other words under the same key.")) == first
    assert network.find_piece(access(channel), piece()) == first
    assert OwnFeedEntry.objects.get().text == "We have *news*."
    network.withdraw(access(channel), first.id)
    network.withdraw(access(channel), first.id)
    assert network.find_piece(access(channel), piece()) is None


@pytest.mark.parametrize(
    "lost",
    [
        {"title": "", "text": " "},
        {"media": (OutgoingMedia("a.png", "image/png", b""),)},
        {"visibility": "followers"},
        {"is_draft": True},
        {"link": "javascript:alert(1)"},
        {"title": "x" * 301},
    ],
)
def test_what_would_be_lost_is_refused(acme: Cast, lost: dict[str, object]) -> None:
    with pytest.raises(Refused):
        publish(feed(), piece(**lost))
    assert not OwnFeedEntry.objects.exists()


def test_a_reader_gets_it_and_hears_when_nothing_is_new(acme: Cast) -> None:
    channel, client = feed(), Client()
    made = publish(channel, piece(text=HOSTILE, link="https://acme.example/?a=1&b=2", tags=("#bikes",), language="en"))
    publish(channel, piece("two", "No title, but words.", title=""))
    answer = client.get("/feeds/the-key-of-acme/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert "Cookie" not in answer.headers.get("Vary", "") and "Set-Cookie" not in answer.headers
    root = ET.fromstring(answer.content)
    assert [node.text for node in root.iter(f"{ATOM}title")] == ["Acme <news>", "No title, but words.", "News & more"]
    assert len({node.text for node in root.iter(f"{ATOM}id")}) == 3
    shown = [node.text or "" for node in root.iter(f"{ATOM}content")][1]
    assert "<script" not in shown and "javascript:" not in shown.split("[a]")[0] and "<strong>bold</strong>" in shown
    assert 'href="javascript' not in shown
    heard = parse_feed(answer.content, base="https://acme.example/feed", content_type=answer["Content-Type"])
    assert [post.title for post in heard.posts] == ["No title, but words.", "News & more"]
    again = client.get("/feeds/the-key-of-acme/", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (
        client.get("/feeds/the-key-of-acme/", headers={"If-Modified-Since": answer["Last-Modified"]}).status_code == 304
    )
    page = client.get(made.url.removeprefix("http://testserver").split("/", 3)[-1].join(["/", ""]))
    assert page.status_code == 200 and b"<script>alert" not in page.content and b"<strong>bold</strong>" in page.content
    OwnFeedEntry.objects.update(withdrawn_at=clock.now())
    changed = client.get("/feeds/the-key-of-acme/", headers={"If-None-Match": answer["ETag"]})
    assert changed.status_code == 200 and b"<entry" not in changed.content
    assert client.get(f"/feeds/the-key-of-acme/{made.id}/").status_code == 404


def test_the_newest_stand_first_and_old_ones_fall_out(acme: Cast) -> None:
    channel, at = feed(), clock.now()
    OwnFeedEntry.objects.bulk_create(
        OwnFeedEntry(
            channel=channel, key=str(number), title=f"Entry {number}", published_at=at - timedelta(days=number)
        )
        for number in range(60)
    )
    titles = [node.text for node in ET.fromstring(Client().get("/feeds/the-key-of-acme/").content).iter(f"{ATOM}title")]
    assert titles[1:] == [f"Entry {number}" for number in range(50)]


def test_nobody_elses_feed_is_reached(cast: Cast) -> None:
    with acting_for(cast.organization):
        channel = feed()
        made = publish(channel, piece())
    with acting_for(cast.elsewhere):
        with pytest.raises(Refused):
            publish(Channel(network="own-feed", account_id="the-key-of-acme", handle="feed", name="Theirs"), piece("x"))
        theirs = factories.channel(network="own-feed", account_id="the-key-of-elsewhere", handle="feed")
    assert Client().get(f"/feeds/the-key-of-elsewhere/{made.id}/").status_code == 404
    assert b"News" not in Client().get("/feeds/the-key-of-elsewhere/").content
    assert Client().get("/feeds/nothing/").status_code == 404
    Channel.everywhere.filter(pk=theirs.pk).update(is_active=False)
    assert Client().get("/feeds/the-key-of-elsewhere/").status_code == 404


def test_a_piece_is_one_post_on_the_practice_field(acme: Cast) -> None:
    ours = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
    channel = factories.channel(handle="acme", account_id=str(ours.pk))
    network = networks.get("practice")
    assert isinstance(network, FindsPieces)
    what = piece(link="https://acme.example/", tags=("bikes",), warning="Loud")
    assert network.find_piece(access(channel), what) is None
    made = publish(channel, what)
    assert publish(channel, what) == made == network.find_piece(access(channel), what)
    said = PracticePost.objects.get(account=ours)
    assert said.text == "Loud\n\nNews & more\n\nWe have *news*.\n\nhttps://acme.example/\n\n#bikes"
    for lost in (
        {"title": "", "text": ""},
        {"text": "x" * 501},
        {"media": (OutgoingMedia("a.png", "image/png", b""),)},
    ):
        with pytest.raises(Refused):
            publish(channel, piece("two", **lost))
