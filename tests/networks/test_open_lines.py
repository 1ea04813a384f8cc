"""Lines that stay open: a sign has a source read now, and nothing is lost where there is none."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from listening import networks, polling
from listening.actions.connections import connect
from listening.actions.sources import pause_source
from listening.models import Connection, OpenLine, Post, Source
from listening.networks.protocols import Access, NetworkError, RateLimited, Refused
from listening.open_lines import holding, housekeeping
from listening.open_lines.holding import Lines
from roles import clock
from tests.cast import Cast
from tests.faults.forked import killed
from tests.listening.networks.mail.servers import PASSWORD, mail_servers
from tests.networks.lighthouse import Lighthouse
from tests.networks.lighthouse_server import Tower
from tests.networks.mastodon.conftest import running, server  # noqa: F401 - fixtures


@dataclass
class Ringing(Lighthouse):
    """A network with a bell for each place."""

    lines: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    problem: Exception | None = None
    rings: int = 0

    async def hints(self, access: Access, place: str) -> AsyncIterator[None]:
        self.lines.append(access.credentials["token"])
        try:
            if self.problem is not None:
                raise self.problem
            heard = self.rings
            yield None
            while True:
                await asyncio.sleep(0.01)
                if self.rings > heard:
                    heard = self.rings
                    yield None
        finally:
            self.ended.append(place)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and take every sign."""
    monkeypatch.setattr(holding, "LOOKED_EVERY", 0.05)
    monkeypatch.setattr(holding, "HINTED_EVERY", 0.05)


@pytest.fixture
def bells(connected: Connection) -> Iterator[Ringing]:
    """The connected network has bells."""
    before = networks._registered()["lighthouse"]
    made = Ringing()
    networks._registered()["lighthouse"] = made  # type: ignore[assignment]
    yield made
    networks._registered()["lighthouse"] = before


@pytest.fixture
def place(connected: Connection) -> Source:
    """One place, which is not due for an hour."""
    row = connected.sources.order_by("pk")[0]
    connected.sources.exclude(pk=row.pk).delete()
    rest(row)
    return row


def rest(row: Source, **known: Any) -> None:
    Source.objects.filter(pk=row.pk).update(next_poll_at=clock.now() + timedelta(hours=1), lease_until=None, **known)


def is_due(row: Source) -> bool:
    row.refresh_from_db()
    return row.next_poll_at <= clock.now()


def held(*steps: Callable[[], Any], lines: Lines | None = None) -> Lines:
    """Hold lines while steps are taken one after the other, each in its turn between two looks, until it is true."""
    left, until = list(steps), time.monotonic() + 20
    lines = lines or Lines(now=clock.now)

    def look() -> Any:
        found = Lines._look(lines)
        while left and left[0]():
            left.pop(0)
        if not left or time.monotonic() > until:
            lines.end()
        return found

    lines._look = look  # type: ignore[method-assign]
    lines.hold()
    assert not left, "it did not come to pass"
    return lines


def line_of(row: Source) -> OpenLine:
    return OpenLine.objects.get(source=row)


def test_a_sign_has_a_source_read_now(bells: Ringing, place: Source) -> None:
    def ring() -> bool:
        rest(place)
        bells.rings += 1
        return True

    held(lambda: is_due(place) and line_of(place).opened_at, ring, lambda: is_due(place))
    assert line_of(place).last_hint_at is not None
    assert bells.lines == ["key-of-acme"] and bells.ended == ["mentions"]
    assert line_of(place).lease_key == "" and line_of(place).opened_at is None, "it is given back at the end"


def test_a_place_where_much_happens_is_read_so_often_at_most(
    bells: Ringing, place: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "HINTED_EVERY", 3600.0)

    def ring() -> bool:
        rest(place)
        bells.rings += 1
        return bells.rings > 5

    held(lambda: is_due(place), ring)
    assert not is_due(place)


def test_a_server_that_asked_for_a_rest_gets_it(bells: Ringing, place: Source) -> None:
    rest(place, rate_limits_in_row=1)
    held(lambda: line_of(place).last_hint_at)
    assert not is_due(place)


def test_lines_follow_sources_that_come_and_go(acme: Cast, bells: Ringing, place: Source) -> None:
    added: list[Source] = []

    def another() -> bool:
        pause_source(place, reason="", by=acme.carla, at=clock.now())
        added.append(Source.objects.create(network="lighthouse", place="dunes", connection=place.connection))
        return True

    held(
        lambda: line_of(place).opened_at,
        another,
        lambda: bells.ended == ["mentions"] and OpenLine.objects.filter(source=added[0], opened_at__isnull=False),
    )
    assert line_of(place).lease_until is None


def test_new_credentials_want_a_new_line(acme: Cast, bells: Ringing, place: Source, tower: Tower) -> None:
    def again() -> bool:
        tower.tokens["new-key"] = "acme"
        filled = {"address": tower.url, "key": "new-key"}
        connect(acme.organization, network="lighthouse", way="key", filled=filled, by=acme.carla, at=clock.now())
        return True

    # A look later the line is known by its credentials.
    held(lambda: line_of(place).opened_at, lambda: True, again, lambda: "new-key" in bells.lines and bells.ended)
    assert bells.lines[0] == "key-of-acme" and bells.ended[0] == place.place


def test_what_goes_through_a_withdrawn_connection_has_no_line(bells: Ringing, place: Source) -> None:
    def withdraw() -> bool:
        Connection.objects.update(state=Connection.State.WITHDRAWN)
        return True

    held(lambda: line_of(place).opened_at, withdraw, lambda: bells.ended)
    assert housekeeping.wanted_and_held(clock.now()) == (0, 0)


@pytest.mark.parametrize(
    ("problem", "least", "most"),
    [
        (NetworkError("The bell is broken."), 4, 6.1),
        (RateLimited("Not now.", wait=500), 499, 501),
        (Refused("There is no bell here."), 86_399, 86_401),
        (ZeroDivisionError(), 4, 6.1),
    ],
)
def test_a_line_that_breaks_is_made_anew_later(
    bells: Ringing, place: Source, problem: Exception, least: float, most: float
) -> None:
    bells.problem, before = problem, clock.now()
    held(lambda: line_of(place).problem)
    line = line_of(place)
    wait = (line.next_try_at - before).total_seconds()
    assert least <= wait <= most + 5 and line.failures_in_row == 1 and len(bells.lines) == 1
    assert not is_due(place) and Source.objects.get().problem == "", "polls go on as they were"


def test_waits_grow_and_begin_anew_after_a_good_line() -> None:
    lines, waits = Lines(now=clock.now), []
    for failures in (0, 1, 4, 30):
        housekeeping_failures = {7: failures}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(housekeeping, "failures", lambda _keys, told=housekeeping_failures: told)
            waits.append(lines._wait(7, None))
            assert lines._wait(7, None, lived=True) <= 6
    assert waits[0] <= 6 < waits[1] <= 12 < waits[2] < waits[3] <= 1080


def test_two_that_run_share_the_lines_and_one_takes_over_from_the_dead(bells: Ringing, place: Source) -> None:
    at = clock.now()
    assert housekeeping.claim("one", at=at, limit=10) == [place]
    assert housekeeping.claim("other", at=at, limit=10) == []
    assert list(housekeeping.hold("one", at=at)) == [place.pk] and housekeeping.hold("other", at=at) == {}
    later = at + housekeeping.LEASE + timedelta(seconds=1)
    assert housekeeping.claim("other", at=later, limit=10) == [place]
    assert housekeeping.hold("one", at=later) == {}, "who lost it lets go"
    housekeeping.ended("one", [housekeeping.Ended(place.pk, "Broken.", 5)], at=later)
    assert line_of(place).lease_key == "other" and line_of(place).problem == ""


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_loses_nothing(bells: Ringing, place: Source) -> None:
    def die() -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        return True

    assert killed(lambda: held(lambda: line_of(place).opened_at, die))
    assert line_of(place).is_open(clock.now()), "for as long as its lease says"
    at = clock.now() + housekeeping.LEASE
    assert housekeeping.wanted_and_held(at) == (1, 0)
    assert housekeeping.claim("another", at=at, limit=10) == [place]
    Source.objects.update(next_poll_at=clock.now())
    assert polling.poll_due(clock.now()) == 1


def said_meanwhile(say: Callable[[], Any], row: Callable[[], Source]) -> None:
    """Once the line stands and its first sign is taken, somebody says something: the source is due, and brings it."""

    def begin() -> bool:
        rest(row())
        threading.Thread(target=say, daemon=True).start()
        return True

    held(lambda: line_of(row()).opened_at and is_due(row()), begin, lambda: is_due(row()))
    assert polling.poll_due(clock.now()) == 1
    assert Post.objects.count() == 1


def test_the_stream_of_a_mastodon_server(acme: Cast, settings: Any, server: Any) -> None:  # noqa: F811 - a fixture
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    filled = {"server": server.address, "token": "brand_token"}
    connect(acme.organization, network="mastodon", way="token", filled=filled, by=acme.carla, at=clock.now())
    said_meanwhile(lambda: server.say("ada", "@brand is anybody there?"), Source.objects.get)


def test_a_mailbox_that_says_when_something_came(acme: Cast, settings: Any) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with mail_servers() as boxes:
        filled = {
            "address": "support@acme.example",
            "name": "Acme",
            "password": PASSWORD,
            "imap": f"none://127.0.0.1:{boxes.imap_port}",
            "smtp": f"none://127.0.0.1:{boxes.smtp_port}",
        }
        connect(acme.organization, network="mail", way="password", filled=filled, by=acme.carla, at=clock.now())
        mail = f"From: a@example.org\r\nMessage-ID: <1@x>\r\nDate: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S} +0000\r\n"
        said_meanwhile(lambda: boxes.put(f"{mail}\r\nHello.\r\n".encode()), Source.objects.get)


def test_the_page_and_the_api_say_how_a_line_fares(
    acme: Cast, sign_in: Any, api: Any, bells: Ringing, place: Source
) -> None:
    carla, program = sign_in(acme.carla), api(acme.carla)

    def shown() -> tuple[str, Any]:
        page = carla.get(f"/o/acme/sources/{place.pk}/").content.decode()
        return " ".join(page.split()), program.get(f"/api/v1/sources/{place.pk}/health/").json()["line"]

    page, line = shown()
    assert "none now; polls find everything" in page and line["opened_at"] is None
    at = clock.now()
    OpenLine.objects.create(source=place, opened_at=at, last_hint_at=at, next_try_at=at, lease_until=at + timedelta(30))
    page, line = shown()
    assert "open since" in page and line["opened_at"] is not None
    OpenLine.objects.update(opened_at=None, lease_until=None, problem="Broken.", next_try_at=at + timedelta(1))
    page, line = shown()
    assert "Broken. Polls find everything." in page and line["problem"] == "Broken."
    networks_page = carla.get("/o/acme/connections/add/").content.decode()
    assert "Say at once when something happens" in networks_page
    assert "on a page of their own, which stands in the menu: Webhook" in " ".join(networks_page.split())
