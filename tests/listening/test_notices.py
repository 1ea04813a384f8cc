"""News in chat rooms and on telephones: gathered from mails, told when it suits, by a service that really answers."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from listening.actions import notices as actions
from listening.models import Notice, NoticeAddress
from listening.notices import carriers, housekeeping, telling
from listening.notices.times import due_at
from roles import clock
from roles.actions.mail import write_mail
from roles.models import AuditEntry, Member
from tests.cast import Cast
from tests.listening.receiver import Receiver

ZONE = ZoneInfo("Europe/Berlin")
MORNING = datetime(2026, 11, 26, 8, 20, tzinfo=UTC)  # 9:20 in Berlin


@pytest.fixture
def room(settings: Any) -> Iterator[Receiver]:
    """A chat service that takes JSON."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def _address(member: Member, room: Receiver, **wanted: Any) -> NoticeAddress:
    where = room.url.replace("http://", "json://")
    said = {"name": "Our room", "address": where, "kinds": ["warning", "note"], "by": member, "at": clock.now()}
    return actions.add_notice_address(member, **{**said, **wanted})


def _mail(member: Member, number: int = 1, *, kind: str = "warning", url: str = "") -> None:
    write_mail(
        member, key=f"{kind} {number}", kind=kind, subject=f"News {number}", template="engagement/mail/note",
        context={"action_url": url}, at=clock.now(),
    )  # fmt: skip


def _told(room: Receiver) -> list[tuple[str, str]]:
    return [(json.loads(body)["title"], json.loads(body)["message"]) for _headers, body in room.got]


def test_what_is_written_by_mail_is_told_once(acme: Cast, room: Receiver, settings: Any) -> None:
    _mail(acme.carla, 0)
    _address(acme.carla, room)
    _mail(acme.carla, 1, url=f"{settings.SITE_URL}/o/acme/warnings/7/")
    _mail(acme.carla, 2, kind="brief")
    _mail(acme.gita, 3)
    assert [telling.gather(at=clock.now()) for _time in range(3)] == [1, 0, 0]
    assert telling.tell_due(now=clock.now) == 1 and telling.tell_due(now=clock.now) == 0
    assert _told(room) == [("News 1", f"{settings.SITE_URL}/o/acme/warnings/7/")]
    assert Notice.objects.get().state == "sent"


def test_no_key_of_a_mail_leaves_with_a_notice(acme: Cast, room: Receiver, settings: Any) -> None:
    _address(acme.carla, room)
    _mail(acme.carla, url=f"{settings.SITE_URL}/warnings/acknowledge/a-key/")
    telling.gather(at=clock.now())
    telling.tell_due(now=clock.now)
    assert _told(room) == [("News 1", f"{settings.SITE_URL}/o/acme/")]


def test_what_is_due_together_is_one_message(acme: Cast, room: Receiver) -> None:
    _address(acme.carla, room, pace="hourly")
    for number in range(3):
        _mail(acme.carla, number)
    telling.gather(at=clock.now())
    assert telling.tell_due(now=clock.now) == 0
    later = clock.now() + timedelta(hours=1)
    assert telling.tell_due(now=lambda: later) == 1
    ((title, body),) = _told(room)
    assert title == "3 notices" and body.count("News") == 3


@pytest.mark.parametrize(
    ("wanted", "kind", "at", "due"),
    [
        ({}, "note", MORNING, MORNING),
        ({"pace": "hourly"}, "note", MORNING, MORNING.replace(hour=9, minute=0)),
        ({"pace": "daily"}, "note", MORNING, datetime(2026, 11, 27, 8, tzinfo=UTC)),
        ({"pace": "daily", "daily_at": time(18)}, "note", MORNING, MORNING.replace(hour=17, minute=0)),
        ({"quiet_from": time(9), "quiet_until": time(10)}, "note", MORNING, MORNING.replace(hour=9, minute=0)),
        ({"quiet_from": time(22), "quiet_until": time(10)}, "note", MORNING, MORNING.replace(hour=9, minute=0)),
        ({"quiet_from": time(10), "quiet_until": time(9)}, "note", MORNING, MORNING),
        ({"quiet_from": time(10), "quiet_until": time(11)}, "note", MORNING, MORNING),
        ({"quiet_from": time(9), "quiet_until": time(10), "warnings_always": True}, "warning", MORNING, MORNING),
        ({"quiet_from": time(9), "quiet_until": time(10), "warnings_always": True}, "note", MORNING,
         MORNING.replace(hour=9, minute=0)),
        # The night in which clocks go forward: 2:30 is not there, the quiet hours end at 3:30 all the same.
        ({"quiet_from": time(23), "quiet_until": time(3, 30)}, "note", datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
         datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_when_it_is_told(wanted: dict[str, Any], kind: str, at: datetime, due: datetime) -> None:
    assert due_at(NoticeAddress(organization_id=1, **wanted), kind, at, ZONE) == due


def test_a_service_that_does_not_take_it_is_tried_later_and_then_given_up(acme: Cast, room: Receiver) -> None:
    _address(acme.carla, room)
    _mail(acme.carla)
    telling.gather(at=clock.now())
    room.answers = [500] * (len(telling.WAITS) + 1)
    moment = clock.now()
    for _attempt in telling.WAITS:
        assert telling.tell_due(now=lambda: moment) == 1  # noqa: B023
        moment = Notice.objects.get().due_at
    assert NoticeAddress.objects.get().problem == "The service did not take the message."
    assert telling.tell_due(now=lambda: moment) == 1 and Notice.objects.get().state == "failed"


def test_two_workers_tell_it_once_and_a_dead_one_s_turn_is_taken_over(acme: Cast, room: Receiver) -> None:
    _address(acme.carla, room)
    _mail(acme.carla)
    telling.gather(at=clock.now())
    assert housekeeping.claim_address(clock.now()) is not None and telling.tell_due(now=clock.now) == 0
    later = clock.now() + housekeeping.LEASE + timedelta(seconds=1)
    assert telling.tell_due(now=lambda: later) == 1 and len(room.got) == 1


def test_whoever_took_longer_than_their_turn_changes_nothing_any_more(acme: Cast, room: Receiver) -> None:
    _address(acme.carla, room)
    _mail(acme.carla)
    telling.gather(at=clock.now())
    slow = housekeeping.claim_address(clock.now())
    assert slow is not None
    later = clock.now() + housekeeping.LEASE + timedelta(seconds=1)
    quick = housekeeping.claim_address(later)
    assert quick is not None
    due = list(slow.notices.all())
    telling._settle(slow, due, is_taken=False, problem="It took too long.", at=later)
    row = NoticeAddress.objects.get()
    assert (row.lease_key, row.problem, Notice.objects.get().attempts) == (quick.lease_key, "", 0)


def test_whoever_has_left_is_told_nothing(acme: Cast, room: Receiver) -> None:
    _address(acme.carla, room)
    _mail(acme.carla)
    telling.gather(at=clock.now())
    Member.objects.filter(pk=acme.carla.pk).update(is_active=False)
    assert telling.tell_due(now=clock.now) == 0 and room.got == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "syslog://",
        "exec://x",
        "mailto://a:b@example.org",
        "slack://",
        "json://127.0.0.1/?template=/etc/passwd",
        "json://127.0.0.1/?verify=no",
        "json://127.0.0.1/?rto=600",
    ],
)
def test_what_is_no_service_is_refused(acme: Cast, room: Receiver, address: str) -> None:
    with pytest.raises(ValidationError):
        _address(acme.carla, room, address=address)
    assert not NoticeAddress.objects.exists()


@pytest.mark.parametrize("scheme", sorted(carriers.SERVICES))
def test_every_service_is_known_and_spoken_to_by_http_alone(scheme: str) -> None:
    from apprise.manager_plugins import NotificationManager

    source = Path(inspect.getfile(NotificationManager()[scheme])).read_text()
    others = re.compile(r"^\s*(?:import|from) (socket|subprocess|smtplib|paho|dbus|aiohttp|httpx)\b", re.MULTILINE)
    assert "import requests" in source and not others.findall(source)


@pytest.mark.parametrize(
    ("address", "service"),
    [
        ("nctalks://ada:secret@cloud.example.org/room", "Nextcloud Talk"),
        ("synology://chat.example.org/token", "Synology Chat"),
        ("bark://push.example.org/device", "Bark"), ("prowl://" + "a" * 40, "Prowl"),
        ("pagerduty://A" + "b" * 19 + "@" + "c" * 19, "PagerDuty"), ("workflows://", ""),
    ],
)  # fmt: skip
def test_what_an_address_needs_is_said(address: str, service: str) -> None:
    if service:
        assert carriers.service_of(address) == service
    else:
        with pytest.raises(carriers.BadAddress, match="Something is missing in this address of Microsoft Teams"):
            carriers.service_of(address)


def test_private_addresses_are_not_reached(acme: Cast, room: Receiver, settings: Any) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    where = room.url.replace("http://", "json://")
    assert not carriers.send(where, title="a", body="b")
    assert not carriers.send(where.replace("127.0.0.1", "localhost"), title="a", body="b")
    assert room.got == []


def test_the_keys_of_a_service_are_never_shown(acme: Cast, room: Receiver, sign_in: Any, api: Any) -> None:
    carla, secret = sign_in(acme.carla), "TIiajkdnlazkcOXrIdevi7FQ"
    typed = {"name": "Slack", "address": f"slack://T1JJ3T3L2/A1BRTD4JD/{secret}/#general", "kinds": ["note"]}
    assert carla.post("/o/acme/notices/add/", {**typed, "pace": "at_once"}).status_code == 302
    row = NoticeAddress.objects.get()
    pages = [carla.get(f"/o/acme/notices/{path}").content.decode() for path in ("", f"{row.pk}/change/")]
    said = api(acme.carla).get("/api/v1/notice-addresses/").content.decode()
    log = str(list(AuditEntry.objects.values_list("before", "after")))
    assert row.service == "Slack" and "Slack" in pages[0]
    assert not [one for one in (*pages, said, log, row.sealed, repr(row)) if secret in one]


def test_everybody_chooses_for_themselves(acme: Cast, room: Receiver, sign_in: Any) -> None:
    row = _address(acme.carla, room)
    rosa = sign_in(acme.rosa)
    assert "Our room" not in rosa.get("/o/acme/notices/").content.decode()
    assert rosa.post(f"/o/acme/notices/{row.pk}/remove/").status_code == 404
    with pytest.raises(Exception, match="for themselves"):
        actions.remove_notice_address(row, by=acme.rosa, at=clock.now())
    carla = sign_in(acme.carla)
    carla.post(f"/o/acme/notices/{row.pk}/try/")
    assert telling.tell_due(now=clock.now) == 1 and _told(room)[0][0] == "This is a test of Touchline."
    changed = {"name": "Room", "kinds": ["brief"], "pace": "daily", "quiet_from": "22:00", "is_active": "on"}
    refused = carla.post(f"/o/acme/notices/{row.pk}/change/", changed)
    assert refused.status_code == 422 and "beginning and an end" in refused.content.decode()
    assert carla.post(f"/o/acme/notices/{row.pk}/change/", {**changed, "quiet_until": "07:00"}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.kinds, row.pace) == ("Room", ["brief"], "daily")
    assert carla.post(f"/o/acme/notices/{row.pk}/remove/").status_code == 302


def test_over_the_api(acme: Cast, room: Receiver, api: Any) -> None:
    carla = api(acme.carla)
    where = room.url.replace("http://", "json://")
    made = carla.post("/api/v1/notice-addresses/", {"name": "Room", "address": where, "kinds": ["note"]}).json()
    assert "address" not in made and made["service"] == "JSON"
    assert carla.patch(f"/api/v1/notice-addresses/{made['id']}/", {"pace": "daily"}).json()["pace"] == "daily"
    assert carla.post(f"/api/v1/notice-addresses/{made['id']}/try/").json()["state"] == "ready"
    assert api(acme.rosa).get(f"/api/v1/notice-addresses/{made['id']}/").status_code == 404
    assert carla.delete(f"/api/v1/notice-addresses/{made['id']}/").status_code == 204
