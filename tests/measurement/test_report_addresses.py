"""A report is read by whoever has its address: where the owner allows it, until its day, until it is revoked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from listening.models import EarlyWarning
from measurement.actions.annotations import annotate
from measurement.actions.report_addresses import (
    allow_report_addresses,
    note_reading,
    publish_report,
    unpublish_report,
)
from measurement.actions.reports import change_report, drop_report, take_up_report
from measurement.actions.rollups import refresh_rollups
from measurement.models import Report, ReportAddress
from measurement.reporting import for_anybody, tell
from roles import clock
from roles.models import AuditEntry, Role
from tests import factories
from tests.cast import Cast, join
from tests.measurement.test_reports import HERE, report


def allow(acme: Cast, *, allows: bool = True) -> None:
    allow_report_addresses(acme.organization, allows=allows, by=acme.olga, at=clock.now())


@pytest.fixture
def row(acme: Cast) -> Report:
    at = clock.now() - timedelta(days=2)
    mention = factories.mention(at=at, post=factories.post("Rosa said so", at=at, network="feed"))
    factories.assignment(department=acme.care, member=acme.rosa, mention=mention, at=at)
    annotate(acme.organization, title="Launch", first_day=at.date(), by=acme.carla, at=at)
    refresh_rollups(at=clock.now())
    kinds = ("figures", "mentions", "department", "kpis", "stories")
    return report(acme, period="days7", blocks=[{"kind": kind} for kind in kinds])


def test_who_has_the_address_reads_it_until_it_is_revoked(acme: Cast, row: Report) -> None:
    doing: dict[str, Any] = {"by": acme.carla, "at": clock.now()}
    with pytest.raises(ValidationError, match="not allowed"):
        publish_report(row, **doing)
    allow(acme)
    allow(acme)
    address = publish_report(row, days=30, **doing)
    assert publish_report(row, days=90, **doing) == address and len(address.token) >= 32
    assert publish_report(row, **doing) == address, "where nobody says how long, it stays as it is"
    # One that is open stays, and is open as long as was said last.
    assert AuditEntry.objects.filter(verb="publish_report").count() == 2
    address.refresh_from_db()
    assert address.expires_at == doing["at"] + timedelta(days=90) and address.read_at is None
    stranger, where = Client(), f"/measure/reports/at/{address.token}/"
    answer = stranger.get(where)
    page = answer.content.decode()
    assert answer.status_code == 200 and "Launch" in page and "left out" in page
    assert "/o/acme/" not in page, "no way into the application"
    assert not [name for name in ("Rosa", "Carla", "Elif", "Olga") if name in page], "nobody is named"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow" and "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert stranger.get(f"{where}?as=pdf").content.startswith(b"%PDF")
    address.refresh_from_db()
    assert address.read_at is not None
    for minutes, is_noted in ((4, False), (6, True)):
        later = address.read_at + timedelta(minutes=minutes)
        note_reading(address, at=later)
        assert ReportAddress.objects.get(pk=address.pk).read_at == (later if is_noted else address.read_at)
    drop_report(row, **doing)
    assert stranger.get(where).status_code == 404
    take_up_report(row, **doing)
    assert stranger.get(where).status_code == 200
    for _again in range(2):
        unpublish_report(row, **doing)
    assert stranger.get(where).status_code == 404
    assert publish_report(row, **doing).token != address.token
    assert AuditEntry.objects.filter(verb="unpublish_report").count() == 1


def test_outside_nobody_learns_what_the_house_knows_of_itself(acme: Cast, row: Report) -> None:
    at = clock.now() - timedelta(days=3)
    EarlyWarning.objects.create(
        kind="by_hand", subject="They will sue us", severity=3, began_at=at, detected_at=at, last_at=at
    )
    told = tell(row, at=clock.now(), viewer=acme.carla)
    inside, outside = (
        [(note.number, note.title) for block in one.blocks if block.picture for note in block.picture.notes]
        for one in (told, for_anybody(told))
    )
    assert inside == [(1, "Raised by a person: They will sue us"), (2, "Launch")] and outside == [(1, "Launch")]


def test_what_others_read_is_changed_by_who_may_open_it(acme: Cast, row: Report, sign_in: Any) -> None:
    coach, there = join("Kim", Role.COACH, acme.care), f"{HERE}{row.pk}/"
    doing: dict[str, Any] = {"by": coach, "at": clock.now()}
    change_report(row, name="Weekly", **doing)
    allow(acme)
    publish_report(row, days=7, by=acme.carla, at=clock.now())
    for change in (change_report, drop_report):
        with pytest.raises(PermissionDenied):
            change(row, **doing)
    offered = f"{there}change/"
    assert offered not in sign_in(coach).get(there).content.decode()
    assert offered in sign_in(acme.carla).get(there).content.decode()
    drop_report(row, by=acme.carla, at=clock.now())
    with pytest.raises(PermissionDenied):
        take_up_report(row, **doing)
    unpublish_report(row, by=acme.carla, at=clock.now())
    assert take_up_report(row, **doing).dropped_at is None


def test_every_address_that_opens_nothing_is_refused_alike(acme: Cast, row: Report) -> None:
    allow(acme)
    at = clock.now()
    address = publish_report(row, days=7, by=acme.carla, at=at - timedelta(days=8))
    here = "/measure/reports/at/"
    over = Client().get(f"{here}{address.token}/")
    again = publish_report(row, days=7, by=acme.carla, at=at)
    assert again.token != address.token and Client().get(f"{here}{again.token}/").status_code == 200
    allow(acme, allows=False)
    ended = Client().get(f"{here}{again.token}/")
    wrong = Client().get(f"{here}{'x' * 32}/")
    assert [Client().get(f"{place}%00/").status_code for place in (here, "/guidelines/at/")] == [404, 404]
    assert {over.status_code, ended.status_code, wrong.status_code} == {404}
    assert over.content == ended.content == wrong.content
    allow(acme)
    assert Client().get(f"{here}{again.token}/").status_code == 404, "what was revoked stays revoked"
    assert Client().get(f"/o/elsewhere/measure/reports/{row.pk}/").status_code == 302


def test_only_who_stands_for_the_whole_opens_one_and_only_owners_allow_it(acme: Cast, row: Report) -> None:
    allow(acme)
    coach = join("Kim", Role.COACH, acme.care)
    with pytest.raises(PermissionDenied):
        publish_report(row, by=coach, at=clock.now())
    with pytest.raises(PermissionDenied):
        allow_report_addresses(acme.organization, allows=False, by=acme.carla, at=clock.now())
    with pytest.raises(ValidationError):
        publish_report(row, days=10_000, by=acme.carla, at=clock.now())


def test_pages_and_programs(acme: Cast, row: Report, sign_in: Any, api: Any) -> None:
    carla, olga, there = sign_in(acme.carla), sign_in(acme.olga), f"{HERE}{row.pk}/"
    assert "Open an address" not in carla.get(there).content.decode()
    assert "Allow it" in olga.get(HERE).content.decode() and "Allow it" not in carla.get(HERE).content.decode()
    assert carla.post(f"{there}publish/", {"days": "30"}).status_code == 302 and not ReportAddress.objects.exists()
    assert olga.post(f"{HERE}addresses/", {"allows": "yes"}).status_code == 302
    assert "Open an address" in carla.get(there).content.decode()
    assert carla.post(f"{there}publish/", {"days": "30"}).status_code == 302
    address = ReportAddress.objects.get()
    assert address.token in carla.get(there).content.decode() and address.token not in olga.get(there).content.decode()
    # Right after one was opened that can be undone; after it was kept open longer, revoking it is no undoing.
    assert carla.get(there).content.decode().count(f"{there}unpublish/") == 1
    assert carla.post(f"{there}publish/", {"days": "365"}).status_code == 302
    assert carla.get(there).content.decode().count(f"{there}unpublish/") == 1
    assert carla.post(f"{there}unpublish/").status_code == 302
    assert carla.post(f"{there}publish/", {"days": "30"}).status_code == 302
    assert carla.get(there).content.decode().count(f"{there}unpublish/") == 2
    assert carla.post(f"{there}unpublish/").status_code == 302
    program = api(acme.carla)
    opened = program.post(f"/api/v1/reports/{row.pk}/publish/", {"days": 7})
    assert opened.status_code == 200 and "/measure/reports/at/" in opened.json()["url"]
    assert program.post(f"/api/v1/reports/{row.pk}/publish/", {"days": 8}).status_code == 400
    longer = program.post(f"/api/v1/reports/{row.pk}/publish/", {"days": 365}).json()
    assert program.post(f"/api/v1/reports/{row.pk}/publish/", {}).json() == longer, "nothing said shortens nothing"
    assert program.post(f"/api/v1/reports/{row.pk}/unpublish/").status_code == 204
    assert api(acme.olga).post("/api/v1/reports/addresses/", {"allows": False}).json() == {"allows": False}
    assert program.post(f"/api/v1/reports/{row.pk}/publish/", {"days": 7}).status_code == 400


def test_all_that_is_open_stands_on_one_page(acme: Cast, row: Report, sign_in: Any, api: Any) -> None:
    allow(acme)
    at, here = clock.now(), f"{HERE}open/"
    publish_report(row, days=7, by=acme.carla, at=at)
    over = report(acme, name="Over", blocks=[{"kind": "kpis"}])
    publish_report(over, days=7, by=acme.carla, at=at - timedelta(days=8))
    token = ReportAddress.objects.open(at).get().token
    carla, department_coach = sign_in(acme.carla), sign_in(join("Kim", Role.COACH, acme.care))
    page = carla.get(here).content.decode()
    assert token in page and "Close it" in page and "not opened yet" in page and "Over" not in page
    Client().get(f"/measure/reports/at/{token}/")
    assert "last opened" in carla.get(here).content.decode()
    shown = department_coach.get(here).content.decode()
    assert "For the board" in shown and token not in shown and "Close it" not in shown
    assert sign_in(acme.olga).get(here).status_code == 403
    [found] = api(acme.carla).get("/api/v1/report-addresses/").json()["results"]
    assert token in found["url"] and found["report"] == row.pk and found["read_at"]
    answer = carla.post(f"{HERE}{row.pk}/unpublish/", {"next": here})
    assert answer.status_code == 302 and answer["Location"].endswith(here)
    assert "Nothing is open to others" in carla.get(here).content.decode()


def test_pages_of_open_ones_ask_as_many_questions_for_many(acme: Cast, sign_in: Any) -> None:
    allow(acme)
    client, numbers = sign_in(acme.carla), []
    for count in (1, 19):
        for number in range(count):
            made = report(acme, name=f"R {count} {number:02}", blocks=[{"kind": "kpis"}])
            publish_report(made, days=7, by=acme.carla, at=clock.now())
        for here in (f"{HERE}open/", HERE):
            with CaptureQueriesContext(connection) as queries:
                client.get(here)
            numbers.append(len(queries))
    assert numbers[:2] == numbers[2:]


def test_the_list_of_reports_goes_on_by_name(acme: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("measurement.views.reports.PAGE", 2)
    for name in ("b", "a", "b", "c", "a"):
        report(acme, name=name, blocks=[{"kind": "kpis"}])
    client, url, seen = sign_in(acme.elif_), HERE, []
    for _page in range(5):
        page = client.get(url).content.decode()
        seen += re.findall(r'href="/o/acme/measure/reports/(\d+)/">(\w)<', page)
        more = re.search(r'href="(\?after=\d+)" rel="next"', page)
        if more is None:
            break
        url = HERE + more[1]
    assert [name for _key, name in seen] == ["a", "a", "b", "b", "c"] and len({key for key, _name in seen}) == 5
    assert client.get(f"{HERE}?after=999999999").status_code == 200 == client.get(f"{HERE}?after=x").status_code
