"""Tending: checked and renewed by one worker at a time; only clear words withdraw, and what is good is never lost."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection as database

from engagement import outbox
from engagement.models import Reply
from listening import polling
from listening.access import access_for_channel
from listening.actions import connections as actions
from listening.connections.keeping import renewed, sealed, unsealed
from listening.connections.tending import ask_for, tend_due
from listening.models import Channel, Connection, Poll, Source
from listening.networks.connecting import Connected
from listening.networks.protocols import AccessExpired
from listening.way_out.way import TRIED_WITH_EXPIRED
from roles import clock
from roles.models import Mail
from tests import factories
from tests.cast import Cast
from tests.networks.lighthouse import Lighthouse
from tests.networks.lighthouse_server import Tower


def tend_now() -> int:
    """Make every connection due, and tend what is; returns how many were looked at."""
    Connection.objects.exclude(state="withdrawn").update(check_due_at=clock.now())
    return tend_due(now=clock.now)


def fresh(row: Connection) -> Connection:
    return Connection.objects.get(pk=row.pk)


def renewable(row: Connection, tower: Tower, *, lives: timedelta = timedelta(hours=1)) -> None:
    """Give a connection credentials that are renewed."""
    now = clock.now()
    Connection.objects.filter(pk=row.pk).update(
        sealed=sealed(tower.issue("acme")), expires_at=now + lives, renew_due_at=now
    )


def test_what_does_not_answer_is_in_trouble_and_goes_on(acme: Cast, connected: Connection, tower: Tower) -> None:
    tower.out_of_order = True
    waits = []
    for _time in range(8):
        assert tend_now() == 1
        row = fresh(connected)
        waits.append(row.check_due_at - clock.now())
    assert row.state == "trouble" and row.problem == "The tower is out of order."
    assert waits[-1] > waits[0] and waits[-1] < timedelta(hours=7)
    assert access_for_channel(Channel.objects.get(), at=clock.now()).credentials["token"] == "key-of-acme"
    assert Mail.objects.filter(kind="connection").count() == 2, "a coach and an owner are told, once"
    tower.out_of_order = False
    tend_now()
    assert (fresh(connected).state, fresh(connected).problem, fresh(connected).told_at) == ("works", "", None)


def test_two_clear_refusals_in_a_row_withdraw(acme: Cast, connected: Connection, tower: Tower, sign_in: Any) -> None:
    tower.forgets_tokens = True
    tend_now()
    assert fresh(connected).state == "trouble"
    tower.forgets_tokens, tower.out_of_order = False, True
    tend_now()
    tower.forgets_tokens, tower.out_of_order = True, False
    tend_now()
    assert fresh(connected).state == "trouble", "not in a row"
    tend_now()
    assert fresh(connected).state == "withdrawn"
    assert fresh(connected).sealed, "what was good is kept until a person says otherwise"
    told = Mail.objects.filter(kind="connection").values_list("member__user__name", "subject")
    assert sorted(told) == [(name, "“Lighthouse: @acme” has to be connected again") for name in ("Carla", "Olga")]
    calls = len(tower.calls)
    Source.objects.make_due(clock.now())
    assert polling.poll_due(clock.now()) == 0 and tend_now() == 0 and len(tower.calls) == calls
    for path in ("sources/", f"sources/{Source.objects.first().pk}/", "deliveries/"):  # type: ignore[union-attr]
        assert "has to be connected again" in sign_in(acme.carla).get(f"/o/acme/{path}").content.decode(), path


def test_a_good_token_is_never_replaced_by_an_empty_one(
    acme: Cast, connected: Connection, tower: Tower, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert renewed({"token": "a", "refresh": "b"}, {"token": "", "other": "c"}) == {
        "token": "a", "refresh": "b", "other": "c",
    }  # fmt: skip
    renewable(connected, tower)
    good = unsealed(fresh(connected).sealed)
    known = {"token": "", "refresh": ""}
    monkeypatch.setattr(Tower, "issue", lambda _tower, _who: known)
    tend_due(now=clock.now)
    assert unsealed(fresh(connected).sealed) == good


def test_credentials_of_somebody_else_are_not_taken(acme: Cast, connected: Connection, tower: Tower) -> None:
    tower.tokens["key-of-acme"] = "other"
    tend_now()
    assert fresh(connected).state == "trouble" and "This is @other" in fresh(connected).problem
    assert fresh(connected).account_id == "acme"


def test_credentials_are_renewed_before_they_run_out(acme: Cast, connected: Connection, tower: Tower) -> None:
    renewable(connected, tower)
    old = unsealed(fresh(connected).sealed)
    tend_due(now=clock.now)
    row = fresh(connected)
    assert unsealed(row.sealed) == {"token": "token-2", "refresh": "refresh-2"} != old
    assert row.renew_due_at is not None and clock.now() < row.renew_due_at < row.expires_at  # type: ignore[operator]


@pytest.mark.django_db(transaction=True)
def test_one_worker_at_a_time_renews(acme: Cast, connected: Connection, tower: Tower) -> None:
    """Each refresh token works once: two workers that used one both would lose the account."""
    renewable(connected, tower)
    tower.slow = 0.3
    organization = acme.organization

    def work() -> None:
        from roles.tenancy import acting_for

        with acting_for(organization):
            tend_due(now=clock.now)
        database.close()

    workers = [threading.Thread(target=work) for _worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert tower.renewals == 2 and not tower.stolen, "once made for the test, once renewed"
    assert fresh(connected).state == "works"


def test_a_lease_that_was_lost_writes_nothing(acme: Cast, connected: Connection, tower: Tower) -> None:
    """A person connects again while a worker is asking: what the worker brings is of no use any more."""
    renewable(connected, tower)
    again = {"address": tower.url, "key": "key-of-acme"}

    class Slow:
        def __init__(self) -> None:
            self.times = 0

        def __call__(self) -> datetime:
            self.times += 1
            if self.times == 2:
                actions.reconnect(connected, filled=again, by=acme.carla, at=clock.now())
            return clock.now()

    tend_due(now=Slow())
    assert unsealed(fresh(connected).sealed)["token"] == "key-of-acme"


def ready_reply(acme: Cast) -> Reply:
    channel = Channel.objects.get()
    author = factories.post("Is Acme down?").author
    about = factories.post("Is Acme down?", network="lighthouse", remote_id="1", author=author)
    mention = factories.mention(post=about, department=acme.care, state="routed")
    row = factories.assignment(department=acme.care, member=acme.rosa, mention=mention)
    from engagement.actions.replies import reply

    return reply(row, text="No, all is well.", channel=channel, by=acme.rosa, at=clock.now())


def test_a_reply_without_access_waits_and_goes_out_when_it_is_mended(
    acme: Cast, connected: Connection, tower: Tower
) -> None:
    tower.say("Is Acme down?")
    row = ready_reply(acme)
    Connection.objects.update(state="withdrawn", problem="The tower no longer knows us.")
    assert outbox.deliver_next(now=clock.now)
    row.refresh_from_db()
    assert row.state == "ready" and not row.deliveries.exists() and "has to be connected again" in row.problem
    assert not outbox.deliver_next(now=clock.now), "it waits"
    filled = {"address": tower.url, "key": "key-of-acme"}
    actions.reconnect(connected, filled=filled, by=acme.carla, at=clock.now())
    assert outbox.deliver_next(now=clock.now)
    row.refresh_from_db()
    assert row.state == "accepted" and [said["text"] for said in tower.answers()] == ["No, all is well."]


def test_a_reply_that_finds_its_access_expired_goes_out_once_it_is_renewed(
    acme: Cast, connected: Connection, tower: Tower
) -> None:
    tower.say("Is Acme down?")
    row = ready_reply(acme)
    renewable(connected, tower)
    Connection.objects.update(
        renew_due_at=clock.now() + timedelta(hours=1), expires_at=clock.now() + timedelta(hours=2), checked_at=None
    )
    tower.tokens.clear()
    assert outbox.deliver_next(now=clock.now)
    row.refresh_from_db()
    assert row.state == "ready" and [one.outcome for one in row.deliveries.all()] == ["expired"]
    assert fresh(connected).check_due_at <= clock.now(), "tended now"


def test_credentials_that_have_run_out_are_not_even_tried(acme: Cast, connected: Connection, tower: Tower) -> None:
    renewable(connected, tower, lives=timedelta(seconds=5))
    Connection.objects.update(renew_due_at=clock.now() + timedelta(hours=1), checked_at=None)
    calls = len(tower.calls)
    assert polling.poll_due(clock.now()) == 2 and len(tower.calls) == calls
    assert {poll.problem for poll in Poll.objects.all()} == {
        "The access of “Lighthouse: @acme” has run out and is being renewed."
    }
    assert Source.objects.filter(network_failures_in_row__gt=0).count() == 0
    assert tend_due(now=clock.now) == 1
    Source.objects.make_due(clock.now())
    assert polling.poll_due(clock.now()) == 2 and Source.objects.filter(problem="").count() == 2


def test_a_source_whose_credentials_are_refused_is_not_closed(acme: Cast, connected: Connection, tower: Tower) -> None:
    tower.forgets_tokens = True
    Connection.objects.update(checked_at=None, check_due_at=clock.now() + timedelta(hours=1))
    polling.poll_due(clock.now())
    assert set(Source.objects.values_list("state", flat=True)) == {"active"}
    assert fresh(connected).check_due_at <= clock.now(), "tended now"
    assert mail.outbox == []


def test_a_renewal_that_is_wished_for_in_the_past_is_made_once(
    acme: Cast, connected: Connection, tower: Tower, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by an adapter that renews half an hour before tokens run out that live for ten minutes."""
    renewable(connected, tower)
    granted = Lighthouse._granted

    def short(network: Lighthouse, *asked: Any) -> Connected:
        until = clock.now() + timedelta(minutes=10)
        return replace(granted(network, *asked), expires_at=until, renew_at=until - timedelta(minutes=30))

    monkeypatch.setattr(Lighthouse, "_granted", short)
    assert tend_due(now=clock.now) == 1
    row = fresh(connected)
    assert row.renew_due_at is not None and timedelta(minutes=4) < row.renew_due_at - clock.now() < timedelta(minutes=9)


def test_what_waits_for_a_connection_does_not_ask_in_its_stead(acme: Cast, connected: Connection, tower: Tower) -> None:
    tower.forgets_tokens = True
    tend_now()
    due = fresh(connected).check_due_at
    ask_for(connected, at=clock.now())
    assert fresh(connected).check_due_at == due and tend_due(now=clock.now) == 0
    assert fresh(connected).state == "trouble", "one hiccup does not withdraw"
    tower.forgets_tokens, tower.out_of_order = False, True
    for _time in range(7):
        tend_now()
    assert fresh(connected).check_due_at - clock.now() > timedelta(hours=2)
    for _time in range(3):
        ask_for(connected, at=clock.now())
        wait = fresh(connected).check_due_at - clock.now()
        assert timedelta(minutes=14) < wait <= timedelta(minutes=15), "sooner than it would be, and not now"


def test_a_network_that_calls_all_credentials_expired_comes_before_a_person(
    acme: Cast, connected: Connection, tower: Tower, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expired(*_said: Any) -> Any:
        raise AccessExpired("The key has run out.")

    row = ready_reply(acme)
    monkeypatch.setattr(Lighthouse, "reply", expired)
    waits = []
    for _attempt in range(TRIED_WITH_EXPIRED + 1):
        Reply.objects.update(next_attempt_at=clock.now())
        assert outbox.deliver_next(now=clock.now)
        row.refresh_from_db()
        waits.append((row.next_attempt_at - clock.now()).total_seconds())
    assert row.state == "refused" and row.put_before_person_at is not None and not outbox.deliver_next(now=clock.now)
    assert waits[0] < 31 and waits[10] > 500


def test_a_network_that_is_not_even_reached_got_nothing(acme: Cast, connected: Connection, tower: Tower) -> None:
    row = ready_reply(acme)
    Connection.objects.update(server="http://127.0.0.1:9")
    assert outbox.deliver_next(now=clock.now)
    row.refresh_from_db()
    assert row.state == "ready" and "refuses connections" in row.problem
    assert [str(one.sentence) for one in row.deliveries.all()] == ["Not sent: no connection to the network came about."]


def test_what_an_adapter_stumbles_over_is_not_written_into_logs(
    acme: Cast, connected: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "terces-eht"[::-1]

    async def broken(*_said: Any) -> Any:
        raise KeyError(f"https://feeds.example.org/?token={secret}")

    monkeypatch.setattr(Lighthouse, "read", broken)
    polling.poll_due(clock.now())
    assert "the-secret" not in caplog.text and "KeyError" in caplog.text and "test_tend.py" in caplog.text
