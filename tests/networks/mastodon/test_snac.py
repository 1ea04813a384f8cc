"""A real server of the Fediverse with habits of its own: connected, heard, answered, and followed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from engagement import outbox
from engagement.models import Assignment, Reply, RoutingRule
from listening import polling
from listening.access import access_for_source
from listening.ingest import ingest
from listening.models import Channel, Mention, Post, Source
from listening.networks.http import Http
from listening.networks.mastodon import network
from listening.networks.protocols import Access, OutgoingReply, Page, Refused, RemotePost, Unreachable
from roles import clock
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.networks.mastodon.conftest import read
from tests.networks.mastodon.server import HOST, PROGRAM, Snac, running

pytestmark = [
    pytest.mark.networks,
    pytest.mark.skipif(not PROGRAM.exists(), reason="snac is not installed; make test-networks does, where root may"),
]
BACK = "http://localhost:9999/back"


@pytest.fixture(scope="module")
def snac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snac]:
    with running(tmp_path_factory.mktemp("snac") / "data", "brand", "ada") as server:
        yield server


def signed_in(snac: Snac, user: str) -> Access:
    """Connect by signing in, as a person does."""
    http = Http([HOST])
    begun = network.begin(Access(http=http), "sign-in", {"server": snac.address}, BACK)
    made = network.finish(Access(http=http), "sign-in", begun.kept, snac.sign_in(begun.address, user))
    return Access(http=http, credentials=made.credentials, account=made.account, server=made.server, facts=made.facts)


@pytest.fixture(scope="module")
def brand(snac: Snac) -> Access:
    return signed_in(snac, "brand")


@pytest.fixture(scope="module")
def ada(snac: Snac) -> Callable[..., Any]:
    """Does something as Ada."""
    token = signed_in(snac, "ada").credentials["token"]

    def call(method: str, path: str, **form: str) -> Any:
        answer = httpx.request(
            method, snac.address + path, data=form or None, headers={"Authorization": f"Bearer {token}"}, timeout=20
        )
        return answer.json()

    return call


def awaited(look: Callable[[], Any]) -> Any:
    """Look until there is something: a server hands things on in its own time."""
    until = time.monotonic() + 40
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.5)
    raise AssertionError("It did not come.")


def test_who_and_where_we_are(brand: Access) -> None:
    assert brand.account.id == f"brand@{HOST}"
    assert "snac" in brand.facts["version"] and brand.facts["max_characters"] > 0
    assert network.check(brand).account == brand.account
    assert network.offered_places(brand)[0][0] == f"mentions of @brand@{HOST}"


def heard(brand: Access, pages: list[Page], words: str) -> RemotePost | None:
    pages.append(read(brand, "mentions", pages[-1].cursor if pages else None))
    return next((post for page in pages for post in page.posts if words in post.text), None)


def test_a_mention_is_heard_answered_and_edited(brand: Access, ada: Callable[..., Any]) -> None:
    pages: list[Page] = []
    said = ada("POST", "/api/v1/statuses", status=f"@brand@{HOST} is the soup cold?", visibility="public")
    post = awaited(lambda: heard(brand, pages, "soup cold"))
    assert f"brand@{HOST}" in post.addressed_to and post.author.id == f"ada@{HOST}"

    outgoing = OutgoingReply(key="k1", to=post.id, text="We warm it up, *at once*.", at=clock.now(), author=post.author)
    assert network.find_reply(brand, outgoing) is None
    made = network.reply(brand, outgoing)
    assert network.find_reply(brand, outgoing) == made

    def thread() -> list[str]:
        told = ada("GET", f"/api/v1/statuses/{said['id']}/context")
        return [below["content"] for below in told["descendants"] if "warm it up" in below["content"]]

    assert awaited(thread)

    ada("PUT", f"/api/v1/statuses/{said['id']}", status=f"@brand@{HOST} is the soup hot?")
    again = awaited(lambda: next((p for p in network.revisit(brand, [post.id]) if "soup hot" in p.text), None))
    assert again.id == post.id and again.conversation == post.conversation
    # This server deletes nothing by its interface: that is said, and not taken for done.
    with pytest.raises((Refused, Unreachable)):
        network.withdraw(brand, made.id)
    [there] = [found for found in network.revisit(brand, [made.id]) if found.id == made.id]
    assert not there.deleted
    gone = f"{HOST}/{'0' * 42}"
    assert [found.deleted for found in network.revisit(brand, [gone])] == [True]


def test_many_mentions_are_all_read(brand: Access, ada: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from listening.networks.mastodon import reading

    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    pages = [read(brand, "mentions")]
    for number in range(8):
        ada("POST", "/api/v1/statuses", status=f"@brand@{HOST} number-{number}", visibility="public")
    wanted = {f"number-{number}" for number in range(8)}

    def all_of_them() -> bool:
        pages.append(read(brand, "mentions", pages[-1].cursor))
        return {word for page in pages for post in page.posts for word in post.text.split()} >= wanted

    assert awaited(all_of_them)
    assert not any(page.gap for page in pages)


def test_heard_routed_answered_seen_and_followed(
    acme: Cast, sign_in: Any, settings: Any, snac: Snac, ada: Callable[..., Any]
) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = [HOST]
    carla = sign_in(acme.carla)
    typed = {"asked_server": snac.address, "speaks": "on", "listens": "on"}
    answer = carla.post("/o/acme/connections/add/mastodon/sign-in/", typed)
    back = snac.sign_in(unescape(answer.headers["Refresh"].partition("url=")[2]), "brand")
    page = carla.get("/o/acme/connections/return/", back, follow=True)
    assert "is connected." in page.content.decode()
    channel = Channel.objects.get(network="mastodon")
    RoutingRule.objects.create(name="All", department=acme.care)
    poll_again()
    said = ada("POST", "/api/v1/statuses", status=f"@brand@{HOST} is my tea lost?", visibility="public")

    def mention() -> Mention | None:
        poll_again()
        return Mention.objects.filter(post__text__contains="tea lost").first()

    row, rosa = Assignment.objects.get(mention=awaited(mention)), sign_in(acme.rosa)
    post = row.mention.post
    rosa.post(f"/o/acme/queue/{row.pk}/claim/")
    rosa.post(f"/o/acme/queue/{row.pk}/reply/", {"text": "It comes tomorrow.", "channel": channel.pk})
    with acting_for(None):
        assert outbox.deliver_next(now=clock.now)
    sent = Reply.objects.get()
    assert sent.state == Reply.State.ACCEPTED, sent.problem

    def thread() -> list[str]:
        told = ada("GET", f"/api/v1/statuses/{said['id']}/context")
        return [below["content"] for below in told["descendants"] if "comes tomorrow" in below["content"]]

    assert awaited(thread)

    ada("PUT", f"/api/v1/statuses/{said['id']}", status=f"@brand@{HOST} is my tea late?")
    assert awaited(lambda: "tea late" in followed(post).text)
    snac.delete("ada", said["uri"])
    assert awaited(lambda: followed(post).withdrawn_at)
    post.refresh_from_db()
    assert "tea" not in post.text and Assignment.objects.count() == 1


def poll_again() -> None:
    Source.objects.update(next_poll_at=clock.now() - timedelta(seconds=1))
    with acting_for(None):
        assert polling.poll_due(clock.now()) == 1


def followed(post: Post) -> Post:
    """Read the post again, as the house does on its schedule; returns what is known of it then."""
    source = Source.objects.get()
    access = access_for_source(source, at=clock.now())
    found = network.revisit(access, [post.remote_id])
    ingest(source, Page(posts=tuple(found), cursor=source.cursor), at=clock.now())
    return Post.objects.get(pk=post.pk)


def test_a_hashtag(brand: Access, ada: Callable[..., Any]) -> None:
    ada("POST", "/api/v1/statuses", status="Nothing but #soup today", visibility="public")
    assert awaited(lambda: [post for post in read(brand, "#soup").posts if "today" in post.text])
