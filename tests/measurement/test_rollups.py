"""Roll-ups equal the rows, whatever happened and in whatever order it was computed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.models import Assignment
from engagement.signals import assignments_changed
from listening.models import Mention, MentionMatch
from listening.signals import mentions_captured, posts_revised
from measurement.actions import mark_hours, recompute_rollups, refresh_rollups
from measurement.histogram import unpacked
from measurement.models import DailyMentions, DailyResponses, HourlyMentions, HourlyResponses, RollUp, StaleHour
from measurement.receivers import mark_capture
from measurement.tasks import refresh_rollups as refresh_task
from measurement.windows import Window
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.measurement import history

NOW = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)
ZONES = ["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"]


def agrees(zone: ZoneInfo) -> None:
    """Compare days and hours with the rows."""
    by_day = Counter({(row.day, row.network, row.query_id): row.captured for row in DailyMentions.objects.all()})
    by_hour: Counter[Any] = Counter()
    for row in HourlyMentions.objects.all():
        by_hour[row.hour.astimezone(zone).date(), row.network, row.query_id] += row.captured
    assert by_day == by_hour == history.mentions_by_day(zone)
    expected = history.responses_by_day(zone)
    found = {}
    for day in DailyResponses.objects.filter(department_id=0):
        held = {
            name: Counter({bucket: count for bucket, count in enumerate(unpacked(getattr(day, name))) if count})
            for name in ("first_response", "business_response")
        }
        counts = {name: getattr(day, name) for name in ("assigned", "answered", "in_time", "resolved")}
        found[day.day, day.network] = counts | held
    assert found == expected
    assert sum(row.assigned for row in HourlyResponses.objects.all()) == Assignment.objects.count()


@pytest.mark.parametrize("zone", ZONES)
def test_roll_ups_equal_the_rows_after_a_random_history(acme: Cast, zone: str) -> None:
    acme.organization.time_zone = zone
    acme.organization.save()
    queries = [factories.query(), factories.query()]
    history.live_through([acme.care, acme.press], queries, seed=len(zone))
    refresh_rollups(at=NOW)
    agrees(ZoneInfo(zone))


@pytest.mark.parametrize("seed", range(4))
def test_roll_ups_follow_changes_hour_by_hour(acme: Cast, seed: int) -> None:
    zone = ZoneInfo("Australia/Lord_Howe")  # its clocks change by half an hour, on 5 April 2026
    acme.organization.time_zone = zone.key
    acme.organization.save()
    refresh_rollups(at=NOW)
    query = factories.query()
    for part in range(3):
        known = set(Assignment.objects.values_list("pk", flat=True))
        heard = set(Mention.objects.values_list("pk", flat=True))
        # Once step by step: what the database notices of each change, too.
        said: dict[str, Any] = {"seed": seed * 10 + part, "mentions": 15, "days": 14, "at_once": seed > 0}
        history.live_through([acme.care, acme.press], [query], **said)
        mentions_captured.send(None, mentions=list(Mention.objects.exclude(pk__in=heard)), at=NOW)
        assignments_changed.send(None, assignments=list(Assignment.objects.exclude(pk__in=known)), at=NOW)
        # What was made earlier goes on: some are answered late, some again, some reopened.
        for assignment in Assignment.objects.filter(pk__in=known, state="open")[:5]:
            history.answer(assignment, assignment.created_at + timedelta(days=2))
            assignment.save()
            assignments_changed.send(None, assignments=[assignment], at=NOW)
        assert refresh_rollups(at=NOW) > 0
        agrees(zone)
    assert not StaleHour.objects.exists()
    assert refresh_rollups(at=NOW) == 0


def test_the_bucket_in_the_database_is_the_one_of_the_definition(acme: Cast) -> None:
    waits = [0, 0.4, 1, 1.04, 1.06, 59, 60, 3_599, 3_600, 86_400, 10_000_000]
    for wait in waits:
        made = factories.assignment(department=acme.care, at=NOW)
        made.first_answered_at = NOW + timedelta(seconds=wait)
        made.save()
    refresh_rollups(at=NOW)
    agrees(ZoneInfo("UTC"))


def test_an_empty_batch_marks_nothing_and_a_full_one_takes_one_statement(
    acme: Cast, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        mark_hours([], at=NOW)
    mentions = [factories.mention(at=NOW + timedelta(minutes=20 * i)) for i in range(9)]
    with django_assert_num_queries(1):
        mark_capture(None, mentions=mentions, at=NOW)
    assert StaleHour.objects.count() == 3


def test_an_edited_post_counts_for_the_queries_that_match_it_now(acme: Cast) -> None:
    query = factories.query()
    mention = factories.mention(at=NOW)
    refresh_rollups(at=NOW)
    MentionMatch.objects.create(mention=mention, query=query)
    posts_revised.send(None, posts=[mention.post], at=NOW)
    assert refresh_rollups(at=NOW) == 1
    assert DailyMentions.objects.get(query_id=query.pk).captured == 1


def test_the_number_of_statements_does_not_grow_with_the_rows(acme: Cast) -> None:
    refresh_rollups(at=NOW)
    numbers = set()
    for count in (1, 20):
        mentions = [factories.mention(at=NOW + timedelta(hours=i)) for i in range(count)]
        mentions_captured.send(None, mentions=mentions, at=NOW)
        with CaptureQueriesContext(connection) as statements:
            assert refresh_rollups(at=NOW) == count
        numbers.add(len(statements))
    assert len(numbers) == 1


def test_another_time_zone_makes_all_days_anew_a_few_hours_at_a_time(
    acme: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("measurement.actions.rollups.HOURS_AT_ONCE", 3)
    history.live_through([acme.care], [factories.query()], seed=1, mentions=20)
    refresh_rollups(at=NOW)
    acme.organization.time_zone = "Asia/Kolkata"
    acme.organization.save()
    refresh_rollups(at=NOW)
    agrees(ZoneInfo("Asia/Kolkata"))
    assert RollUp.objects.get().time_zone == "Asia/Kolkata"


def test_a_wrong_roll_up_is_mended_by_computing_again(acme: Cast) -> None:
    history.live_through([acme.care], [factories.query()], seed=2, mentions=30)
    refresh_rollups(at=NOW)
    HourlyMentions.objects.update(captured=99)
    DailyMentions.objects.update(captured=99)
    HourlyResponses.objects.all().delete()
    recompute_rollups(Window(date(2026, 3, 25), date(2026, 4, 3), ZoneInfo("UTC")), at=NOW)
    agrees(ZoneInfo("UTC"))


def test_the_command_computes_the_days_it_is_told(acme: Cast) -> None:
    for day in (1, 2, 3):
        factories.mention(at=datetime(2026, 4, day, 10, 0, tzinfo=UTC))
    refresh_rollups(at=NOW)
    DailyMentions.objects.update(captured=99)
    with acting_for(None):
        call_command("recompute_rollups", "--from=2026-04-02", "--to=2026-04-03", "--organization=acme")
    assert list(DailyMentions.objects.order_by("day").values_list("captured", flat=True)) == [99, 1, 1]
    with pytest.raises(CommandError):
        call_command("recompute_rollups", "--from=2026-04-02", "--to=2026-04-01")
    with pytest.raises(CommandError):
        call_command("recompute_rollups", "--from=2026-04-01", "--to=2026-04-01", "--organization=nobody")


def test_the_task_computes_for_every_organization_apart(cast: Cast) -> None:
    for organization in (cast.organization, cast.elsewhere):
        with acting_for(organization):
            factories.mention(at=NOW)
    refresh_task()
    for organization in (cast.organization, cast.elsewhere):
        with acting_for(organization):
            assert DailyMentions.objects.get().captured == 1
            mentions_captured.send(None, mentions=[factories.mention(at=NOW)], at=NOW)
    refresh_task(organization_id=cast.elsewhere.pk)
    with acting_for(cast.elsewhere):
        assert DailyMentions.objects.get().captured == 2
    with acting_for(cast.organization):
        assert DailyMentions.objects.get().captured == 1
        assert StaleHour.objects.count() == 1


def test_what_a_new_source_brought_from_long_before_is_counted_nowhere(acme: Cast) -> None:
    query = factories.query()
    for is_old in (True, False):
        mention = factories.mention(at=NOW, is_old=is_old, query_ids=[query.pk])
        MentionMatch.objects.create(mention=mention, query=query)
    mark_hours([NOW], at=NOW)
    refresh_rollups(at=NOW)
    assert dict(HourlyMentions.objects.values_list("query_id", "captured")) == {0: 1, query.pk: 1}
