"""The other places where the demo organization listens: one well and internal, one silent, one failing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from listening.actions import sources, webhooks
from listening.ingest import ingest
from listening.models import InboundBody, InboundWebhook, Poll, Source, SourceDay
from listening.networks.protocols import Page, RemoteAuthor, RemotePost
from roles.models import Member

HOUR = 3600
DAYS = 30
DOWN = "The site is out of order (503)."


class Told(NamedTuple):
    """What somebody wrote at a place so many days ago."""

    days_ago: float
    author: str
    title: str
    text: str


FORUM = (
    Told(6.2, "Workshop", "Frames of this week", "Twelve frames are painted; the green ones wait for their forks."),
    Told(3.1, "Night shift", "Spare keys", "The keys of the second gate hang at the paint shop again."),
    Told(
        0.8,
        "Workshop",
        "A cargo bike for the canteen?",
        "Could we get a cargo bike for the canteen's errands? The old trolley has lost a wheel.",
    ),
)
COURIER = (
    Told(14.0, "Harbour Courier", "Bike lanes along the quay", "The council wants bike lanes along the north quay."),
    Told(12.5, "Harbour Courier", "Market moves", "The fish market moves to the old shipyard in spring."),
)


REVIEW = {
    "review": {
        "number": 4711, "stars": 4, "text": "Rides like a dream, but the bell rattles.", "by": {"name": "Yusuf K."},
        "at": "2026-06-01T09:30:00Z", "link": "https://shop.larkspur.example/reviews/4711",
    }
}  # fmt: skip
REVIEW_MAPPING = {
    "posts": "review", "id": "number", "text": "text", "author_name": "by.name", "published_at": "at", "url": "link",
    "title": "",
}  # fmt: skip


@transaction.atomic
def add_places(*, by: Member, at: datetime) -> None:
    """Add them, with a month behind them; none is read again before tomorrow."""
    forum = add_place(
        "https://intranet.larkspur.example/forum.atom", "Workshop forum", FORUM, by=by, at=at, is_internal=True
    )
    lived(forum, at, usual_seconds=40 * HOUR, last_item_at=at - timedelta(days=0.8))
    courier = add_place("https://courier.example/feed", "Harbour Courier", COURIER, by=by, at=at, folder="Press")
    lived(courier, at, usual_seconds=36 * HOUR, last_item_at=at - timedelta(days=12.5))
    gazette = add_place("https://gazette.example/rss", "Riders' Gazette", by=by, at=at, folder="Press")
    lived(gazette, at, failing_days=1, usual_seconds=20 * HOUR, last_item_at=at - timedelta(days=2.2))


def add_webhooks(*, by: Member, at: datetime) -> None:
    """A shop that sends its reviews, one of which came, and a chat room that is to be told, once it is switched on."""
    row, _secret = webhooks.add_inbound_webhook(name="Shop reviews", by=by, at=at - timedelta(days=3))
    webhooks.map_inbound_webhook(row, mapping=REVIEW_MAPPING, by=by, at=at - timedelta(days=3))
    came_at = at - timedelta(hours=5)
    InboundBody.objects.create(
        webhook=row,
        key="review-4711",
        body=json.dumps(REVIEW, indent=1).encode(),
        received_at=came_at,
        taken_at=came_at,
    )
    InboundWebhook.objects.filter(pk=row.pk).update(last_body_at=came_at)
    Source.objects.filter(pk=row.source_id).update(
        next_poll_at=at + timedelta(days=1), last_polled_at=came_at, last_success_at=came_at
    )
    events = ["warning.raised", "reply.unknown", "sending.stopped"]
    told, _secret = webhooks.add_outbound_webhook(
        name="Room of the team", url="https://chat.larkspur.example/hooks/touchline", events=events, by=by, at=at
    )
    webhooks.change_outbound_webhook(told, name=told.name, url=told.url, events=events, is_active=False, by=by, at=at)


def add_place(
    place: str, name: str, told: tuple[Told, ...] = (), *, by: Member, at: datetime, days: int = DAYS, **fields: Any
) -> Source:
    """Add a feed that exists nowhere, some days ago, with what was told there since."""
    begun = at - timedelta(days=days)
    row = sources.add_source(network="feed", place=place, name=name, by=by, at=begun, **fields)
    Source.objects.filter(pk=row.pk).update(last_success_at=begun)
    row.refresh_from_db()
    for number, entry in enumerate(told):
        moment = at - timedelta(days=entry.days_ago)
        post = RemotePost(
            id=f"{place}/{number}", title=entry.title, text=entry.text, author=RemoteAuthor(name=entry.author),
            published_at=moment, language="en",
        )  # fmt: skip
        ingest(row, Page(posts=(post,)), at=moment + timedelta(minutes=20))
    return row


def lived(row: Source, at: datetime, *, failing_days: int = 0, **health: Any) -> None:
    """Write down a month of polls, day by day, the last ones failed where that is wanted."""
    well_until = at - timedelta(days=failing_days)
    days = []
    for back in range(1, DAYS):
        moment = at - timedelta(days=back)
        failed = moment > well_until
        slips = 1 if back % 11 == 4 else 0
        days.append(SourceDay(source=row, day=moment.date(), well=0 if failed else 12 - slips,
                              unreachable=9 if failed else slips, new=0 if failed else back % 3))  # fmt: skip
    SourceDay.objects.bulk_create(days)
    polls = [
        Poll(source=row, started_at=moment, finished_at=moment, status=503 if failing_days else 304,
             outcome=Poll.Outcome.UNREACHABLE if failing_days else Poll.Outcome.UNCHANGED,
             problem=DOWN if failing_days else "")
        for moment in (at - timedelta(hours=2 * back) for back in (5, 4, 3, 2, 1))
    ]  # fmt: skip
    Poll.objects.bulk_create(polls)
    failures = {"network_failures_in_row": 9 * failing_days, "problem": DOWN if failing_days else ""}
    Source.objects.filter(pk=row.pk).update(
        last_polled_at=at - timedelta(hours=2), last_success_at=well_until - timedelta(hours=2),
        next_poll_at=at + timedelta(hours=22), interval_seconds=24 * HOUR, cursor={}, **failures, **health,
    )  # fmt: skip
