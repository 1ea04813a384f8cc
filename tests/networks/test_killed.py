"""Workers killed at every step of webhooks, notices, tending and revisits: nothing is lost, and nothing done twice.

Where a service took something and the worker died before that was written down, it hears of it once more: a webhook
under the same id, by which it knows it, a notice as the text that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from listening import polling
from listening.actions import webhooks
from listening.connections import tending
from listening.connections.housekeeping import LEASE
from listening.connections.keeping import unsealed
from listening.models import (
    Connection,
    InboundBody,
    InboundWebhook,
    Mention,
    Notice,
    OutboundEvent,
    Post,
    Revisit,
    Source,
)
from listening.notices import telling as notices
from listening.revisits import housekeeping as revisits_due
from listening.revisits import reading
from listening.webhooks import telling
from listening.webhooks.receiving import WebhookDoor
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.faults.deliver_and_die import after, die
from tests.faults.forked import killed
from tests.listening.receiver import Receiver
from tests.listening.test_inbound_webhooks import MAPPING, REVIEW, _poll, _send
from tests.listening.test_notices import _address, _mail
from tests.networks.lighthouse import Lighthouse
from tests.networks.lighthouse_server import Tower
from tests.networks.test_revisit import hear, later
from tests.networks.test_tend import fresh, ready_reply, renewable

pytestmark = pytest.mark.django_db(transaction=True)
# What a worker does, and what is put in the place of one of its steps.
Step = tuple[Any, str, Callable[..., Any]]


def dies(work: Callable[[], Any], *steps: Step) -> None:
    """Let a worker do the work and die at a step."""

    def with_death() -> None:
        for where, name, instead in steps:
            setattr(where, name, instead(getattr(where, name)) if instead is after else instead)
        work()

    assert killed(with_death)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A program that is told what happens."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def inbound(acme: Cast) -> tuple[InboundWebhook, str]:
    """An address for reviews."""
    row, secret = webhooks.add_inbound_webhook(name="Reviews", by=acme.carla, at=clock.now())
    return webhooks.map_inbound_webhook(row, mapping=MAPPING, by=acme.carla, at=clock.now()), secret


def poll_when_free() -> None:
    """What the beat does when the lease of the dead has run out."""
    Source.objects.update(next_poll_at=clock.now(), lease_until=None)
    with acting_for(None):
        polling.poll_due(clock.now())


def and_nobody(work: Callable[[], Any]) -> Callable[[], Any]:
    """Do it for nobody's organization, as a task is begun."""

    def done() -> Any:
        with acting_for(None):
            return work()

    return done


@pytest.mark.parametrize(
    ("step", "stored"),
    [
        ((WebhookDoor, "_waiting", after), 0),
        ((polling, "ingest_all", die), 0),
        ((polling, "_settle", after), 0),
        ((polling, "_afterwards", die), 0),
        ((polling, "take_in", after), 2),
    ],
)
def test_what_was_sent_to_us_becomes_one_post(
    acme: Cast, inbound: tuple[InboundWebhook, str], step: Step, stored: int
) -> None:
    factories.query("acme")
    row, secret = inbound
    for number in range(2):
        said = {"review": {**REVIEW["review"], "key": number}}
        assert _send(row, secret, said, key=f"m{number}")[0] == 202
    Source.objects.update(next_poll_at=clock.now())
    dies(and_nobody(lambda: polling.poll_due(clock.now())), step)
    assert Post.objects.count() == stored
    for _visit in range(3):
        poll_when_free()
    assert Post.objects.count() == Mention.objects.count() == 2
    assert InboundBody.objects.count() == 2 and not InboundBody.objects.filter(taken_at=None).exists()


def test_what_was_stored_is_crossed_off_though_a_worker_died_over_it(
    acme: Cast, inbound: tuple[InboundWebhook, str]
) -> None:
    row, secret = inbound
    factories.query("acme")
    _send(row, secret, REVIEW)
    _poll()
    Source.objects.update(next_poll_at=clock.now())
    dies(and_nobody(lambda: polling.poll_due(clock.now())), (WebhookDoor, "_taken", die))
    assert InboundBody.objects.get().taken_at is None
    poll_when_free()
    assert InboundBody.objects.get().taken_at is not None and Mention.objects.count() == 1


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ((OutboundEvent.objects.__class__, "bulk_create", after), 1),
        ((telling, "claim_event", after), 1),
        ((telling, "sign", die), 1),
        ((telling, "_settle", die), 2),
        ((telling, "look_again", die), 2),
        ((telling, "_settle", after), 1),
    ],
    ids=["gathered", "claimed", "signed", "answered", "before commit", "committed"],
)
def test_what_is_told_to_a_program_arrives_under_one_id(acme: Cast, receiver: Receiver, step: Step, told: int) -> None:
    webhooks.add_outbound_webhook(
        name="Chat", url=receiver.url, events=["mention.captured"], by=acme.carla, at=clock.now()
    )
    factories.mention("Acme leaks")

    def work() -> None:
        telling.gather(at=clock.now())
        telling.tell_due(now=clock.now)

    if step[1] == "look_again":
        telling.gather(at=clock.now())
        dies(lambda: telling.tell_due(now=clock.now), step)
    else:
        dies(work, step)
    after_its_lease = later(minutes=2)
    telling.gather(at=after_its_lease())
    telling.tell_due(now=after_its_lease)
    event = OutboundEvent.objects.get()
    assert event.state == "taken" and len(receiver.got) == told
    assert {headers["webhook-id"] for headers, _body in receiver.got} == {event.key}
    assert telling.gather(at=after_its_lease()) == telling.tell_due(now=after_its_lease) == 0


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ((Notice.objects.__class__, "bulk_create", after), 1),
        ((notices.housekeeping, "claim_address", after), 1),
        ((notices, "message", die), 1),
        ((notices, "_settle", die), 2),
        ((notices, "look_again", die), 2),
        ((notices, "_settle", after), 1),
    ],
    ids=["gathered", "claimed", "written", "answered", "before commit", "committed"],
)
def test_a_notice_is_never_lost_and_told_again_only_where_nobody_knows(
    acme: Cast, receiver: Receiver, step: Step, told: int
) -> None:
    _address(acme.carla, receiver)
    _mail(acme.carla)

    def work() -> None:
        notices.gather(at=clock.now())
        notices.tell_due(now=clock.now)

    dies(work, step)
    after_its_lease = later(minutes=2)
    notices.gather(at=after_its_lease())
    notices.tell_due(now=after_its_lease)
    assert Notice.objects.get().state == "sent" and len(receiver.got) == told
    assert notices.gather(at=after_its_lease()) == notices.tell_due(now=after_its_lease) == 0


def test_a_worker_that_dies_before_it_asked_leaves_the_token_alone(
    acme: Cast, connected: Connection, tower: Tower
) -> None:
    renewable(connected, tower)
    issued = tower.renewals
    dies(lambda: tending.tend_due(now=clock.now), (tending, "claim_due", after))
    assert tending.tend_due(now=clock.now) == 0, "it is the dead one's for as long as its lease lasts"
    after_its_lease = later(seconds=LEASE.total_seconds() + 1)
    assert tending.tend_due(now=after_its_lease) == 1
    assert tower.renewals == issued + 1 and not tower.stolen and fresh(connected).state == "works"


@pytest.mark.parametrize("step", [(tending, "_offered", die), (tending, "_settle", die), (tending, "keep", die)])
def test_a_new_token_is_kept_before_anything_else_is_asked(
    acme: Cast, connected: Connection, tower: Tower, step: Step
) -> None:
    """Each refresh token works once: what came for it must not be lost with the worker that asked."""
    renewable(connected, tower)
    old = unsealed(fresh(connected).sealed)
    dies(lambda: tending.tend_due(now=clock.now), step)
    assert unsealed(fresh(connected).sealed) != old
    after_its_lease = later(seconds=LEASE.total_seconds() + 1)
    Connection.objects.update(check_due_at=clock.now(), renew_due_at=clock.now())
    assert tending.tend_due(now=after_its_lease) == 1
    assert not tower.stolen and fresh(connected).state == "works"


def test_a_token_that_died_with_its_worker_is_told_and_nothing_goes_missing(
    acme: Cast, connected: Connection, tower: Tower
) -> None:
    """Between the network's answer and its first line on our disk nobody can save it: a person connects again."""
    tower.say("Is Acme down?")
    row = ready_reply(acme)
    renewable(connected, tower)

    def taken(self: Lighthouse, *asked: Any) -> Any:
        granted(self, *asked)
        die()

    granted = Lighthouse.renew
    dies(lambda: tending.tend_due(now=clock.now), (Lighthouse, "renew", taken))
    for minutes in (5, 10, 15):
        tending.tend_due(now=later(minutes=minutes))
    found = fresh(connected)
    assert found.state == "withdrawn" and found.problem and found.told_at is not None
    row.refresh_from_db()
    assert row.state == "ready" and not tower.answers()


@pytest.mark.parametrize(
    ("step", "read"),
    [
        ((reading, "claim_revisits", after), False),
        ((reading, "_take_in", die), False),
        ((reading, "_settle", die), True),
        ((reading, "_settle", after), True),
    ],
    ids=["claimed", "read", "taken in", "settled"],
)
def test_an_edit_is_found_though_who_read_it_died(
    acme: Cast, connected: Connection, tower: Tower, step: Step, read: bool
) -> None:
    factories.query("acme")
    [edited, deleted] = hear(tower, "Is Acme down?", "Acme is late")
    tower.edit(edited, "Is Acme down again?")
    tower.delete(deleted)
    dies(lambda: reading.revisit_due(now=later(minutes=11)), step)
    assert Post.objects.filter(text="Is Acme down again?").exists() == read
    reading.revisit_due(now=later(minutes=11, seconds=revisits_due.LEASE.total_seconds() + 1))
    reading.revisit_due(now=later(hours=2))
    post = Post.objects.get(remote_id=edited)
    assert (post.text, post.revision_count) == ("Is Acme down again?", 2), "an edit is one, however often it was read"
    assert Post.objects.get(remote_id=deleted).withdrawn_at is not None
    assert list(Revisit.objects.values_list("post__remote_id", flat=True)) == [edited]
