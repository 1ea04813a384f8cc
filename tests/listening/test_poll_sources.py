"""Claiming, visiting and settling, on real servers on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from listening import polling
from listening.health.housekeeping import forget_old_polls
from listening.housekeeping import LEASE, Claim, claim_due
from listening.models import Mention, Poll, Post, PracticeAccount, Source
from listening.practice_field import actions as practice_field
from listening.signals import mentions_captured
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.listening.servers import FeedServer, feed

NOW = datetime(2026, 4, 10, 12, 0, tzinfo=clock.now().tzinfo)
HOUR = timedelta(hours=1)


@pytest.fixture
def server(settings: Settings) -> Iterator[FeedServer]:
    """A server of feeds that is the operator's own."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with FeedServer() as running:
        yield running


def poll(at: datetime | None = None) -> int:
    return polling.poll_due(at or clock.now())


def due_again() -> None:
    Source.objects.update(next_poll_at=clock.now() - timedelta(seconds=1))


def last_poll(source: Source) -> Poll:
    return Poll.objects.filter(source=source).order_by("-pk")[0]


def test_a_poll_takes_everything_and_the_next_one_nothing(acme: Cast, server: FeedServer) -> None:
    server.documents["/feed"] = feed("One", "Two")
    source = factories.source(place=server.url("/feed"), name="")
    factories.query("one")
    assert poll() == 1
    source.refresh_from_db()
    first = last_poll(source)
    assert (first.outcome, first.status, first.seen, first.new, first.problem) == ("taken", 200, 2, 2, "")
    assert (source.name, source.lease_key, source.lease_until, source.problem) == ("A feed", "", None, "")
    assert source.last_success_at is not None
    assert source.next_poll_at > clock.now() + timedelta(minutes=10)
    assert Mention.objects.count() == 1
    assert poll() == 0
    due_again()
    assert poll() == 1
    second = last_poll(source)
    assert (second.outcome, second.status, second.new) == ("unchanged", 304, 0)
    server.validators = False
    due_again()
    poll()
    third = last_poll(source)
    assert (third.outcome, third.seen, third.new, third.revised) == ("taken", 2, 0, 0)
    assert Post.objects.count() == 2


def test_what_was_cut_off_has_no_validator_kept(
    acme: Cast, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.documents["/feed"] = feed("One", "Two", "Three")
    source = factories.source(place=server.url("/feed"))
    with monkeypatch.context() as patched:
        patched.setattr("listening.networks.feed.parse.MOST_ENTRIES", 2)
        poll()
    source.refresh_from_db()
    assert last_poll(source).gap
    assert last_poll(source).problem
    assert "etag" not in source.cursor
    assert Post.objects.count() == 2
    due_again()
    poll()
    assert Post.objects.count() == 3


@pytest.mark.parametrize(
    ("answer", "outcome", "counter"),
    [
        ((500, b""), "unreachable", "network_failures_in_row"),
        ((404, b""), "refused", "network_failures_in_row"),
        ((200, b"This is no feed."), "unreadable", "parse_failures_in_row"),
        ((429, b""), "rate_limited", "rate_limits_in_row"),
    ],
)
def test_failures_are_counted_apart_and_never_switch_a_source_off(
    acme: Cast, server: FeedServer, answer: tuple[int, bytes], outcome: str, counter: str
) -> None:
    source = factories.source(place=server.url("/feed"))
    waits = []
    for turn in range(1, 8):
        server.answers["/feed"] = answer
        due_again()
        poll()
        source.refresh_from_db()
        assert last_poll(source).outcome == outcome
        assert last_poll(source).problem == source.problem != ""
        assert (getattr(source, counter), source.failures_in_row) == (turn, turn)
        assert source.state == Source.State.ACTIVE
        waits.append((source.next_poll_at - clock.now()).total_seconds())
    assert waits[-1] > 4 * waits[0] or outcome == "rate_limited"
    del server.answers["/feed"]
    server.documents["/feed"] = feed("One")
    due_again()
    poll()
    source.refresh_from_db()
    assert (source.failures_in_row, source.problem) == (0, "")


def test_retry_after_is_obeyed(acme: Cast, server: FeedServer) -> None:
    source = factories.source(place=server.url("/feed"))
    server.answers["/feed"] = (429, b"")
    server.headers = {"Retry-After": "7200"}
    poll()
    source.refresh_from_db()
    assert source.next_poll_at >= clock.now() + timedelta(seconds=7190)


def test_a_place_that_is_gone_is_closed_with_a_reason(acme: Cast, server: FeedServer) -> None:
    source = factories.source(place=server.url("/feed"))
    server.answers["/feed"] = (410, b"")
    poll()
    source.refresh_from_db()
    assert source.state == Source.State.CLOSED
    assert "410" in source.state_reason
    assert last_poll(source).outcome == "gone"
    due_again()
    assert poll() == 0


def test_a_move_for_good_is_followed_the_third_time(acme: Cast, server: FeedServer) -> None:
    server.documents["/new"] = feed("One")
    server.moves["/old"] = "/new"
    source = factories.source(place=server.url("/old"))
    for turn in range(1, 5):
        due_again()
        poll()
        source.refresh_from_db()
        assert (source.place == server.url("/new")) is (turn >= 3)
    assert Post.objects.count() == 1
    assert (source.moved_to, source.moved_in_row) == ("", 0)


def test_a_move_to_a_place_that_is_a_source_already_closes(acme: Cast, server: FeedServer) -> None:
    server.documents["/new"] = feed("One")
    server.moves["/old"] = "/new"
    factories.source(place=server.url("/new"))
    source = factories.source(place=server.url("/old"), moved_to=server.url("/new"), moved_in_row=2)
    poll()
    source.refresh_from_db()
    assert source.state == Source.State.CLOSED
    assert "is a source already" in source.state_reason


def test_private_addresses_end_in_a_plain_reason(acme: Cast, server: FeedServer, settings: Settings) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    source = factories.source(place=server.url("/feed"))
    poll()
    assert last_poll(source).outcome == "refused"
    assert "private" in last_poll(source).problem
    assert server.requests == []


def test_one_adapter_that_fails_leaves_the_others_alone(
    acme: Cast, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from listening.networks import get

    server.documents["/feed"] = feed("One")
    broken = factories.source(network="practice", place="everything")
    factories.source(place=server.url("/feed"))

    async def fail(*_args: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(get("practice"), "read", fail, raising=False)
    assert poll() == 2
    assert last_poll(broken).outcome == "unreadable"
    assert Post.objects.count() == 1


def test_a_network_that_was_taken_out_leaves_the_others_alone(acme: Cast, server: FeedServer) -> None:
    server.documents["/feed"] = feed("One")
    orphan = factories.source(network="nowhere-now", place="everything")
    factories.source(place=server.url("/feed"))
    assert poll() == 2
    assert last_poll(orphan).outcome == "refused" and "nowhere-now" in last_poll(orphan).problem
    orphan.refresh_from_db()
    assert orphan.lease_until is None and orphan.next_poll_at > clock.now()
    assert Post.objects.count() == 1


def test_one_source_that_cannot_be_stored_leaves_the_others_alone(acme: Cast, server: FeedServer) -> None:
    server.documents["/bad"], server.documents["/feed"] = feed("Bad acme"), feed("Good acme")
    bad = factories.source(place=server.url("/bad"))
    good = factories.source(place=server.url("/feed"))
    factories.query("acme")

    def fail_on_one(sender: Any, mentions: list[Mention], **_rest: Any) -> None:
        if any(mention.post.title == "Bad acme" for mention in mentions):
            raise ValueError("unexpected")

    mentions_captured.connect(fail_on_one)
    try:
        assert poll() == 2
    finally:
        mentions_captured.disconnect(fail_on_one)
    assert (last_poll(bad).outcome, last_poll(good).outcome) == ("unreadable", "taken")
    assert [post.title for post in Post.objects.all()] == ["Good acme"]
    bad.refresh_from_db()
    assert (bad.cursor, bad.lease_until) == ({}, None)
    due_again()
    poll()
    assert Mention.objects.count() == 2


def test_sources_of_all_organizations_are_claimed_once(acme: Cast) -> None:
    factories.source(network="practice", place="everything")
    with acting_for(acme.elsewhere):
        factories.source(network="practice", place="everything")
    at = clock.now() + timedelta(seconds=1)
    claims = claim_due(at)
    assert {claim.source.organization for claim in claims} == {acme.organization, acme.elsewhere}
    assert claim_due(at) == []
    assert len(claim_due(at + LEASE)) == 2


def test_a_lost_lease_stores_no_cursor_and_its_poll_died(acme: Cast, server: FeedServer) -> None:
    server.documents["/feed"] = feed("One")
    source = factories.source(place=server.url("/feed"))
    at = clock.now() + timedelta(seconds=1)
    [lost] = claim_due(at)
    [held] = claim_due(at + LEASE)
    polling.poll_batch([lost], at=at)
    source.refresh_from_db()
    assert source.cursor == {}
    assert source.lease_key == held.lease_key
    assert Poll.objects.get(pk=lost.poll_id).outcome == "died"
    assert Poll.objects.get(pk=lost.poll_id).problem
    polling.poll_batch([held], at=at + LEASE)
    source.refresh_from_db()
    assert source.cursor["etag"]
    assert Post.objects.count() == 1
    assert Poll.objects.get(pk=held.poll_id).outcome == "taken"


def test_a_long_visit_holds_its_lease_and_a_dead_one_does_not(
    acme: Cast, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "HELD_EVERY", 0.01)
    server.documents |= {"/quick": feed("One"), "/slow": feed("Two")}
    factories.source(place=server.url("/quick"))
    slow = factories.source(place=server.url("/slow"))
    at = clock.now() + timedelta(seconds=1)
    claims = {claim.source.pk: claim for claim in claim_due(at)}
    server.slow.add("/slow")
    hold = polling.hold
    leases: list[datetime | None] = []

    def watched(held: list[Claim], *, at: datetime) -> None:
        hold(held, at=at)
        slow.refresh_from_db()
        leases.append(slow.lease_until)
        if len(leases) == 3:
            server.slow.clear()

    monkeypatch.setattr(polling, "hold", watched)
    polling.poll_batch(list(claims.values()), at=at + LEASE / 2)
    assert min(filter(None, leases)) >= at + LEASE * 1.5
    assert leases == sorted(leases)  # type: ignore[type-var]
    assert set(Poll.objects.values_list("outcome", flat=True)) == {"taken"}


def test_a_lease_that_was_lost_is_not_held_again(acme: Cast) -> None:
    source = factories.source(network="practice", place="everything")
    at = clock.now() + timedelta(seconds=1)
    [lost] = claim_due(at)
    claim_due(at + LEASE)
    source.refresh_from_db()
    held_until = source.lease_until
    polling.hold([lost], at=at + LEASE * 3)
    source.refresh_from_db()
    assert source.lease_until == held_until == at + LEASE * 2


def test_paused_and_closed_sources_are_left_alone(acme: Cast) -> None:
    factories.source(network="practice", place="one", state="paused")
    factories.source(network="practice", place="two", state="closed")
    assert claim_due(clock.now() + timedelta(days=1)) == []


def test_a_hint_during_a_visit_is_not_lost(acme: Cast) -> None:
    source = factories.source(network="practice", place="everything")
    [claim] = claim_due(clock.now() + timedelta(seconds=1))
    asked_at = clock.now()
    Source.objects.update(next_poll_at=asked_at)
    polling.poll_batch([claim], at=clock.now())
    source.refresh_from_db()
    assert source.next_poll_at == asked_at


def test_old_polls_are_forgotten(acme: Cast) -> None:
    source = factories.source()
    for days, outcome in ((40, "taken"), (5, "taken"), (5, "unchanged"), (0, "unchanged")):
        at = NOW - timedelta(days=days)
        Poll.objects.create(source=source, started_at=at, finished_at=at, outcome=outcome)
    forget_old_polls(NOW)
    assert sorted(Poll.objects.values_list("outcome", flat=True)) == ["taken", "unchanged"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_work(acme: Cast, server: FeedServer) -> None:
    from django.db import connections

    sources = 60
    for number in range(sources):
        server.documents[f"/{number}"] = feed(f"Entry {number}")
        factories.source(place=server.url(f"/{number}"))

    def work() -> None:
        try:
            poll()
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(server.requests) == sorted(f"/{number}" for number in range(sources))
    assert Post.objects.count() == Poll.objects.filter(outcome="taken").count() == sources


def test_what_is_due_keeps_its_place_however_much_is_said_there(acme: Cast) -> None:
    field = factories.source(network="practice", place="everything", next_poll_at=NOW - HOUR)
    other = factories.source(next_poll_at=NOW + HOUR)
    account = PracticeAccount.objects.create(handle="pablo", name="Pablo Herrera")
    practice_field.post(account, text="And again!", by=None, at=NOW)
    assert Source.objects.make_due(NOW) == 1
    field.refresh_from_db()
    other.refresh_from_db()
    assert (field.next_poll_at, other.next_poll_at) == (NOW - HOUR, NOW)
