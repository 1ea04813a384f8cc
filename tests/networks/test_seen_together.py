"""Whether answers stand there is asked of many at once where a network tells; what it does not name is looked for."""

from __future__ import annotations

from collections import Counter

from engagement import outbox
from engagement.actions.replies import reply
from engagement.models import Reply
from listening.models import Channel, Connection
from listening.way_out.housekeeping import LOOKS, SEEN_LOOKS
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.engagement.writing import Time, deliver
from tests.networks.lighthouse_server import Tower


def answered(acme: Cast, tower: Tower, now: Time, count: int) -> None:
    """Answer so many questions, and let the answers go out."""
    for number in range(count):
        about = factories.post("Is it down?", network="lighthouse", remote_id=tower.say("Is it down?"))
        mention = factories.mention(post=about, department=acme.care, state="routed")
        row = factories.assignment(department=acme.care, member=acme.rosa, mention=mention)
        reply(row, text=f"No, {number}.", channel=Channel.objects.get(), by=acme.rosa, at=now())
    deliver(now)
    assert Reply.objects.filter(state="accepted", seen_at=None).count() == count


def look_once(now: Time) -> None:
    now.pass_by(30)
    with acting_for(None):
        assert outbox.look_next(now=now)


def outcomes(kind: str = "look") -> Counter[tuple[str, str]]:
    rows = Reply.objects.filter(deliveries__kind=kind).values_list("remote_id", "deliveries__outcome")
    return Counter(rows)


def test_many_are_seen_by_one_call(acme: Cast, connected: Connection, tower: Tower) -> None:
    now = Time()
    answered(acme, tower, now, 4)
    gone = Reply.objects.latest("pk")
    tower.delete(gone.remote_id)
    before = len(tower.calls)
    look_once(now)
    assert len(tower.calls) - before == 2, "one for all, and one for what it did not name"
    seen = Reply.objects.exclude(seen_at=None)
    assert seen.count() == 3 and gone not in seen
    assert set(outcomes().values()) == {1} and (gone.remote_id, "absent") in outcomes()
    with acting_for(None):
        assert not outbox.look_next(now=now), "nothing is asked twice"


def test_a_network_that_does_not_answer_is_asked_once_for_all(acme: Cast, connected: Connection, tower: Tower) -> None:
    now = Time()
    answered(acme, tower, now, 3)
    tower.out_of_order = True
    before = len(tower.calls)
    look_once(now)
    assert len(tower.calls) - before == 1 and [key for _id, key in outcomes()] == ["failed"] * 3
    tower.out_of_order = False
    now.pass_by(300)
    look_once(now)
    assert not Reply.objects.filter(seen_at=None).exists()


def test_a_network_that_never_answers_is_not_said_to_show_it_not(
    acme: Cast, connected: Connection, tower: Tower
) -> None:
    now = Time()
    answered(acme, tower, now, 1)
    tower.out_of_order = True
    for _look in range(len(LOOKS) - 1 + SEEN_LOOKS):
        assert Reply.objects.get().problem == ""
        now.pass_by(LOOKS[-1])
        look_once(now)
    sent = Reply.objects.get()
    assert sent.state == "accepted" and sent.seen_at is None
    assert sent.problem == "The network took it, but does not tell whether it can be seen there."
    now.pass_by(LOOKS[-1])
    with acting_for(None):
        assert not outbox.look_next(now=now)


def test_a_network_that_is_back_in_time_shows_it(acme: Cast, connected: Connection, tower: Tower) -> None:
    now = Time()
    answered(acme, tower, now, 2)
    tower.out_of_order = True
    for _look in range(SEEN_LOOKS):
        now.pass_by(LOOKS[-1])
        look_once(now)
    tower.out_of_order = False
    now.pass_by(LOOKS[-1])
    look_once(now)
    assert not Reply.objects.filter(seen_at=None).exists()


def test_what_is_unknown_is_looked_for_by_its_key(acme: Cast, connected: Connection, tower: Tower) -> None:
    now = Time()
    answered(acme, tower, now, 2)
    Reply.objects.filter(pk=Reply.objects.latest("pk").pk).update(state="unknown", remote_id="")
    for _time in range(2):
        look_once(now)
    assert Reply.objects.filter(state="accepted").exclude(seen_at=None).exclude(remote_id="").count() == 2
