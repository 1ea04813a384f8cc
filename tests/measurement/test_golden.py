"""Cases with figures worked out by hand: every metric equals them, and page, API and file agree."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engagement.models import Approval, Assignment, Promise, Reply
from listening.models import MentionMatch, Story
from measurement.actions import mark_hours, refresh_rollups
from measurement.actions.voices import compare_voices
from measurement.measuring import values_of
from measurement.metrics import METRICS
from measurement.models import DailyMentions
from measurement.saying import said
from measurement.selecting import Selection
from measurement.windows import Window
from roles import clock
from tests import factories
from tests.cast import Cast

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
WEEK = Window(date(2026, 3, 23), date(2026, 3, 29), BERLIN)  # on its Sunday the clock jumps from two to three
HOUR = 3600


def case(
    acme: Cast, at: datetime, *, answered: float | None = None, ended: float | None = None, open_hours: int = 0,
    department: Any = None, due: float = 4, sounds: int | None = None, followers: int | None = None, **fields: Any,
) -> Assignment:  # fmt: skip
    """One mention and its assignment; times are hours after the capture, `open_hours` those of them in business."""
    mention = factories.mention(
        at=at, post=factories.post(at=at, network="feed"), sentiment=sounds, followers=followers
    )
    when = {"first_due_at": at + timedelta(hours=due), "due_at": at + timedelta(hours=due)}
    if answered is not None:
        when |= {"first_answered_at": at + timedelta(hours=answered), "answered_in_seconds": open_hours * HOUR}
    if ended is not None:
        when |= {"resolved_at": at + timedelta(hours=ended), "resolved_in_seconds": 2 * open_hours * HOUR}
        fields["state"] = "resolved"
    return factories.assignment(department=department or acme.care, mention=mention, at=at, **when, **fields)


@pytest.fixture
def golden(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, Assignment]:
    """A week with one of each."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    acme.organization.time_zone = "Europe/Berlin"
    acme.organization.save()
    refresh_rollups(at=NOW)
    monday = datetime(2026, 3, 23, 10, tzinfo=UTC)
    days = [monday + timedelta(days=number) for number in range(6)]
    rows = {
        "plain": case(acme, days[0], answered=2, ended=3, open_hours=1, sounds=1, followers=100),
        "reopened": case(acme, days[1], answered=2, open_hours=1, sounds=-1, followers=50, reopened_count=1),
        "transferred": case(acme, days[2], answered=8, ended=9, open_hours=2, sounds=-1),
        "machine first": case(acme, days[3], answered=6, ended=6, open_hours=2, sounds=0),
        # On Friday evening, answered on Monday morning: sixty hours, of which one was open.
        "off hours": case(acme, days[4] + timedelta(hours=10), answered=60, ended=60, open_hours=1, due=61, sounds=1),
        "never answered": case(acme, days[5]),
        "no answer needed": case(acme, days[0], ended=1, outcome="no_answer_needed", sounds=0),
        "deleted": case(acme, days[1], answered=1, ended=1, sounds=-1),
    }
    mark_hours([row.created_at for row in rows.values()], at=NOW)
    refresh_rollups(at=NOW)
    # What happens later, to what was counted already, and by no way that announces itself.
    Assignment.objects.filter(pk=rows["transferred"].pk).update(department=acme.press)
    type(rows["plain"].mention).objects.filter(pk=rows["reopened"].mention_id).update(sentiment=0)  # corrected
    gone = rows.pop("deleted")
    gone.delete()
    gone.mention.delete()
    # The same author as in the plain case wrote what nobody was given; it lies on Sunday here and on Saturday in UTC.
    again = factories.post(at=NOW - timedelta(hours=36.5), network="feed", author=rows["plain"].mention.post.author)
    factories.mention(at=datetime(2026, 3, 28, 23, 30, tzinfo=UTC), post=again, sentiment=1)
    _say(acme, rows, days)
    mark_hours([datetime(2026, 3, 28, 23, 30, tzinfo=UTC)], at=NOW)
    refresh_rollups(at=NOW)
    return rows


def _say(acme: Cast, rows: dict[str, Assignment], days: list[datetime]) -> None:
    """Replies, approvals, promises, a story and whose voices are compared."""
    channel = factories.channel()
    fates = [("plain", "accepted", False), ("machine first", "accepted", True), ("machine first", "accepted", False),
             ("transferred", "refused", False)]  # fmt: skip
    for number, (name, state, automatic) in enumerate(fates):
        reply = Reply.objects.create(
            assignment=rows[name], post=rows[name].mention.post, channel=channel, by=acme.rosa, text="Yes",
            key=f"golden{number}", state=state, is_automatic=automatic, written_at=days[number],
            next_attempt_at=days[number],
        )  # fmt: skip
        if name != "machine first":
            ended = days[number] + timedelta(minutes=10 if name == "plain" else 30)
            Approval.objects.create(
                reply=reply, number=1, digest="x", asked_at=days[number], ended_at=ended,
                state="approved" if name == "plain" else "sent_back",
            )  # fmt: skip
    for name, took, minutes in (("plain", 1, 120), ("off hours", 3, 120)):
        start = rows[name].created_at
        Promise.objects.create(
            assignment=rows[name], kind="next_response", minutes=minutes, in_business_hours=True, warn_at_percent=75,
            started_at=start, due_at=start + timedelta(hours=2), warn_at=start, counted_at=start,
        )  # fmt: skip
        Promise.objects.filter(assignment=rows[name]).update(
            kept_at=start + timedelta(hours=took), kept_in_seconds=took * HOUR // 2
        )
    Story.objects.create(first_at=days[1], last_at=days[2], size=2)
    Story.objects.create(first_at=days[1], last_at=days[2], size=1)
    ours, theirs = factories.query("acme"), factories.query("rival")
    compare_voices(acme.organization, ours=[ours], theirs=[theirs], by=None, at=NOW)
    for name, query in (("plain", ours), ("reopened", ours), ("transferred", ours), ("off hours", theirs)):
        MentionMatch.objects.create(mention=rows[name].mention, query=query)
        type(rows[name].mention).objects.filter(pk=rows[name].mention_id).update(query_ids=[query.pk])


# Answered after 2, 2, 6, 8 and 60 hours; resolved after 1, 3, 6, 9 and 60.
BY_HAND: dict[str, Any] = {
    "captured": 8, "authors": 7, "reach": 150, "share_of_voice": 3 / 4, "stories": 1,
    # 3 positive, 1 negative, 3 neutral; of one nobody knows.
    "net_sentiment": 2 / 7, "negative_share": 1 / 7, "positive_share": 3 / 7,
    "first_response_median": 6 * HOUR, "first_response_p90": 60 * HOUR,
    "business_response_median": 1 * HOUR, "business_response_p90": 2 * HOUR,
    "resolution_median": 6 * HOUR, "resolution_p90": 60 * HOUR,
    "next_response_median": 1 * HOUR, "next_response_p90": 3 * HOUR, "business_next_response_median": HOUR / 2,
    "next_targets_met": 1 / 2,
    "targets_met": 3 / 6, "assigned": 7, "answered": 5 / 7, "unanswered": 1 / 7, "reopened": 1 / 7,
    "backlog": 2, "overdue": 1, "backlog_oldest": (6 * 24 + 2) * HOUR,
    "replies": 4, "replies_sent": 3 / 4, "replies_refused": 1 / 4, "replies_automatic": 1 / 4,
    "approvals": 2, "approvals_given": 1 / 2, "approval_median": 20 * 60, "approval_p90": 28 * 60,
}  # fmt: skip


def near(key: str) -> Any:
    """Times come from steps of 5 %; everything else is exact."""
    return pytest.approx(BY_HAND[key], rel=0.05 if METRICS[key].precision and METRICS[key].kind == "seconds" else 1e-3)


def test_every_metric_is_what_it_is_by_hand(golden: Any, acme: Cast) -> None:
    found = values_of(Selection(WEEK), at=NOW)
    assert {key: found[key] for key in BY_HAND} == {key: near(key) for key in BY_HAND}
    care = values_of(Selection(WEEK, department=acme.care.pk), at=NOW)
    press = values_of(Selection(WEEK, department=acme.press.pk), at=NOW)
    assert (care["assigned"], press["assigned"], press["answered"], press["targets_met"]) == (6, 1, 1, 0)
    assert care["captured"] is press["reach"] is None, "mentions belong to no department"


def test_page_api_and_file_say_the_same(golden: Any, acme: Cast, sign_in: Any, api: Any) -> None:
    asked = {"from": "2026-03-23", "to": "2026-03-29", "of": "outside"}
    found = values_of(Selection(WEEK), at=NOW, viewer=acme.carla)
    rows = api(acme.carla).get("/api/v1/metrics/", asked).json()
    assert {row["key"]: row["now"] for row in rows} == {
        key: found.get(key) for key, metric in METRICS.items() if not metric.place
    }
    client = sign_in(acme.carla)
    file = csv.reader(io.StringIO(client.get("/o/acme/measure/figures.csv", asked).content.decode()))
    told = {row[0]: row[1] for row in list(file)[1:]}
    page = client.get("/o/acme/measure/figures/", asked).content.decode()
    for key in BY_HAND:
        metric = METRICS[key]
        assert float(told[str(metric.label)]) == near(key), key
        [line] = [part for part in page.split("<tr ") if part.startswith(f'id="{key}"')]
        assert said(metric.kind, found[key]) in line, key


def test_a_day_is_that_of_the_organization_on_both_changes_of_the_clock(golden: Any, acme: Cast) -> None:
    moments = [datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 22, 30, tzinfo=UTC),
               datetime(2026, 10, 25, 23, 30, tzinfo=UTC)]  # fmt: skip
    for at in moments:
        factories.mention(at=at, post=factories.post(at=at, network="feed"))
    mark_hours(moments, at=NOW)
    refresh_rollups(at=NOW)

    def by_day() -> dict[date, int]:
        return dict(DailyMentions.objects.filter(query_id=0, network="feed").values_list("day", "captured"))

    # Twenty-five hours in October; in March the mention of Saturday half past eleven (UTC) is one of Sunday.
    assert {day: count for day, count in by_day().items() if day.month == 10} == {
        date(2026, 10, 25): 2, date(2026, 10, 26): 1,
    }  # fmt: skip
    assert by_day()[date(2026, 3, 29)] == 1
    acme.organization.time_zone = "America/Los_Angeles"
    acme.organization.save()
    refresh_rollups(at=NOW)
    assert by_day()[date(2026, 3, 28)] == 2 and date(2026, 3, 29) not in by_day()
    assert {day: count for day, count in by_day().items() if day.month == 10} == {
        date(2026, 10, 24): 1, date(2026, 10, 25): 2,
    }  # fmt: skip
