"""A week with one of each case, whose figures are worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engagement.models import Approval, Assignment, Promise, Reply, ReplyResult
from listening.models import MentionMatch, Story
from measurement.actions import mark_hours, refresh_rollups
from measurement.actions.voices import compare_voices
from measurement.windows import Window
from tests import factories
from tests.cast import Cast

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
WEEK = Window(date(2026, 3, 23), date(2026, 3, 29), BERLIN)  # on its Sunday the clock jumps from two to three
HOUR = 3600


def case(
    acme: Cast, at: datetime, *, answered: float | None = None, ended: float | None = None, open_hours: int = 0,
    department: Any = None, due: float = 4, held: float | None = None, sounds: int | None = None,
    followers: int | None = None, **fields: Any,
) -> Assignment:  # fmt: skip
    """One mention and its assignment; times are hours after the capture, `open_hours` those of them in business.

    It was claimed an hour before it was answered, or half an hour before its end; `held` is how many hours else.
    """
    mention = factories.mention(
        at=at, post=factories.post(at=at, network="feed"), sentiment=sounds, followers=followers
    )
    when = {"first_due_at": at + timedelta(hours=due), "due_at": at + timedelta(hours=due)}
    if answered is not None:
        when |= {"first_answered_at": at + timedelta(hours=answered), "answered_in_seconds": open_hours * HOUR}
    if ended is not None:
        when |= {"resolved_at": at + timedelta(hours=ended), "resolved_in_seconds": 2 * open_hours * HOUR}
        fields["state"] = "resolved"
    if (done := answered if answered is not None else ended) is not None:
        took = held if held is not None else 1 if answered is not None else 0.5
        when["claimed_at"] = at + timedelta(hours=done - took)
    return factories.assignment(department=department or acme.care, mention=mention, at=at, **when, **fields)


def live_the_week(acme: Cast) -> dict[str, Assignment]:
    """Let each case happen, and then what changes it later."""
    acme.organization.time_zone = "Europe/Berlin"
    acme.organization.save()
    refresh_rollups(at=NOW)
    monday = datetime(2026, 3, 23, 10, tzinfo=UTC)
    days = [monday + timedelta(days=number) for number in range(6)]
    rows = {
        "plain": case(acme, days[0], answered=2, ended=3, open_hours=1, sounds=1, followers=100),
        "reopened": case(acme, days[1], answered=2, open_hours=1, sounds=-1, followers=50, reopened_count=1),
        "transferred": case(acme, days[2], answered=8, ended=9, held=3, open_hours=2, sounds=-1),
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
        if state == "accepted":
            # Of the plain one two answers are known, and of likes its network does not tell; the machine drew none.
            ReplyResult.objects.create(reply=reply, answers=0 if automatic else 2, fetched_at=days[5])
        if name == "machine first" and not automatic:
            ReplyResult.objects.filter(reply=reply).delete()
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
        Promise.objects.filter(assignment=rows[name], kind="next_response").update(
            kept_at=start + timedelta(hours=took), kept_in_seconds=took * HOUR // 2
        )
    for name, due in (("plain", 2), ("off hours", 61)):
        row = rows[name]
        made = Promise.objects.create(
            assignment=row, kind="resolution", minutes=120, in_business_hours=False, warn_at_percent=75,
            started_at=row.created_at, due_at=row.created_at + timedelta(hours=due), warn_at=row.created_at,
            counted_at=row.created_at,
        )  # fmt: skip
        Promise.objects.filter(pk=made.pk).update(kept_at=row.resolved_at)
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
    # In business hours 0, 2, 2, 4 and 4.
    "business_resolution_median": 2 * HOUR, "business_resolution_p90": 4 * HOUR,
    "next_response_median": 1 * HOUR, "next_response_p90": 3 * HOUR, "business_next_response_median": HOUR / 2,
    "business_next_response_p90": 3 * HOUR / 2, "next_targets_met": 1 / 2, "resolution_targets_met": 1 / 2,
    # Held for half an hour, four times for one, for three.
    "handling": HOUR, "handling_p90": 2 * HOUR,
    "targets_met": 3 / 6, "assigned": 7, "answered": 5 / 7, "unanswered": 1 / 7, "reopened": 1 / 7,
    # The one that is open again since Tuesday, and the one that nobody answered since Saturday.
    "backlog": 2, "overdue": 1, "backlog_oldest": 146 * HOUR, "backlog_age_median": (146 + 50) / 2 * HOUR,
    # On Sunday at midnight in Berlin these two and what came on Friday evening.
    "backlog_at_end": 3, "backlog_age": (132 + 36 + 50) / 3 * HOUR,
    "replies": 4, "replies_sent": 3 / 4, "replies_refused": 1 / 4, "replies_automatic": 1 / 4,
    "replies_unknown": 0, "reply_answers": 2, "reply_likes": None, "reply_reposts": None,
    "reply_clicks": None,
    # Nothing was published in this week; what was is counted in tests/content/test_results.py.
    "publications": 0, "self_promotion": None, "link_clicks": None, "channel_cadence": None, "passed_at_first": None,
    "review_median": None, "review_p90": None,
    **dict.fromkeys(("publication_answers", "publication_likes", "publication_reposts")),
    "approvals": 2, "approvals_given": 1 / 2, "approval_median": 20 * 60, "approval_p90": 28 * 60,
}  # fmt: skip

# How many rows each opens, so that a share can be seen to be one of so many.
ROWS_BY_HAND: dict[str, int] = {
    "captured": 8, "authors": 8, "reach": 2, "stories": 1,
    "net_sentiment": 7, "negative_share": 1, "positive_share": 3,
    **{f"{name}_{share}": 5 for name in ("first_response", "business_response", "resolution", "business_resolution")
       for share in ("median", "p90")},
    **{f"{name}_{share}": 2 for name in ("next_response", "business_next_response") for share in ("median", "p90")},
    "handling": 6, "handling_p90": 6, "targets_met": 3, "next_targets_met": 1, "resolution_targets_met": 1,
    "assigned": 7, "answered": 5, "unanswered": 1, "reopened": 1,
    "backlog": 2, "overdue": 1, "backlog_oldest": 2, "backlog_age_median": 2, "backlog_at_end": 3, "backlog_age": 3,
    "replies": 4, "replies_sent": 3, "replies_refused": 1, "replies_automatic": 1,
    "replies_unknown": 0, "reply_answers": 2, "reply_likes": 0, "reply_reposts": 0, "reply_clicks": 0,
    "publications": 0, "self_promotion": 0, "publication_answers": 0, "publication_likes": 0, "publication_reposts": 0,
    "link_clicks": 0, "channel_cadence": 0, "passed_at_first": 0, "review_median": 0, "review_p90": 0,
    "approvals": 2, "approvals_given": 1, "approval_median": 2, "approval_p90": 2,
}  # fmt: skip
