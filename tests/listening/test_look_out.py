"""What is unusual warns once: on sparse and busy series, with the rhythm of the week, whoever dies meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection

from listening.actions import stories
from listening.actions import warnings as actions
from listening.lookout import counting, mailing
from listening.models import EarlyWarning, KnownEvent, Poll, TrackingQuery, WatchedSeries
from roles.models import Mail
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.listening.heard import burst, hear, hear_days

# A Tuesday in the afternoon, long past so that no test depends on today.
NOW = datetime(2026, 3, 10, 15, 1, tzinfo=UTC)
NEWS = "Acme calls back four thousand kettles because the handle may come off while the water boils"


@pytest.fixture
def query(acme: Cast) -> TrackingQuery:
    return factories.query("acme", name="Acme")


def busy(query: TrackingQuery, *, days: float = 3) -> None:
    """About two mentions in five minutes, as they come."""
    hear_days(
        days, NOW - timedelta(minutes=10), lambda step: (step.minute * 7 + step.hour * 3 + step.day) % 5, query=query
    )


def poll_all_the_time(days: int) -> None:
    """A source that answers every half hour, and has nothing new."""
    source = factories.source()
    times = [NOW - timedelta(minutes=minutes) for minutes in range(0, days * 24 * 60, 30)]
    Poll.objects.bulk_create(
        Poll(source=source, started_at=at, finished_at=at, outcome=Poll.Outcome.UNCHANGED) for at in times
    )


def test_a_burst_warns_once_with_what_drives_it_and_a_mail(acme: Cast, query: TrackingQuery) -> None:
    busy(query)
    hear(burst(NOW, 60), query=query, text=NEWS)
    stories.fold_due(at=NOW)

    assert actions.look_out(at=NOW) == 1

    warning = EarlyWarning.objects.get()
    assert (warning.kind, warning.subject, warning.state) == ("volume", "Acme", "open")
    assert warning.value > 40 > warning.expected
    assert warning.story is not None
    assert warning.story.headline == NEWS
    assert set(warning.words) <= set(NEWS.lower().split())
    assert len(warning.words) > 3
    # The whole organization shows the same event.
    assert any("Everything" in other for other in warning.also)
    mail = Mail.objects.get()
    assert mail.member == acme.carla
    assert "kettles" in mail.text
    assert NOW - warning.began_at < timedelta(minutes=10)

    assert actions.look_out(at=NOW + timedelta(minutes=1)) == 0
    assert actions.look_out(at=NOW + timedelta(minutes=6)) == 0
    assert EarlyWarning.objects.count() == Mail.objects.count() == 1


def test_an_event_ends_and_its_echo_warns_nobody_again(acme: Cast, query: TrackingQuery) -> None:
    busy(query)
    hear(burst(NOW, 60), query=query)
    actions.look_out(at=NOW)
    later = NOW + timedelta(hours=3)
    hear([NOW + timedelta(minutes=minutes) for minutes in range(5, 180, 3)], query=query)
    actions.look_out(at=later)
    assert EarlyWarning.objects.get().ended_at is not None
    hear(burst(later + timedelta(minutes=5), 40), query=query)
    actions.look_out(at=later + timedelta(minutes=5))
    assert EarlyWarning.objects.count() == 1


def test_a_few_are_much_where_little_is_said(acme: Cast, query: TrackingQuery) -> None:
    hear_days(4, NOW - timedelta(hours=2), lambda step: int(step.hour % 8 == 3 and step.minute == 20), query=query)
    poll_all_the_time(4)
    actions.look_out(at=NOW - timedelta(minutes=30))
    assert not EarlyWarning.objects.exists()
    hear([NOW - timedelta(minutes=minutes) for minutes in range(3, 27, 2)], query=query)
    assert actions.look_out(at=NOW) == 1


def test_two_or_three_are_never_a_warning(acme: Cast, query: TrackingQuery) -> None:
    hear_days(4, NOW - timedelta(hours=2), lambda step: int(step.hour == 3 and step.minute == 20), query=query)
    poll_all_the_time(4)
    hear(burst(NOW, 3), query=query)
    assert actions.look_out(at=NOW) == 0


def test_what_comes_every_day_at_this_hour_is_usual(acme: Cast, query: TrackingQuery) -> None:
    def press_review(step: datetime) -> int:
        return 30 if step.hour == 15 and step.minute == 0 else step.minute % 2

    hear_days(20, NOW + timedelta(minutes=10), press_review, query=query)
    actions.look_out(at=NOW - timedelta(hours=2))
    assert actions.look_out(at=NOW + timedelta(minutes=10)) == 0


def test_a_silence_of_ours_is_no_dip_and_what_follows_no_flood(acme: Cast, query: TrackingQuery) -> None:
    busy(query, days=4)
    actions.look_out(at=NOW)
    morning = NOW + timedelta(hours=16)
    judged = WatchedSeries.objects.get(query=query, measure="volume").judged
    hear([morning - timedelta(seconds=150 * number) for number in range(1, 6)], query=query)
    assert actions.look_out(at=morning) == 0
    # The night in which nothing was read taught nothing.
    assert WatchedSeries.objects.get(query=query, measure="volume").judged < judged + 30


def test_what_came_late_is_no_news(acme: Cast, query: TrackingQuery) -> None:
    busy(query)
    hear(burst(NOW, 80), query=query, said_at=NOW - timedelta(days=3))
    assert actions.look_out(at=NOW) == 0


def test_quiet_polls_count_as_listening(acme: Cast, query: TrackingQuery) -> None:
    hear_days(2, NOW - timedelta(days=1), lambda step: int(step.minute == 20), query=query)
    poll_all_the_time(1)
    actions.look_out(at=NOW)
    assert WatchedSeries.objects.get(query=query, measure="volume").judged > 560


def test_more_negative_than_usual_warns_by_itself(acme: Cast, query: TrackingQuery) -> None:
    busy(query)
    # No more than usual, but all of it.
    rows = hear(burst(NOW, 4), query=query)
    for row in rows:
        row.sentiment = -1
        row.save(update_fields=["sentiment"])
    actions.look_out(at=NOW)
    assert [warning.kind for warning in EarlyWarning.objects.all()] == ["negative"]


def test_who_dies_before_the_mail_is_written_has_done_nothing(
    acme: Cast, query: TrackingQuery, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(query)
    hear(burst(NOW, 60), query=query)
    with monkeypatch.context() as broken:
        broken.setattr(mailing, "write_mail", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            actions.look_out(at=NOW)
    assert actions.look_out(at=NOW) == 1
    assert EarlyWarning.objects.count() == Mail.objects.count() == 1


def test_a_known_event_is_kept_and_told_to_nobody(acme: Cast, query: TrackingQuery) -> None:
    busy(query)
    around = {"starts_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(hours=1)}
    actions.add_event(name="Launch", query=query, **around, by=acme.carla, at=NOW)
    hear(burst(NOW, 60), query=query)
    actions.look_out(at=NOW)
    warning = EarlyWarning.objects.get()
    assert (warning.state, warning.outcome, warning.note) == ("closed", "known", "Launch")
    assert not Mail.objects.exists()


def test_a_known_event_that_is_not_quiet_is_named(acme: Cast, query: TrackingQuery) -> None:
    busy(query)
    around = {"starts_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(hours=1)}
    event = actions.add_event(name="Launch", is_quiet=False, **around, by=acme.carla, at=NOW)
    hear(burst(NOW, 60), query=query)
    actions.look_out(at=NOW)
    assert EarlyWarning.objects.get().known_event == event
    assert Mail.objects.exists()
    assert KnownEvent.objects.count() == 1


def test_the_past_teaches_and_warns_nobody(acme: Cast, query: TrackingQuery) -> None:
    busy(query)
    hear(burst(NOW - timedelta(hours=20), 60), query=query)
    assert actions.look_out(at=NOW) == 0


def test_many_warnings_at_once_come_as_one_mail(acme: Cast) -> None:
    queries = [factories.query(f"acme{number}", name=f"Query {number}") for number in range(5)]
    for query in queries:
        hear_days(3, NOW - timedelta(minutes=10), lambda step: step.minute % 3, query=query)
        hear(burst(NOW, 60), query=query)
    actions.look_out(at=NOW)
    assert EarlyWarning.objects.count() == 5
    assert Mail.objects.count() == 4  # three, and one that speaks of many


def test_other_organizations_see_nothing(cast: Cast) -> None:
    with acting_for(cast.organization):
        query = factories.query("acme")
        busy(query)
        hear(burst(NOW, 60), query=query)
    with acting_for(cast.elsewhere):
        assert actions.look_out(at=NOW) == 0
        assert not WatchedSeries.objects.exclude(query=None).exists()


def test_what_is_committed_late_is_counted_with_the_next_step_and_once(acme: Cast, query: TrackingQuery) -> None:
    busy(query)
    actions.look_out(at=NOW)
    series = WatchedSeries.objects.get(query=query, measure="volume")
    assert not series.is_hourly
    # Captured in a step that was judged, but committed only now.
    hear(burst(NOW, 60), query=query)
    soon = NOW + timedelta(minutes=5)
    assert actions.look_out(at=soon) == 1
    series.refresh_from_db()
    assert series.recent[-1][1] >= 60
    actions.look_out(at=soon + timedelta(minutes=5))
    series.refresh_from_db()
    assert series.recent[-1][1] < 10


@pytest.fixture
def really(transactional_db: None) -> Iterator[Cast]:
    from tests.cast import assemble

    cast = assemble()
    with acting_for(cast.organization):
        yield cast


def aside(cast: Cast, found: list[int]) -> Thread:
    """A worker that looks out, on a connection of its own."""

    def work() -> None:
        with acting_for(cast.organization):
            found.append(actions.look_out(at=NOW))
        connection.close()

    thread = Thread(target=work)
    thread.start()
    return thread


def test_two_workers_warn_once(really: Cast) -> None:
    busy(query := factories.query("acme", name="Acme"))
    hear(burst(NOW, 60), query=query)
    found: list[int] = []
    threads = [aside(really, found) for _ in range(3)]
    for thread in threads:
        thread.join()
    assert sum(found) == 1
    assert EarlyWarning.objects.count() == Mail.objects.count() == 1


def test_nobody_waits_for_whoever_looks_out_first(really: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look reads all that was heard before; a second worker has other organizations to look out for."""
    busy(query := factories.query("acme", name="Acme"))
    hear(burst(NOW, 60), query=query)
    found: list[int] = []
    counts, inside, go = counting.counts, Event(), Event()

    def slowly(*span: Any) -> counting.Counts:
        inside.set()
        assert go.wait(20)
        return counts(*span)

    monkeypatch.setattr(counting, "counts", slowly)
    first = aside(really, found)
    try:
        assert inside.wait(20)
        second = aside(really, found)
        second.join(10)
        assert first.is_alive() and found == [0], "The second worker waited for the first."
    finally:
        go.set()
        first.join(60)
        second.join(60)
    assert sorted(found) == [0, 1]
    assert EarlyWarning.objects.count() == Mail.objects.count() == 1
