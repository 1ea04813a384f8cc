"""A dead source does not look alive: silence is seen, days are counted, and a missing worker is said at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from listening import polling
from listening.actions.sources import change_source
from listening.health import workers
from listening.health.history import columns, days_of
from listening.health.housekeeping import forget_old_polls, record_days
from listening.housekeeping import claim_due
from listening.models import Poll, Source, SourceDay
from listening.networks.protocols import AccessWithdrawn
from listening.polling import Visit
from listening.verdicts import on_page
from roles import clock, live
from roles.live import beat_once, broker_age
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast
from tests.conftest import ApiClient
from tests.listening.pages import NOW, page, remote

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def every(gap: timedelta, count: int = 12, *, until: datetime = NOW) -> Any:
    return page(*(remote(number, published_at=until - gap * number) for number in range(count)))


def test_the_usual_time_is_that_of_nine_in_ten(acme: Cast) -> None:
    source = factories.source()
    assert on_page(source, every(HOUR), at=NOW).usual_seconds == 3600
    once_late = page(*(remote(n, published_at=NOW - HOUR * n - (DAY * 5 if n > 10 else DAY * 0)) for n in range(12)))
    assert on_page(source, once_late, at=NOW).usual_seconds == 3600
    assert on_page(source, page(remote(1)), at=NOW).usual_seconds is None


@pytest.mark.parametrize(
    ("usual", "hours", "quiet", "expected"),
    [
        (3600, None, timedelta(hours=23), False),  # never within a day
        (3600, None, timedelta(hours=25), True),
        (86_400, None, timedelta(days=2), False),
        (86_400, None, timedelta(days=4), True),
        (None, None, timedelta(days=400), False),  # nothing is expected of what is not known
        (86_400, 6, timedelta(hours=7), True),  # a person's word counts
        (None, 6, timedelta(hours=5), False),
    ],
)
def test_silence_is_what_is_longer_than_expected(
    acme: Cast, usual: int | None, hours: int | None, quiet: timedelta, expected: bool
) -> None:
    source = factories.source(usual_seconds=usual, quiet_hours=hours, last_item_at=NOW - quiet)
    assert source.is_silent(NOW) is expected
    assert Source.objects.silent(NOW).exists() is expected
    Source.objects.update(state="paused")
    source.refresh_from_db()
    assert not source.is_silent(NOW)
    assert not Source.objects.silent(NOW).exists()


def test_what_has_no_dates_is_heard_of_when_it_arrives(acme: Cast) -> None:
    factories.source()
    at = clock.now() + HOUR
    [claim] = claim_due(at)
    undated = page(remote(1, published_at=None))
    polling.take_in([Visit(claim, page=undated)], clock=lambda: at)
    assert Source.objects.get().last_item_at == at


def test_a_place_that_is_gone_is_closed_with_a_reason_and_written_down(acme: Cast) -> None:
    factories.source(name="Gone")
    at = clock.now() + HOUR
    [claim] = claim_due(at)
    polling.take_in([Visit(claim, error=AccessWithdrawn("The feed is gone for good (410)."))], clock=lambda: at)
    source = Source.objects.get()
    assert (source.state, source.state_reason) == ("closed", "The feed is gone for good (410).")
    entry = AuditEntry.objects.get(verb="close_source")
    assert (entry.by_name, entry.after) == ("Touchline", {"reason": "The feed is gone for good (410)."})
    assert list(Source.objects.in_trouble()) == [source]


def polled(source: Source, at: datetime, outcome: str, new: int = 0) -> None:
    Poll.objects.create(source=source, started_at=at, finished_at=at, outcome=outcome, new=new)


def test_days_are_counted_in_the_organizations_own_and_survive_the_polls(acme: Cast) -> None:
    acme.organization.time_zone = "Pacific/Auckland"
    acme.organization.save()
    source = factories.source()
    # In Auckland it is past midnight: the first of these lies on the day before.
    at = datetime(2026, 4, 10, 13, 0, tzinfo=UTC)
    for hours, outcome, new in ((2, "taken", 3), (0, "unchanged", 0), (0, "rate_limited", 0), (0, "died", 0)):
        polled(source, at - HOUR * hours, outcome, new)
    assert record_days(at) == 2
    assert record_days(at) == 0
    rows = list(SourceDay.objects.order_by("day").values_list("day", "well", "rate_limited", "unreachable", "new"))
    assert [(str(day), *rest) for day, *rest in rows] == [("2026-04-10", 1, 0, 0, 3), ("2026-04-11", 1, 1, 1, 0)]
    forget_old_polls(at + DAY * 40)
    assert not Poll.objects.exists()
    assert SourceDay.objects.count() == 2


def test_the_history_has_every_day_and_today_as_it_is_now(acme: Cast) -> None:
    source = factories.source()
    SourceDay.objects.create(source=source, day=(NOW - DAY * 3).date(), well=4, unreachable=2, new=9)
    SourceDay.objects.create(source=source, day=NOW.date(), well=1)  # an hour old
    polled(source, NOW - HOUR, "taken", 2)
    polled(source, NOW - HOUR, "unreadable")
    days = days_of(source, at=NOW)
    assert len(days) == 30
    assert (days[-4].well, days[-4].failed, days[-4].new) == (4, 2, 9)
    assert (days[-1].well, days[-1].unreadable, days[-1].new) == (1, 1, 2)
    assert days[-2].polls == 0
    highest = columns(days)[-4]
    assert highest.failed_y == 0
    assert highest.failed_height + highest.well_height == pytest.approx(56, abs=0.2)


@pytest.fixture(autouse=True)
def _a_broker_that_has_run_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "broker_age", lambda: timedelta(hours=1))


def test_a_missing_worker_is_said_where_it_could_have_been_seen(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    at = clock.now()
    monkeypatch.setattr(workers, "last_beat", lambda queue: None)
    with monkeypatch.context() as just_begun:
        just_begun.setattr(workers, "broker_age", lambda: timedelta(seconds=20))
        assert workers.nobody_polls(at) == ""
    assert "No worker is running" in workers.nobody_polls(at)
    monkeypatch.setattr(workers, "last_beat", lambda queue: at - timedelta(minutes=12))
    assert "12 minutes old" in workers.nobody_polls(at)
    monkeypatch.setattr(workers, "last_beat", lambda queue: at - timedelta(seconds=30))
    assert workers.nobody_polls(at) == ""


def test_pages_and_answers_say_that_no_worker_is_running(
    acme: Cast, sign_in: Callable[[Any], Client], api: Callable[[Any], ApiClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = factories.source(network="practice", place="everything")
    monkeypatch.setattr(workers, "last_beat", lambda queue: None)
    gita = sign_in(acme.gita)
    for path in ("/o/acme/sources/", f"/o/acme/sources/{source.pk}/"):
        assert "No worker is running" in gita.get(path).content.decode()
    told = gita.post(f"/o/acme/sources/{source.pk}/poll/", follow=True).content.decode()
    assert "0 new posts. No worker is running" in told
    assert "No worker" in api(acme.gita).post(f"/api/v1/sources/{source.pk}/poll/").json()["warning"]
    monkeypatch.setattr(workers, "last_beat", lambda queue: clock.now())
    assert "No worker" not in gita.get("/o/acme/sources/").content.decode()


def test_the_stream_says_that_nothing_is_heard(
    acme: Cast, sign_in: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock.now()
    gita = sign_in(acme.gita)
    monkeypatch.setattr(workers, "last_beat", lambda queue: at)

    def says() -> str:
        cache.clear()
        page = gita.get("/o/acme/stream/").content.decode()
        with CaptureQueriesContext(connection) as queries:
            assert workers.nothing_is_heard(at) in page and not queries, "it is asked once in half a minute"
        return page

    Source.objects.all().delete()
    assert "Nothing is heard" not in says()  # nobody listens yet, and the empty list says so
    long_ago = at - timedelta(days=5)
    silent = factories.source(usual_seconds=3600, last_item_at=long_ago)
    failing = factories.source(network_failures_in_row=3)
    assert "every source is in trouble or silent. The newest post came 5 d ago." in says()
    Source.objects.filter(pk=failing.pk).update(network_failures_in_row=0)
    assert "Nothing is heard" not in says()
    Source.objects.filter(pk=failing.pk).update(state="paused")
    Source.objects.filter(pk=silent.pk).update(last_item_at=None, created_at=long_ago)
    assert "none ever brought anything" in says()
    monkeypatch.setattr(workers, "last_beat", lambda queue: None)
    assert "No worker is running" in says()


def test_a_heartbeat_is_what_is_looked_at(acme: Cast) -> None:
    at = clock.now()
    beat_once("poll", at=at)
    assert workers.nobody_polls(at) == ""


def test_the_broker_says_how_long_it_has_run() -> None:
    assert timedelta() <= broker_age() < timedelta(days=1)


@pytest.mark.parametrize("refused", [True, False])
def test_a_broker_that_does_not_tell_how_long_it_has_run_has_always_run(
    acme: Cast, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    class Silent:
        def get(self, name: str) -> None: ...

        def info(self, section: str) -> dict[str, Any]:
            if refused:
                raise redis.ResponseError("this user has no permissions to run the 'info' command")
            return {}

    monkeypatch.setattr(live, "_broker", Silent)
    assert broker_age() == timedelta.max
    assert "none was seen for an hour" in workers.nobody_polls(clock.now())


def test_the_list_is_narrowed_by_kind_and_words_and_counts_them(
    acme: Cast, sign_in: Callable[[Any], Client], api: Callable[[Any], ApiClient]
) -> None:
    at = clock.now()
    factories.source(name="Failing", network_failures_in_row=2, problem="No answer.", last_polled_at=at)
    factories.source(name="Quiet", usual_seconds=3600, last_item_at=at - DAY * 3, last_polled_at=at)
    factories.source(name="Paused one", state="paused", state_reason="Paused by Gita.")
    factories.source(name="Inside", is_internal=True, folder="Our own rooms")
    gita = sign_in(acme.gita)
    kinds = {"trouble": "Failing", "silent": "Quiet", "paused": "Paused one", "internal": "Inside"}
    names = set(kinds.values())
    for show, name in kinds.items():
        shown = gita.get("/o/acme/sources/", {"show": show}).content.decode()
        assert {known for known in names if f">{known}</a>" in shown} == {name}
        listed = api(acme.gita).get("/api/v1/sources/", {"show": show}).json()["results"]
        assert [row["name"] for row in listed] == [name]
    found = gita.get("/o/acme/sources/", {"search": "own rooms"}).content.decode()
    assert {known for known in names if f">{known}</a>" in found} == {"Inside"}
    assert Source.objects.counts(at) == {"all": 4, "trouble": 1, "silent": 1, "paused": 1, "internal": 1}
    assert "Usually something comes within" in gita.get("/o/acme/sources/").content.decode()


def test_two_thousand_sources_cost_as_many_queries_as_two(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    gita = sign_in(acme.gita)
    gita.get("/o/acme/sources/")

    def asked(**parameters: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert gita.get("/o/acme/sources/", parameters).status_code == 200
        return len(queries)

    factories.source()
    few = asked()
    Source.objects.bulk_create(
        Source(network="feed", place=f"https://s{n}.example.org/", name=f"Many {n:04}") for n in range(2000)
    )
    assert asked() == few
    assert asked(show="silent", search="many 19") == few
    shown = gita.get("/o/acme/sources/", {"search": "many"})
    seen: list[str] = []
    while True:
        seen += [row["row"].name for row in shown.context["sources"]]
        if not shown.context["after"]:
            break
        shown = gita.get("/o/acme/sources/", {"search": "many", "after": shown.context["after"]})
    assert seen == [f"Many {n:04}" for n in range(2000)]


def test_health_over_the_api(acme: Cast, api: Callable[[Any], ApiClient]) -> None:
    source = factories.source(usual_seconds=3600, last_item_at=clock.now() - DAY * 5)
    polled(source, clock.now(), "taken", 2)
    said = api(acme.gita).get(f"/api/v1/sources/{source.pk}/health/").json()
    assert (said["is_silent"], len(said["days"]), said["days"][0]["new"]) == (True, 30, 2)
    assert said["polls"][0]["outcome"] == "taken"
    assert api(acme.rosa).get(f"/api/v1/sources/{source.pk}/health/").status_code == 403


def test_a_person_says_what_silence_is(acme: Cast) -> None:
    source = factories.source()
    change_source(source, name="x", is_internal=False, quiet_hours=6, folder="Ports", by=acme.gita, at=NOW)
    source = Source.objects.get()
    assert (source.quiet_hours, source.folder, source.silent_after) == (6, "Ports", timedelta(hours=6))
