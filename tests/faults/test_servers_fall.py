"""Everything runs as in production, and its servers fall: the broker is emptied and killed, PostgreSQL restarted."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from threading import Event, Thread

import psycopg2
import pytest
import redis

from tests.faults.house import METRICS, House, heard
from tests.setup.test_compose import check, services
from tests.setup.test_instruments import read


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[House]:
    """One house for all falls: each must leave it in order for the next."""
    built = House(tmp_path_factory.mktemp("house"))
    yield built
    built.end()
    assert not list(built.var.glob("touchline-counts-*")), "who counts leaves nothing behind"


def test_the_health_checks_of_the_compose_file_pass(house: House) -> None:
    """Its commands are those that the house is started by (`tests/setup/test_compose.py`)."""
    for name, inside, port in (("web", "8000", house.listening.port), ("events", "8001", house.listening.events_port)):
        asked = [part.replace(inside, str(port)) for part in services()[name]["healthcheck"]["test"][1:]]
        subprocess.run([sys.executable, *asked[1:]], check=True, capture_output=True)
    house.until(lambda: list(house.var.glob("beat-schedule*")), "the schedule of beat")
    check(services()["beat"]["healthcheck"]["test"], house.var)


def test_all_processes_of_the_web_server_count_together(house: House) -> None:
    before = counted(house)
    for _ in range(40):  # each on a line of its own, so that both processes answer
        assert house.page("/health/") == 200
    assert counted(house) - before == 40 + 1  # and the first look itself
    assert len({path.name for path in house.var.glob("touchline-counts-*/histogram_*.db")}) >= 2


def counted(house: House) -> float:
    headers = {"Authorization": f"Bearer {METRICS}"}
    request = urllib.request.Request(f"{house.address}/metrics", headers=headers)
    found = read(urllib.request.urlopen(request, timeout=10).read().decode())
    return found.get(("touchline_request_seconds_count", "GET", "other", "2xx"), 0)


def test_a_broker_that_forgets_everything_costs_time_and_nothing_else(house: House) -> None:
    broker = redis.Redis.from_url(house.services.redis_url)

    def forgets_while_all_are_taken_in() -> bool:
        broker.flushall()
        house.answer("flushed")
        broker.flushall()
        return house.taken_in("flushed") == 8

    house.ask("flushed", 8)
    broker.flushall()
    house.until(forgets_while_all_are_taken_in, "the questions")
    house.answer("flushed")
    broker.flushall()
    house.until(lambda: house.is_answered("flushed", 8), "one answer to each")


def test_postgresql_falls_under_load(house: House) -> None:
    browser = house.signed_in()
    assert house.page("/o/acme/queue/", browser) == 200
    over = Event()

    def respond() -> None:
        while not over.wait(0.3):
            try:
                house.answer("restarted")
                house.settle()
            except (psycopg2.Error, OSError):
                continue

    responder = Thread(target=respond, daemon=True)
    responder.start()
    try:
        house.ask("restarted", 10)
        house.until(lambda: house.taken_in("restarted") > 0, "the first question")
        house.services.restart("postgresql")
        # Every thread of the web has a connection that died: none of them may show that to a person.
        assert [house.page("/o/acme/queue/", browser) for _ in range(10)] == [200] * 10
        house.ask("restarted", 20)
        house.until(lambda: any(row[4] for row in house.fate("restarted")), "the first answer")
        house.services.kill("postgresql")
        house.services.start()
        assert [house.page("/o/acme/queue/", browser) for _ in range(10)] == [200] * 10

        def answered() -> bool:
            house.let_time_pass()
            return house.is_answered("restarted", 20)

        # Each look sends tasks to the worker: ten in a second would keep it busy with nothing else.
        house.until(answered, "one answer to each", every=1)
    finally:
        over.set()
        responder.join(20)


def test_pages_do_without_the_broker_and_everyone_finds_it_again(house: House) -> None:
    browser = house.signed_in()
    house.ask("alone", 4)
    house.until(lambda: house.taken_in("alone") == 4, "the questions")
    with house.follow() as stream:
        house.services.kill("valkey")
        for path in ("queue/", "stream/", "practice/", "team/", "queue/"):
            assert house.page(f"/o/acme/{path}", browser) in {200, 403}, path
        assert house.answer("alone") == 4
        house.services.start()
        assert heard(stream, wanted=[b"everything"])
        house.until(lambda: house.is_answered("alone", 4), "one answer to each")
        house.ask("together", 1)
        assert heard(stream, wanted=[b"queue", b"stream"])
    house.until(lambda: house.answer("together") or house.is_answered("together", 1), "an answer by the old way")
