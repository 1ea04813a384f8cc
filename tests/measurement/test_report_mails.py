"""Reports are mailed when they are due: each once, to those who may still read figures, with their pictures inside."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from measurement import housekeeping
from measurement.actions import report_mails
from measurement.actions.report_mails import send_due_reports
from measurement.actions.reports import change_report, compose_report, drop_report, next_due
from measurement.actions.rollups import refresh_rollups
from measurement.models import Report, ReportPicture
from measurement.report_links import stop_key
from measurement.tasks import send_due_reports as send_task
from roles import clock
from roles.links import outside_address
from roles.models import AuditEntry, Mail, Member, Position, Role
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


def failing(monkeypatch: pytest.MonkeyPatch, broken: Report) -> None:
    tell = report_mails.tell

    def fails(row: Report, **asked: Any) -> Any:
        if row.pk == broken.pk:
            raise RuntimeError("no <b>font</b> in /srv/secret\x00")
        return tell(row, **asked)

    monkeypatch.setattr(report_mails, "tell", fails)


def test_one_that_cannot_be_told_keeps_no_other_and_is_tried_ever_later(
    acme: Cast, monkeypatch: pytest.MonkeyPatch, sign_in: Any, api: Any
) -> None:
    broken, sound = report(acme, name="Board"), report(acme, name="Sound", blocks=[{"kind": "kpis"}])
    with monkeypatch.context() as patch:
        failing(patch, broken)
        assert send_due_reports(at=MONDAY + HOUR) == 1
        assert {mail.key.split()[1] for mail in Mail.objects.filter(kind="report")} == {str(sound.pk)}
        tried = [MONDAY + HOUR]
        for _try in range(7):
            broken.refresh_from_db()
            assert broken.next_at is not None and broken.due_since == MONDAY + HOUR, "it stays due since then"
            tried.append(broken.next_at)
            assert send_due_reports(at=broken.next_at - timedelta(seconds=1)) == 0
            send_due_reports(at=broken.next_at)
        waits = [later - earlier for earlier, later in pairwise(tried)]
        assert waits == [timedelta(minutes=2 ** (number + 1)) for number in range(7)]
        # Whoever looks after it is told once that it fails; the text of the error stands in the log alone.
        told = Mail.objects.get(kind="report_failure")
        page = sign_in(acme.carla).get(f"/o/acme/measure/reports/{broken.pk}/").content.decode()
        said = api(acme.elif_).get(f"/api/v1/reports/{broken.pk}/").json()["problem"]
        assert told.member == acme.carla and "Try again now" in page
        for text in (told.html, told.text, page, said):
            assert "Something went wrong here (RuntimeError)" in text and "secret" not in text
        assert "could not be mailed" in sign_in(acme.elif_).get("/o/acme/measure/reports/").content.decode()
        assert sign_in(acme.olga).post(f"/o/acme/measure/reports/{broken.pk}/try-again/").status_code == 403
        assert sign_in(acme.carla).post(f"/o/acme/measure/reports/{broken.pk}/try-again/").status_code == 302
    broken.refresh_from_db()
    assert broken.failures == 0 and broken.next_at is not None and broken.next_at > MONDAY
    assert send_due_reports(at=broken.next_at) == 2, "with the other, of another day"
    broken.refresh_from_db()
    assert (broken.problem, broken.due_since) == ("", None)
    late = Mail.objects.filter(kind="report", key=f"report {broken.pk} {(MONDAY + HOUR).isoformat()}")
    assert late.count() == 2 and "comes late" in late[0].html
    assert api(acme.carla).post(f"/api/v1/reports/{broken.pk}/try-again/").status_code == 400
    assert AuditEntry.objects.filter(verb="try_report_again").count() == 1


def test_one_that_takes_its_worker_along_is_tried_later_and_told_of(acme: Cast, sign_in: Any) -> None:
    row, at, there = report(acme), MONDAY + HOUR, "/o/acme/measure/reports/"
    elif_ = sign_in(acme.elif_)
    for number in range(4):
        assert not Mail.objects.filter(kind="report_failure").exists()
        assert ("could not be mailed" in elif_.get(there).content.decode()) is (number > 1)
        # Whoever is killed after this has written nothing else.
        again_at = report_mails._begin(row.pk, at)
        assert again_at is not None and report_mails._begin(row.pk, at) is None
        at = again_at
    told = Mail.objects.get(kind="report_failure")
    assert told.member == acme.carla and "has come to no end" in told.text
    assert send_due_reports(at=at) == 1 and "could not be mailed" not in elif_.get(there).content.decode()


def test_whoever_mends_one_need_not_wait_and_without_an_owner_all_who_may_are_told(
    acme: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = report(acme)
    with monkeypatch.context() as patch:
        failing(patch, row)
        acme.carla.is_active = False
        acme.carla.save()
        at = MONDAY + HOUR
        for _try in range(3):
            send_due_reports(at=at)
            row.refresh_from_db()
            assert row.next_at is not None
            at = row.next_at
    assert [str(mail.member) for mail in Mail.objects.filter(kind="report_failure")] == ["Elif"]
    assert change_report(row, name="Mended", by=acme.elif_, at=MONDAY + 2 * HOUR).next_at == MONDAY + 2 * HOUR
    assert send_due_reports(at=MONDAY + 2 * HOUR) == 1
    with monkeypatch.context() as patch:
        failing(patch, row)
        send_due_reports(at=datetime(2026, 4, 9, 7, tzinfo=UTC))
    assert drop_report(row, by=acme.elif_, at=MONDAY).problem == ""


def test_a_reader_stops_the_mails_by_one_click_and_nobody_else_takes_that_back(
    acme: Cast, sign_in: Any, api: Any
) -> None:
    row = report(acme, blocks=[{"kind": "kpis"}])
    send_due_reports(at=MONDAY + HOUR)
    mail = Mail.everywhere.select_related("member__user", "organization").get(kind="report", member=acme.elif_)
    message = _message(mail).message()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = "/" + message["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    assert stop in mail.html and stop in mail.text
    stranger = Client(enforce_csrf_checks=True)
    assert "Stop them" in stranger.get(stop).content.decode()
    assert row.readers.filter(wants_it=True).count() == 2, "who only looks stops nothing"
    for _again in range(2):
        assert stranger.post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert stranger.get(f"{stop.rstrip('/')}x/").status_code == 404
    change_report(row, readers=[acme.elif_, acme.olga], by=acme.carla, at=MONDAY)
    send_due_reports(at=datetime(2026, 4, 9, 7, tzinfo=UTC))
    assert Mail.objects.filter(kind="report", member=acme.elif_).count() == 1
    assert Mail.objects.filter(kind="report", member=acme.olga).count() == 2
    reader, there = sign_in(acme.elif_), f"/o/acme/measure/reports/{row.pk}/"
    assert "You asked for no mails of it" in reader.get(there).content.decode()
    assert reader.post(f"{there}mails/", {"wants": "yes"}).status_code == 302
    assert row.readers.filter(wants_it=True).count() == 2
    program = api(acme.elif_)
    assert program.post(f"/api/v1/reports/{row.pk}/mails/", {"wants_it": False}).json() == {"wants_it": False}
    assert api(acme.carla).post(f"/api/v1/reports/{row.pk}/mails/", {"wants_it": True}).status_code == 400
    # Whoever may read no figures any more is told the same, and it does no harm.
    acme.elif_.positions.all().delete()
    assert stranger.post(stop).status_code == 200


def test_who_stopped_the_mails_while_they_got_none_gets_none_later(acme: Cast) -> None:
    row = report(acme, blocks=[{"kind": "kpis"}])

    def stop(member: Member) -> None:
        url = outside_address("measurement:stop_report_mails", stop_key(row, member))
        for _again in range(2):
            assert Client().post("/" + url.split("/", 3)[3]).status_code == 200

    # Taken out by whoever composes it, or without a position for a while: what they said holds when they are back.
    change_report(row, readers=[acme.olga, acme.carla], by=acme.carla, at=MONDAY)
    stop(acme.elif_)
    acme.olga.positions.all().delete()
    stop(acme.olga)
    Position.objects.create(member=acme.olga, role=Role.EXECUTIVE)
    change_report(row, readers=[acme.elif_, acme.olga, acme.carla], by=acme.carla, at=MONDAY)
    send_due_reports(at=MONDAY + HOUR)
    assert [str(mail.member) for mail in Mail.objects.filter(kind="report")] == ["Carla"]
    assert AuditEntry.objects.filter(verb="choose_report_mails").count() == 2


def test_pictures_are_kept_once_for_all_readers_and_go_after_a_month(acme: Cast) -> None:
    live(acme)
    report(acme)
    send_due_reports(at=MONDAY + HOUR)
    assert ReportPicture.objects.count() == 2
    mails = Mail.everywhere.filter(kind="report").select_related("member__user", "organization")
    pictures = [
        [part.get_payload(decode=True) for part in _message(mail).message().walk() if part["Content-ID"]]
        for mail in mails
    ]
    assert len(pictures) == 2 and pictures[0] == pictures[1] and all(len(mail.html) < 100_000 for mail in mails)
    assert housekeeping.forget_pictures(at=MONDAY + timedelta(days=29)) == 0
    assert housekeeping.forget_pictures(at=MONDAY + timedelta(days=31)) == 2
    shown = _message(mails[0]).message()
    assert (
        'src=""'
        in next(part for part in shown.walk() if part.get_content_type() == "text/html")
        .get_payload(decode=True)
        .decode()
    )  # type: ignore[union-attr]


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


def test_what_is_changed_while_it_is_drawn_goes_out_as_it_is_now(acme: Cast) -> None:
    row, at = report(acme, blocks=[{"kind": "kpis"}]), MONDAY + HOUR
    again_at = report_mails._begin(row.pk, at)
    assert again_at is not None
    due = change_report(row, weekdays=[2], by=acme.carla, at=at).next_at
    assert due not in {None, again_at} and not report_mails._send(row.pk, again_at, at)
    assert not Mail.objects.filter(kind="report").exists()
    assert send_due_reports(at=due) == 1 and Mail.objects.filter(kind="report").count() == 2


def test_a_sweep_that_takes_too_long_ends(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def taking_long(_row: Report, **_asked: Any) -> Any:
        raise SoftTimeLimitExceeded

    row = report(acme)
    monkeypatch.setattr(report_mails, "tell", taking_long)
    with pytest.raises(SoftTimeLimitExceeded):
        send_due_reports(at=MONDAY + HOUR)
    # It is not the first again at the next look, so that the others have their turn.
    assert send_due_reports(at=MONDAY + HOUR) == 0 and Report.objects.get().due_since == row.next_at


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
