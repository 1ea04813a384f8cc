"""A network that nobody here has heard of is one object: heard, worked on, answered, counted without another file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engagement import outbox
from engagement.models import Assignment, Reply, RoutingRule
from listening import networks, polling
from listening.models import Channel, Source
from listening.networks.protocols import Accepted, Access, Cursor, Limits, OutgoingReply, Page, RemoteAuthor, RemotePost
from measurement.actions import refresh_rollups
from roles import clock
from tests import factories
from tests.cast import Cast


class Semaphore:
    """Two flags on a hill."""

    name, label, ids_within, icon, places = "semaphore", "Semaphore", "network", "flag", "the name of the hill"

    def __init__(self) -> None:
        self.sent: list[OutgoingReply] = []

    def check_place(self, place: str) -> str:
        return place.strip().lower()

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        said = RemotePost(
            id="1", text="Is Acme down?", author=RemoteAuthor(id="a", handle="ada"), published_at=clock.now()
        )
        return Page(posts=() if since else (said,), cursor={"read": 1})

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        self.sent.append(outgoing)
        return Accepted(id="2")

    def count(self, text: str, _facts: object) -> int:
        return len(text.split())

    def limits(self, _facts: object) -> Limits:
        return Limits(text=40)


@pytest.fixture
def semaphore() -> Iterator[Semaphore]:
    """The network, installed."""
    network = Semaphore()
    networks._registered()[network.name] = network
    yield network
    del networks._registered()[network.name]


def test_it_is_heard_answered_and_counted(acme: Cast, sign_in: Any, semaphore: Semaphore) -> None:
    gita, rosa, carla = sign_in(acme.gita), sign_in(acme.rosa), sign_in(acme.carla)
    form = gita.get("/o/acme/sources/add/").content.decode()
    assert "Semaphore: the name of the hill" in form and 'value="semaphore"' in form
    gita.post("/o/acme/sources/add/", {"network": "semaphore", "place": " Mont-Valérien "})
    factories.query("acme")
    RoutingRule.objects.create(name="All", department=acme.care)
    assert polling.poll_due(clock.now()) == 1
    assert Source.objects.get().place == "mont-valérien"

    row = Assignment.objects.get()
    channel = Channel.objects.create(network="semaphore", account_id="us", handle="acme", name="Acme")
    rosa.post(f"/o/acme/queue/{row.pk}/claim/")
    page = " ".join(rosa.get(f"/o/acme/queue/{row.pk}/").content.decode().split())
    assert "to ada on Semaphore" in page and 'data-limit="40"' in page
    rosa.post(f"/o/acme/queue/{row.pk}/reply/", {"text": "No, all is well.", "channel": channel.pk})
    assert outbox.deliver_next(now=clock.now)
    assert Reply.objects.get().state == Reply.State.ACCEPTED
    assert [said.text for said in semaphore.sent] == ["No, all is well."]

    refresh_rollups(at=clock.now())
    for path in ("/measure/", "/queue/", "/deliveries/", "/stop/", "/saved-replies/add/"):
        assert "Semaphore" in carla.get(f"/o/acme{path}").content.decode(), path
