"""How the demo organization is known elsewhere: accounts that fare well, badly and not at all, and who is told.

Nothing of it calls anybody: the servers exist nowhere, no source listens through them, and all that could send is off.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from config.demo_sources import add_webhooks
from listening.actions import notices
from listening.connections.keeping import CHECKED_EVERY, sealed
from listening.models import Connection, Notice, NoticeAddress, OutboundEvent, OutboundWebhook, RateLimit, Source
from listening.networks.limits import MONEY
from roles.models import Member

# A demo is not kept so long: until then nobody else can tend its accounts, so none of these servers is looked for.
LATER = timedelta(days=90)
DOWN = "The forum is out of order (503)."
PLACE = "mentions in forum.larkspur.example"


def be_known(*, by: Member, at: datetime) -> None:
    """Accounts at networks, programs that send and are told, and a telephone."""
    add_webhooks(by=by, at=at)
    connect_accounts(by=by, at=at)
    tell_others(by=by, at=at)


def connect_accounts(*, by: Member, at: datetime) -> None:
    """Write them down as they would stand after some weeks."""
    known = {"created_by": by, "created_at": at - timedelta(days=40), "lease_until": at + LATER, "lease_key": "demo"}
    works = Connection.objects.create(
        network="mastodon", server="https://social.larkspur.example", way="code", name="Mastodon: @larkspur",
        account_id="larkspur@social.larkspur.example", handle="larkspur@social.larkspur.example",
        account_name="Larkspur", account_url="https://social.larkspur.example/@larkspur",
        sealed=sealed({"token": "for-show"}), checked_at=at - timedelta(hours=2),
        check_due_at=at - timedelta(hours=2) + CHECKED_EVERY, **known,
    )  # fmt: skip
    _limit(works, "", most=300, left=287, resets_in=timedelta(minutes=4), at=at)
    _limit(works, "media", most=30, left=30, resets_in=timedelta(minutes=28), at=at)
    forum = Connection.objects.create(
        network="discourse", server="https://forum.larkspur.example", way="key", name="Riders’ forum",
        account_id="larkspur@forum.larkspur.example", handle="larkspur", account_name="Larkspur",
        account_url="https://forum.larkspur.example/u/larkspur", sealed=sealed({"key": "for-show"}),
        state=Connection.State.TROUBLE, problem=DOWN, failures_in_row=4, checked_at=at - timedelta(hours=9),
        check_due_at=at + timedelta(minutes=50), **known,
    )  # fmt: skip
    _limit(forum, "", most=60, left=12, resets_in=timedelta(seconds=40), at=at)
    Source.objects.create(
        network="discourse", place=PLACE, name="What is said to us in the forum", connection=forum, created_by=by,
        created_at=at - timedelta(days=40), state=Source.State.PAUSED, state_reason="Until the forum is well again.",
        next_poll_at=at + LATER, last_polled_at=at - timedelta(hours=9), last_success_at=at - timedelta(hours=9),
    )  # fmt: skip
    paid = Connection.objects.create(
        network="x", way="own_app", name="X: larkspur_bikes", account_id="1900000000000000001",
        handle="larkspur_bikes", account_name="Larkspur", account_url="https://x.com/larkspur_bikes",
        state=Connection.State.WITHDRAWN, problem="X does not accept the keys any more. Connect with new ones.",
        facts={"owns_app": True}, budget=10_000, refusals_in_row=2, checked_at=at - timedelta(days=2),
        told_at=at - timedelta(days=2), **known,
    )  # fmt: skip
    _limit(paid, MONEY, most=10_000, left=6_415, resets_in=timedelta(days=12), at=at)


def _limit(row: Connection, bucket: str, *, most: float, left: float, resets_in: timedelta, at: datetime) -> None:
    RateLimit.objects.create(
        network=row.network, connection=row, bucket=bucket, most=most, remaining=left, resets_at=at + resets_in,
        window_seconds=300.0, told_at=at - timedelta(minutes=1),
    )  # fmt: skip


def tell_others(*, by: Member, at: datetime) -> None:
    """The chat room and the telephone of the coach, both switched off, with what they were told before."""
    room = OutboundWebhook.objects.get(name="Room of the team")
    said = (
        ("warning.raised", 76.0, 1, 204, ""), ("reply.unknown", 51.5, 3, 200, ""),
        ("sending.stopped", 30.0, 1, 204, ""), ("warning.raised", 6.2, 8, 502, "It answered 502."),
    )  # fmt: skip
    for number, (kind, hours, attempts, status, problem) in enumerate(said):
        happened = at - timedelta(hours=hours)
        payload = {"type": kind, "timestamp": happened.isoformat(), "data": {"by": "Touchline"}}
        OutboundEvent.objects.create(
            webhook=room, key=f"msg_{room.pk}_demo{number}", kind=kind, payload=payload, happened_at=happened,
            next_attempt_at=happened, attempts=attempts, status=status, problem=problem,
            state=OutboundEvent.State.FAILED if problem else OutboundEvent.State.TAKEN,
            taken_at=None if problem else happened + timedelta(seconds=2),
        )  # fmt: skip
    wanted: dict[str, Any] = {
        "name": "My telephone", "kinds": ["warning", "connection"], "pace": NoticeAddress.Pace.HOURLY,
        "quiet_from": time(20), "quiet_until": time(7, 30), "warnings_always": True, "by": by,
    }  # fmt: skip
    phone = notices.add_notice_address(
        by, address="ntfys://push.larkspur.example/ines", at=at - timedelta(days=20), **wanted
    )
    phone = notices.change_notice_address(phone, is_active=False, at=at - timedelta(hours=3), **wanted)
    for number, (kind, subject, hours) in enumerate((
        ("warning", "Far more is said about “Larkspur” than usual", 76.0),
        ("connection", "“X: larkspur_bikes” has to be connected again", 48.0),
    )):  # fmt: skip
        written = at - timedelta(hours=hours)
        Notice.objects.create(
            address=phone, key=f"demo{number}", kind=kind, subject=subject, url="", state=Notice.State.SENT,
            written_at=written, due_at=written, attempts=1, sent_at=written + timedelta(minutes=20),
        )  # fmt: skip
