"""Whatever is changed afterwards, late or by no usual way: the roll-ups equal the rows, counted in plain Python."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Q

from engagement.models import Assignment, Promise
from listening.models import Mention, MentionMatch
from measurement import metrics
from measurement.actions import mark_hours, recompute_rollups, refresh_rollups
from measurement.authors import different, joined, packed
from measurement.comparing import compare
from measurement.histogram import unpacked
from measurement.models import (
    DailyAuthors,
    DailyFlow,
    DailyMentions,
    DailyPromises,
    DailyResponses,
    DailyTopics,
    DailyWaits,
    HourlyAuthors,
    HourlyFlow,
    HourlyMentions,
    HourlyPromises,
    HourlyResponses,
    HourlyTopics,
    StaleHour,
)
from measurement.waits import unpacked_waits
from measurement.windows import Window
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.measurement.history import answer, bucket_of, live_through

NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
COUNTED = ("assigned", *metrics.COUNTED)
HISTOGRAMS = ("first_response", "business_response", "resolution", "business_resolution")


def heard(zone: ZoneInfo, key: str) -> dict[Any, Counter[str]]:
    """What was heard by day, network and (for `key`) query or topic, row by row."""
    found: dict[Any, Counter[str]] = defaultdict(Counter)
    for row in Mention.objects.filter(is_old=False).prefetch_related("matches"):
        day = row.captured_at.astimezone(zone).date()
        keys = [0, *(match.query_id for match in row.matches.all())] if key == "query" else [row.topic_id]
        for one in keys:
            if one is None:
                continue
            counts = found[day, row.network, one]
            counts["captured"] += 1
            counts["negative"] += row.sentiment == -1
            counts["neutral"] += row.sentiment == 0
            counts["positive"] += row.sentiment == 1
            counts["reach"] += row.followers or 0
            counts["reach_known"] += row.followers is not None
    return found


def worked(zone: ZoneInfo) -> dict[Any, Counter[Any]]:
    """What became of assignments by day, network and department (0: all), row by row."""
    found: dict[Any, Counter[Any]] = defaultdict(Counter)
    for row in Assignment.objects.select_related("mention"):
        day = row.created_at.astimezone(zone).date()
        for where in (0, row.department_id):
            counts = found[day, row.network, where]
            answered, ended = row.first_answered_at, row.resolved_at
            counts["assigned"] += 1
            counts["answered"] += answered is not None
            counts["in_time"] += bool(answered and (row.first_due_at is None or answered <= row.first_due_at))
            counts["resolved"] += row.state == "resolved"
            counts["unanswered"] += row.state == "resolved" and answered is None
            counts["reopened"] += row.reopened_count > 0
            if answered:
                counts["first_response", bucket_of(answered - row.mention.captured_at)] += 1
                if row.answered_in_seconds is not None:
                    counts["business_response", bucket_of(timedelta(seconds=row.answered_in_seconds))] += 1
            if ended:
                counts["resolution", bucket_of(ended - row.mention.captured_at)] += 1
                if row.resolved_in_seconds is not None:
                    counts["business_resolution", bucket_of(timedelta(seconds=row.resolved_in_seconds))] += 1
    return found


def answered_by_hour(zone: ZoneInfo) -> dict[Any, Counter[tuple[int, int]]]:
    """First responses by hour and step, of each day, network and department (0: all), row by row."""
    found: dict[Any, Counter[tuple[int, int]]] = defaultdict(Counter)
    for row in Assignment.objects.filter(first_answered_at__isnull=False).select_related("mention"):
        assert row.first_answered_at
        made = row.created_at.astimezone(zone)
        for where in (0, row.department_id):
            step = bucket_of(row.first_answered_at - row.mention.captured_at)
            found[made.date(), row.network, where][made.hour, step] += 1
    return found


def flowed(zone: ZoneInfo) -> dict[Any, Counter[str]]:
    """What came and what ended by day, network and department (0: all), row by row."""
    found: dict[Any, Counter[str]] = defaultdict(Counter)
    for row in Assignment.objects.all():
        for name, moment in (("came", row.created_at), ("ended", row.resolved_at)):
            if moment is None:
                continue
            for where in (0, row.department_id):
                counts = found[moment.astimezone(zone).date(), row.network, where]
                counts[name] += 1
                counts[f"{name}_made"] += int(row.created_at.timestamp())
    return found


def agrees(zone: ZoneInfo) -> None:
    """Compare days, and that hours add up to them, with the rows."""
    names = ("captured", "negative", "neutral", "positive", "reach", "reach_known")
    for daily, key in ((DailyMentions, "query"), (DailyTopics, "topic")):
        rows = {(row.day, row.network, getattr(row, f"{key}_id")): row for row in daily.objects.all()}
        assert {at: {name: getattr(row, name) for name in names} for at, row in rows.items()} == {
            at: {name: counts[name] for name in names} for at, counts in heard(zone, key).items()
        }
    by_day: dict[tuple[date, str], set[int]] = defaultdict(set)
    for mention in Mention.objects.filter(is_old=False).select_related("post"):
        by_day[mention.captured_at.astimezone(zone).date(), mention.network].add(mention.post.author_id or 0)
    packs = {(row.day, row.network): row.keys for row in DailyAuthors.objects.all()}
    assert {at: different([pack]) for at, pack in packs.items()} == {at: len(keys) for at, keys in by_day.items()}
    assert different(packs.values()) == len(set().union(*by_day.values()))
    found: dict[Any, Counter[Any]] = {}
    for row in DailyResponses.objects.all():
        counts: Counter[Any] = Counter({name: getattr(row, name) for name in COUNTED})
        for name in HISTOGRAMS:
            held = unpacked(getattr(row, name))
            assert not held or held[-1], "no empty steps at the end"
            counts.update({(name, bucket): count for bucket, count in enumerate(held) if count})
        found[row.day, row.network, row.department_id] = counts
    assert {at: +counts for at, counts in found.items()} == {at: +counts for at, counts in worked(zone).items()}
    packed_by_hour = {
        (row.day, row.network, row.department_id): unpacked_waits(row.first_response)
        for row in DailyWaits.objects.all()
    }
    assert packed_by_hour == answered_by_hour(zone)
    kept = Promise.objects.filter(kept_at__isnull=False).exclude(kind="first_response")
    assert sum(row.kept for row in DailyPromises.objects.filter(department_id=0)) == kept.count()
    assert sum(sum(unpacked(row.wait)) for row in DailyPromises.objects.exclude(department_id=0)) == kept.count()
    flow = {(row.day, row.network, row.department_id): row for row in DailyFlow.objects.all()}
    names = ("came", "came_made", "ended", "ended_made")
    assert {at: {name: getattr(row, name) for name in names if getattr(row, name)} for at, row in flow.items()} == {
        at: dict(counts) for at, counts in flowed(zone).items()
    }
    for hourly in (HourlyMentions, HourlyTopics, HourlyResponses, HourlyPromises, HourlyAuthors, HourlyFlow):
        assert not {row.hour.astimezone(zone).minute for row in hourly.objects.all()} - {0}


def disturb(acme: Cast, chance: random.Random, topics: list[Any]) -> None:
    """Change, in no way that announces itself, some of what happened."""
    mentions = list(Mention.objects.order_by("pk"))
    for mention in chance.sample(mentions, 12):
        changed: dict[str, Any] = chance.choice([
            {"sentiment": chance.choice([-1, 0, 1, None])}, {"topic": chance.choice([*topics, None])},
            {"followers": chance.choice([None, 0, 7])}, {"is_old": True},
        ])  # fmt: skip
        Mention.objects.filter(pk=mention.pk).update(**changed)
    chance.choice(mentions).delete()
    MentionMatch.objects.filter(
        pk__in=chance.sample(list(MentionMatch.objects.values_list("pk", flat=True)), 3)
    ).delete()
    rows = list(Assignment.objects.order_by("pk"))
    for row in chance.sample(rows, 8):
        fate = chance.choice(["answer", "reopen", "move", "delete", "promise"])
        if fate == "answer":
            answer(row, row.created_at + timedelta(hours=chance.randrange(1, 90)))
            row.resolved_in_seconds = chance.choice([None, 10, 5000])
            row.save()
        elif fate == "reopen":
            Assignment.objects.filter(pk=row.pk).exclude(mention__in=_open_mentions(row)).update(
                state="open", resolved_at=None, resolved_in_seconds=None, reopened_count=row.reopened_count + 1
            )
        elif fate == "move":
            Assignment.objects.filter(pk=row.pk).update(department=chance.choice([acme.care, acme.press]))
        elif fate == "delete":
            row.delete()
        else:
            made = Promise.objects.create(
                assignment=row, kind="next_response", number=row.promises.count() + 1, minutes=60, warn_at_percent=75,
                in_business_hours=False, started_at=row.created_at, due_at=row.created_at, warn_at=row.created_at,
                counted_at=row.created_at,
            )  # fmt: skip
            Promise.objects.filter(pk=made.pk).update(kept_at=row.created_at + timedelta(hours=2))
    late = row_moment = datetime(2026, 3, 27, chance.randrange(24), 15, tzinfo=UTC)
    factories.mention(at=late, post=factories.post(at=late, network="feed"), sentiment=1)
    mark_hours([row_moment], at=NOW)


def _open_mentions(row: Assignment) -> list[int]:
    others = Assignment.objects.filter(mention=row.mention_id).exclude(pk=row.pk).exclude(state="resolved")
    return [row.mention_id] if others.exists() else []


@pytest.mark.parametrize("seed", range(3))
def test_roll_ups_follow_whatever_is_changed_later(acme: Cast, seed: int) -> None:
    zone = ZoneInfo(["Europe/Berlin", "America/Los_Angeles", "UTC"][seed])
    acme.organization.time_zone = zone.key
    acme.organization.save()
    chance = random.Random(seed)
    topics = [factories.topic(), factories.topic()]
    live_through([acme.care, acme.press], [factories.query(), factories.query()], seed=seed)
    refresh_rollups(at=NOW)
    agrees(zone)
    for _round in range(4):
        disturb(acme, chance, topics)
        refresh_rollups(at=NOW)
        agrees(zone)
    assert not StaleHour.objects.exists()
    window = Window(date(2026, 3, 20), date(2026, 4, 9), zone)
    assert list(compare(window, at=NOW)) == []
    kept = list(DailyResponses.objects.order_by("day", "network", "department_id").values_list("day", "assigned"))
    recompute_rollups(window, at=NOW)
    assert kept == list(
        DailyResponses.objects.order_by("day", "network", "department_id").values_list("day", "assigned")
    )


def test_the_command_says_each_difference_and_mends_it_when_told(acme: Cast) -> None:
    live_through([acme.care], [factories.query()], seed=4, mentions=20)
    refresh_rollups(at=NOW)
    said = StringIO()
    days = ("--from=2026-03-20", "--to=2026-04-09", "--organization=acme")

    def run(*more: str) -> str:
        said.truncate(0)
        with acting_for(None):
            call_command("compare_figures", *days, *more, stdout=said)
        return said.getvalue()

    assert "no differences; no hours to be counted yet" in run()
    wrong = HourlyMentions.objects.filter(query_id=0).first()
    assert wrong is not None
    HourlyMentions.objects.filter(pk=wrong.pk).update(captured=wrong.captured + 41)
    HourlyAuthors.objects.all().delete()
    with pytest.raises(CommandError, match="figures are not what the rows give"):
        run()
    assert f"captured kept {wrong.captured + 41}, counted {wrong.captured}" in said.getvalue()
    assert "hourly authors" in said.getvalue() and "nothing was kept" in said.getvalue()
    assert HourlyMentions.objects.get(pk=wrong.pk).captured == wrong.captured + 41, "it only looks"
    assert ", mended" in run("--mend") and "no differences" in run()
    # What is marked will be counted anyway, and is no difference.
    HourlyMentions.objects.filter(query_id=0).update(captured=99)
    mark_hours(HourlyMentions.objects.values_list("hour", flat=True), at=NOW)
    assert "no differences;" in run() and "no hours to be counted yet" not in said.getvalue()
    with pytest.raises(CommandError):
        call_command("compare_figures", "--from=2026-04-02", "--to=2026-04-01")
    with pytest.raises(CommandError):
        call_command("compare_figures", "--from=2026-04-01", "--to=2026-04-01", "--organization=nobody")


def test_many_that_change_at_once_mark_each_hour_once(acme: Cast) -> None:
    for number in range(12):
        factories.mention(at=NOW - timedelta(minutes=10 * number))
    refresh_rollups(at=NOW)
    Mention.objects.update(state="kept")
    assert not StaleHour.objects.exists(), "no figure moved"
    Mention.objects.update(sentiment=1)
    hours = sorted(StaleHour.objects.values_list("hour", flat=True))
    assert hours == [NOW - timedelta(hours=number) for number in (2, 1, 0)]
    refresh_rollups(at=NOW)
    row = factories.assignment(department=acme.care, at=NOW - timedelta(days=2))
    refresh_rollups(at=NOW)
    row.resolved_at, row.state = NOW - timedelta(days=1), "resolved"
    row.save()
    assert {mark.hour for mark in StaleHour.objects.all()} == {NOW - timedelta(days=2), NOW - timedelta(days=1)}


def asked_of(condition: Q) -> set[str]:
    """The columns that a condition looks at."""
    found: set[str] = set()
    for part in condition.children:
        if isinstance(part, Q):
            found |= asked_of(part)
        else:
            name, value = part
            found |= {name.split("__")[0]} | ({value.name} if isinstance(value, F) else set())
    return found


def test_whatever_a_count_looks_at_is_minded_by_the_database(db: None) -> None:
    """A column that no trigger names could change, and its hour would never be counted anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgname = 'measurement_mark' AND tgrelid = 'engagement_assignment'::regclass"
        )
        [(trigger,)] = cursor.fetchall()
    minded = set(re.findall(r"old\.(\w+)", trigger))
    looked_at = {column for condition in metrics.COUNTED.values() for column in asked_of(condition)}
    # A constraint has it that what is resolved says since when, and nothing else does.
    assert looked_at - {"state"} | {"resolved_at"} <= minded


def test_an_organization_that_goes_leaves_no_marks(acme: Cast) -> None:
    factories.assignment(department=acme.care, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT measurement_mark(%s, now())", [acme.organization.pk])
        assert StaleHour.objects.exists()
        # The going of the last row is a change, too.
        cursor.execute("DELETE FROM engagement_assignment WHERE organization_id = %s", [acme.organization.pk])
        cursor.execute("SELECT count(*) FROM measurement_stalehour")
        assert cursor.fetchone()[0] >= 2
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'measurement_forget' AND NOT tgisinternal")
        assert cursor.fetchone()[0] == 1


def test_keys_are_counted_once_however_they_are_put_together() -> None:
    packs = [packed([3, 1, 2]), packed([2, 3, 9]), packed([])]
    assert different(packs) == 4 and different([]) == 0
    assert joined(packs) == packed([1, 2, 3, 9])
    assert different([packed([2**62, -5])]) == 2
