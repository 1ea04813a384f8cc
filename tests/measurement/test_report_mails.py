"""Reports are mailed when they are due: each once, to those who may still read figures, with their pictures inside."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from measurement.actions import report_mails
from measurement.actions.report_mails import send_due_reports
from measurement.actions.reports import change_report, compose_report, drop_report, next_due
from measurement.actions.rollups import refresh_rollups
from measurement.models import Report
from measurement.tasks import send_due_reports as send_task
from roles import clock
from roles.models import AuditEntry, Mail
from roles.postbox import _message
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

MONDAY = datetime(2026, 4, 6, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
BLOCKS = [{"kind": kind} for kind in ("sentences", "mentions", "query", "hour", "kpis")]


def report(acme: Cast, **fields: Any) -> Report:
    asked = {"name": "Monday\r\nBcc: all@example.org", "period": "days7", "blocks": BLOCKS, "weekdays": [0, 3],
             "at_time": time(7), "readers": [acme.elif_, acme.olga], "by": acme.carla, "at": MONDAY}  # fmt: skip
    return compose_report(acme.organization, **{**asked, **fields})


def live(acme: Cast) -> None:
    query = factories.query(name="<b>Größe</b>")
    for number in range(6):
        at = MONDAY - timedelta(days=1 + number)
        mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
        mention.matches.create(query=query)
        factories.assignment(department=acme.care, mention=mention, at=at)
    refresh_rollups(at=MONDAY)


def test_it_is_mailed_on_its_days_once_to_those_who_may_read_it(acme: Cast) -> None:
    live(acme)
    row = report(acme, readers=[acme.elif_, acme.olga, acme.carla])
    assert row.next_at == MONDAY + HOUR
    acme.olga.is_active = False
    acme.olga.save()
    acme.carla.positions.all().delete()
    assert send_due_reports(at=MONDAY) == 0
    assert [send_due_reports(at=MONDAY + HOUR) for _again in range(2)] == [1, 0]
    row.refresh_from_db()
    assert (row.next_at, row.sent_to) == (datetime(2026, 4, 9, 7, tzinfo=UTC), 1)
    mail = Mail.objects.get(kind="report")
    assert mail.member == acme.elif_ and mail.subject.startswith("Acme: Monday Bcc: all@example.org, ")
    assert "&lt;b&gt;" in mail.html and "<b>" not in mail.html and "comes late" not in mail.html
    assert "<b>Größe</b>" in mail.text and "MENTIONS OVER TIME" in mail.text
    assert [head.strip() for head in re.findall(r"<th [^>]*>([^<]*)", mail.html)][1:3] == [
        "Mentions", "The 7 days before",
    ]  # fmt: skip
    assert AuditEntry.objects.get(verb="send_report").after["sent_to"] == 1
    # Its pictures are attached, and nothing is fetched from anywhere.
    message = _message(Mail.everywhere.select_related("member__user", "organization").get(pk=mail.pk)).message()
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/related", "multipart/alternative", "text/plain", "text/html", "image/png", "image/png",
    ]  # fmt: skip
    parts = list(message.walk())
    shown = parts[3].get_payload(decode=True).decode()
    names = re.findall(r'src="cid:([^"]+)"', shown)
    assert [part["Content-ID"] for part in parts[4:]] == [f"<{name}>" for name in names] and "data:" not in shown
    assert parts[4].get_payload(decode=True).startswith(b"\x89PNG") and not re.search(r'src="(?!cid:)|url\(', shown)
    assert message["Bcc"] is None and "\n" not in message["Subject"]


def test_whoever_was_late_says_so_and_sends_one(acme: Cast) -> None:
    row = report(acme, blocks=[{"kind": "kpis"}])
    assert [send_due_reports(at=MONDAY + timedelta(days=15)) for _again in range(2)] == [1, 0]
    mail = Mail.objects.filter(kind="report").first()
    assert mail is not None and "comes late" in mail.html and "comes late" in mail.text
    row.refresh_from_db()
    assert row.next_at == datetime(2026, 4, 23, 7, tzinfo=UTC)
    drop_report(row, by=acme.carla, at=MONDAY)
    assert send_due_reports(at=MONDAY + timedelta(days=60)) == 0


def test_one_that_cannot_be_told_keeps_no_other(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = report(acme), report(acme, blocks=[{"kind": "kpis"}])
    tell = report_mails.tell

    def failing(row: Report, **asked: Any) -> Any:
        if row.pk == broken.pk:
            raise RuntimeError("no font")
        return tell(row, **asked)

    monkeypatch.setattr(report_mails, "tell", failing)
    assert send_due_reports(at=MONDAY + HOUR) == 1
    assert {mail.key.split()[1] for mail in Mail.objects.filter(kind="report")} == {str(sound.pk)}
    broken.refresh_from_db()
    assert broken.next_at == MONDAY + HOUR, "it stays due"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_report_once(acme: Cast) -> None:
    for _number in range(3):
        report(acme, blocks=[{"kind": "kpis"}])

    def work(_number: int) -> int:
        try:
            with acting_for(acme.organization):
                return send_due_reports(at=MONDAY + HOUR)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        sent = list(workers.map(work, range(2)))
    assert sum(sent) == 3 and Mail.objects.filter(kind="report").count() == 6
    # Nothing waits in the broker: whoever looks next finds what is due.
    assert Report.objects.filter(next_at__lte=clock.now()).count() == 3
    assert send_task() == 3 and Mail.objects.filter(kind="report").count() == 12
    assert not Report.objects.filter(next_at__lte=clock.now()).exists()


def test_what_is_due_stays_due_whatever_else_is_changed(acme: Cast) -> None:
    row, late = report(acme, blocks=[{"kind": "kpis"}]), MONDAY + 3 * HOUR
    doing: dict[str, Any] = {"by": acme.carla, "at": late}
    assert change_report(row, name="Monday", weekdays=[3, 0], at_time=time(7), **doing).next_at == MONDAY + HOUR
    assert send_due_reports(at=late) == 1 and Mail.objects.filter(kind="report").count() == 2
    assert change_report(row, at_time=time(10), **doing).next_at == MONDAY + 4 * HOUR
    # To nobody nothing is mailed, and nobody is told that it was.
    change_report(row, readers=[], **doing)
    assert send_due_reports(at=MONDAY + 4 * HOUR) == 1
    assert AuditEntry.objects.filter(verb="send_report").count() == 1


def test_a_sweep_that_takes_too_long_ends(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def taking_long(_row: Report, **_asked: Any) -> Any:
        raise SoftTimeLimitExceeded

    report(acme)
    monkeypatch.setattr(report_mails, "tell", taking_long)
    with pytest.raises(SoftTimeLimitExceeded):
        send_due_reports(at=MONDAY + HOUR)


@pytest.mark.parametrize(
    ("fields", "after", "due"),
    [
        # The clock leaves out half past two on the 29th of March, and strikes it twice on the 25th of October.
        ({"weekdays": [6], "at_time": time(2, 30)}, "2026-03-28T00:00", "2026-03-29T01:30"),
        ({"weekdays": [6], "at_time": time(2, 30)}, "2026-10-24T00:00", "2026-10-25T00:30"),
        ({"weekdays": [0], "at_time": time(8)}, "2026-03-23T07:00", "2026-03-30T06:00"),
        ({"month_day": 1, "at_time": time(8)}, "2026-03-01T07:00", "2026-04-01T06:00"),
        ({"month_day": 28, "at_time": time(8)}, "2026-12-28T08:00", "2027-01-28T07:00"),
        ({"at_time": time(8)}, "2026-03-01T00:00", ""),
    ],
)  # fmt: skip
def test_due_is_by_the_organizations_clock(acme: Cast, fields: Any, after: str, due: str) -> None:
    acme.organization.time_zone = "Europe/Berlin"
    found = next_due(Report(**fields), after=datetime.fromisoformat(f"{after}+00:00"))
    assert found == (datetime.fromisoformat(f"{due}+00:00") if due else None)


@settings(max_examples=40)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)), st.integers(1, 28), st.times())
def test_next_is_later_and_at_most_a_month_away(after: datetime, day: int, at_time: time) -> None:
    from roles.models import Organization

    with acting_for(Organization(time_zone="America/New_York")):
        moment = after.replace(tzinfo=UTC)
        due = next_due(Report(month_day=day, at_time=at_time.replace(fold=0)), after=moment)
    assert due is not None and moment < due <= moment + timedelta(days=31, hours=2)
    assert due.astimezone(ZoneInfo("America/New_York")).day == day
