"""Limits: one budget for all workers, asked before each call and fed after it; nothing sleeps."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database

from engagement import outbox
from listening import networks, polling
from listening.access import access_for_channel, access_for_source
from listening.connections.rates import Whose, ask, feed, spend
from listening.connections.remembering import Memory
from listening.connections.words import connectable
from listening.models import Channel, Connection, RateLimit, Source
from listening.networks.http import Http
from listening.networks.limits import Left, Quota, budget
from listening.networks.mastodon.client import server_of
from listening.networks.protocols import Access, RateLimited, Unreachable
from roles import clock
from tests.cast import Cast
from tests.networks.lighthouse_server import Tower
from tests.networks.test_tend import ready_reply

HOST = Whose("anywhere", host="api.example.org")


@pytest.mark.django_db(transaction=True)
def test_with_ten_left_thirty_callers_make_ten_calls() -> None:
    """On four connections to the database: no two take the same one."""
    feed(HOST, [Left(10, 100, 300)], at=clock.now())
    took: list[int] = []
    refused: list[float] = []
    gate = threading.Barrier(4)

    def worker(callers: int) -> None:
        gate.wait()
        for caller in range(callers):
            try:
                ask(HOST, at=clock.now())
            except RateLimited as problem:
                refused.append(problem.wait or 0)
            else:
                took.append(caller)
                # Each is answered at once, with what the server knew when it was asked.
                feed(HOST, [Left(10, 100, 300)], at=clock.now())
        database.close()

    workers = [threading.Thread(target=worker, args=(callers,)) for callers in (8, 8, 7, 7)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert (len(took), len(refused)) == (10, 20)
    assert all(290 < wait <= 300 for wait in refused)


def test_nothing_known_stops_nobody(db: None) -> None:
    ask(HOST, at=clock.now())
    assert not RateLimit.objects.exists()


def test_it_is_full_again_when_its_window_ends(db: None) -> None:
    at = clock.now()
    feed(HOST, [Left(0, 100, 60, 60)], at=at)
    with pytest.raises(RateLimited) as problem:
        ask(HOST, at=at + timedelta(seconds=20))
    assert problem.value.wait == 40
    ask(HOST, at=at + timedelta(seconds=61))
    row = RateLimit.objects.get()
    assert (row.remaining, row.resets_at) == (99, at + timedelta(seconds=121))


def test_a_wait_that_was_asked_for_closes_the_bucket_alone(db: None) -> None:
    at = clock.now()
    feed(HOST, [], bucket="media", wait=30, at=at)
    ask(HOST, at=at)
    with pytest.raises(RateLimited):
        ask(HOST, bucket="media", at=at)
    ask(HOST, bucket="media", at=at + timedelta(seconds=31))


def test_a_quota_that_nobody_tells_is_counted_by_cost(db: None) -> None:
    at, quota = clock.now(), Quota(100, zone="America/Los_Angeles")
    ask(HOST, bucket="units", cost=50, quota=quota, at=at)
    ask(HOST, bucket="units", cost=50, quota=quota, at=at)
    with pytest.raises(RateLimited) as problem:
        ask(HOST, bucket="units", cost=1, quota=quota, at=at)
    ask(HOST, bucket="units", cost=50, quota=quota, at=at + timedelta(seconds=(problem.value.wait or 0) + 1))
    assert RateLimit.objects.get().remaining == 50


def test_percent_are_not_counted_down(db: None) -> None:
    at = clock.now()
    feed(HOST, [Left(2, 100, name="pages", is_share=True)], at=at)
    for _call in range(5):
        ask(HOST, at=at)
    feed(HOST, [Left(0, 100, 600, name="pages", is_share=True)], at=at)
    with pytest.raises(RateLimited):
        ask(HOST, at=at)
    # What was said last counts, though it is more than before.
    feed(HOST, [Left(40, 100, 600, name="pages", is_share=True)], at=at)
    ask(HOST, at=at)


def test_what_is_given_back_is_never_more_than_there_was(db: None) -> None:
    at, most = clock.now(), budget(1000)
    assert spend(HOST, 200, least=200, budget=most, at=at) == 200
    spend(HOST, -150, least=-150, budget=most, at=at)
    assert RateLimit.objects.get().remaining == 950
    spend(HOST, -400, least=-400, budget=most, at=at)
    assert RateLimit.objects.get().remaining == 1000


def test_who_says_another_sum_leaves_what_was_spent_as_it_is(db: None) -> None:
    at = clock.now()
    spend(HOST, 800, least=800, budget=budget(1000), at=at)
    assert spend(HOST, 1000, least=1, budget=budget(1500), at=at) == 700
    with pytest.raises(RateLimited):
        spend(HOST, 1, least=1, budget=budget(600), at=at)


def test_what_is_left_is_shown_and_shared_by_all_that_goes_through_a_connection(
    acme: Cast, tower: Tower, connected: Connection, sign_in: Any
) -> None:
    tower.left = 3
    polling.poll_due(clock.now())
    row = RateLimit.objects.get()
    assert (row.connection, row.remaining, row.most) == (connected, 1, 100)
    client = sign_in(acme.carla)
    for path in (f"{connected.pk}/", "limits/"):
        assert "1 of 100" in " ".join(client.get(f"/o/acme/connections/{path}").content.decode().split()), path
    http = access_for_channel(Channel.objects.get(), at=clock.now()).http
    http.request("GET", f"{tower.url}/whoami")
    calls = len(tower.calls)
    Source.objects.make_due(clock.now())
    polling.poll_due(clock.now())
    tower.posts["1"] = {"gone": False}
    reply = ready_reply(acme)
    assert outbox.deliver_next(now=clock.now)
    reply.refresh_from_db()
    assert len(tower.calls) == calls, "nobody asks where nothing is left"
    assert reply.state == "ready" and [one.outcome for one in reply.deliveries.all()] == ["rate_limited"]
    assert set(Source.objects.values_list("rate_limits_in_row", flat=True)) == {1}
    assert Source.objects.filter(next_poll_at__lt=clock.now() + timedelta(seconds=100)).count() == 0
    assert "waits" in client.get("/o/acme/connections/limits/").content.decode()


def test_limits_of_servers_are_shown_to_who_reads_them(acme: Cast, sign_in: Any) -> None:
    for host in ("tower.example", "elsewhere.example"):
        RateLimit.objects.create(
            network="feed", host=host, bucket="pages", most=60, remaining=12, told_at=clock.now()
        )  # fmt: skip
    Source.objects.create(network="feed", place="https://tower.example/feed")
    page = sign_in(acme.carla).get("/o/acme/connections/limits/").content.decode()
    assert "tower.example" in page and "12 of 60" in " ".join(page.split()) and "elsewhere.example" not in page


@pytest.mark.parametrize("status", [429, 503])
def test_an_answer_that_asks_to_wait_closes_it_for_all(
    acme: Cast, tower: Tower, connected: Connection, status: int
) -> None:
    tower.wait, tower.asks_to_wait_by = 120, status
    polling.poll_due(clock.now())
    assert RateLimit.objects.get().is_closed(clock.now() + timedelta(seconds=100))
    tower.wait, calls = 0, len(tower.calls)
    with pytest.raises(RateLimited):
        access_for_channel(Channel.objects.get(), at=clock.now()).http.request("GET", f"{tower.url}/whoami")
    assert len(tower.calls) == calls


def test_a_window_of_millions_of_years_is_a_month(db: None) -> None:
    at = clock.now()
    feed(HOST, [Left(0, 100, 1e15, 1e15)], at=at)
    row = RateLimit.objects.get()
    assert row.resets_at == at + timedelta(days=31) and row.window_seconds == 31 * 86_400


def test_networks_without_a_sign_in_are_counted_for_whoever_asks_from_here(acme: Cast, sign_in: Any) -> None:
    for name, place, bucket, most in (
        ("stack_exchange", "stackoverflow: acme", "", 300), ("hacker_news", "acme", "searches", 10_000),
    ):  # fmt: skip
        source = Source.objects.create(network=name, place=place)
        http = access_for_source(source, at=clock.now()).http
        http._ask(bucket, 1)
        row = RateLimit.objects.get(network=name)
        assert (row.connection, row.host, row.remaining) == (None, networks.get(name).limited_at, most - 1)
    page = " ".join(sign_in(acme.carla).get("/o/acme/connections/limits/").content.decode().split())
    assert "api.stackexchange.com" in page and "299 of 300" in page and "hn.algolia.com" in page
    Source.objects.filter(network="hacker_news").delete()
    assert "hn.algolia.com" not in sign_in(acme.carla).get("/o/acme/connections/limits/").content.decode()


def test_calls_of_one_limit_leave_the_others_alone() -> None:
    """As Mastodon has it: its headers tell of the limit that the call takes from, such as of thirty files."""
    asked: list[tuple[str, str, str]] = []

    class Listening(Http):
        def request(self, method: str, url: str, **options: Any) -> Any:
            asked.append((method, url.rpartition("/api")[2], options.get("bucket", "")))
            raise Unreachable("Nobody is there.")

    there = server_of(Access(http=Listening(), server="https://social.example", credentials={"token": "t"}))
    for method, path in (
        ("POST", "/api/v2/media"), ("POST", "/api/v1/statuses"), ("DELETE", "/api/v1/statuses/7"),
        ("DELETE", "/api/v1/scheduled_statuses/7"),
    ):  # fmt: skip
        with pytest.raises(Unreachable):
            there.send(method, path)
    with pytest.raises(Unreachable):
        there.upload("/api/v2/media", b"", "image/png")
    with pytest.raises(Unreachable):
        there.get("/api/v1/statuses/7")
    assert [bucket for _method, _path, bucket in asked] == ["media", "posts", "deletions", "", "media", ""]


def test_what_an_adapter_remembers_is_of_its_connection(acme: Cast) -> None:
    memory, other = Memory(1), Memory(2)
    memory["media one"] = "m1"
    assert memory["media one"] == "m1" and other.get("media one") is None
    memory["long"] = "x" * 3_000
    assert memory.pop("media one") == "m1" and memory.get("media one", "") == memory.get("long", "") == ""


def test_what_is_whole_is_full_now_and_limits_have_words(acme: Cast, connected: Connection, sign_in: Any) -> None:
    whose = Whose(connected.network, connection_id=connected.pk)
    feed(whose, [Left(30, 30, 1800)], bucket="media", at=clock.now())
    shown = " ".join(sign_in(acme.carla).get(f"/o/acme/connections/{connected.pk}/").content.decode().split())
    row = shown[shown.index('data-label="Limit"> Media') :]
    assert "30 of 30" in row[:400] and 'data-label="Full again"> now' in row[:400], row[:400]


def test_who_cannot_speak_says_nothing_of_what_came_of_it() -> None:
    can = {one.name: one.can for one in connectable()}
    assert "Tell what came of answers" in can["mastodon"] and "Tell what came of answers" not in can["youtube"]
