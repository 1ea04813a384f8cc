"""Gap reports: one press beside the conversation, a list for coaches, an end by a version or by a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.models import Assignment
from maturity.actions.gaps import close_gap, reopen_gap, report_gap, withdraw_gap
from maturity.actions.guidelines import add_guideline, change_guideline
from maturity.models import GapReport
from roles import clock
from roles.models import AuditEntry, Mail
from tests import factories
from tests.cast import Cast

HERE = "/o/acme/guidelines/gaps/"


@pytest.fixture
def row(acme: Cast) -> Assignment:
    return factories.assignment(department=acme.care, member=acme.rosa, text="Do you buy used ones?")


def gap_of(acme: Cast, row: Assignment, note: str = "Used ones") -> GapReport:
    return report_gap(row, note=note, by=acme.rosa, at=clock.now())


def test_one_person_reports_a_mention_once(acme: Cast, row: Assignment) -> None:
    first = gap_of(acme, row, "")
    assert gap_of(acme, row, "").pk == gap_of(acme, row, "Used ones").pk == first.pk
    assert GapReport.objects.get().note == "Used ones"
    assert report_gap(row, by=acme.rui, at=clock.now()).pk != first.pk
    with pytest.raises(PermissionDenied):
        report_gap(row, by=acme.bodo, at=clock.now())
    with pytest.raises(ValidationError):
        gap_of(acme, row, "x" * 301)


def test_a_new_version_closes_it_and_who_asked_is_told(acme: Cast, row: Assignment) -> None:
    gap = gap_of(acme, row)
    doing: dict[str, Any] = {"by": acme.carla, "at": clock.now()}
    section = add_guideline(acme.organization, title="Used ones", text="We help.", gaps=[gap], **doing)
    gap.refresh_from_db()
    assert (gap.is_open, gap.version) == (False, section.versions.get())
    mail = Mail.objects.get()
    assert mail.member == acme.rosa and f"/guidelines/{section.pk}/" in mail.text
    other = factories.assignment(department=acme.care, member=acme.rosa)
    change_guideline(section, title="Used ones", text="We help gladly.", gaps=[gap_of(acme, other)], **doing)
    assert not GapReport.objects.open().exists() and Mail.objects.count() == 2


def test_a_reason_closes_it_and_it_can_be_opened_again(acme: Cast, row: Assignment) -> None:
    gap, doing = gap_of(acme, row), {"by": acme.carla, "at": clock.now()}
    with pytest.raises(ValidationError):
        close_gap(gap, reason=" ", **doing)
    close_gap(gap, reason="It is in the list of prices.", **doing)
    close_gap(gap, reason="Twice", **doing)
    assert "list of prices" in Mail.objects.get().text
    reopen_gap(gap, **doing)
    assert GapReport.objects.open().get() == gap
    close_gap(gap, reason="Again", **doing)
    gap_of(acme, row)
    with pytest.raises(ValidationError):
        reopen_gap(gap, **doing)
    with pytest.raises(PermissionDenied):
        close_gap(gap, reason="Mine", by=acme.rosa, at=clock.now())
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["report_gap", "close_gap", "reopen_gap", "close_gap", "report_gap"]


def test_only_who_reported_it_takes_it_back_and_only_while_it_is_open(acme: Cast, row: Assignment) -> None:
    gap = gap_of(acme, row)
    with pytest.raises(PermissionDenied):
        withdraw_gap(gap, by=acme.rui, at=clock.now())
    withdraw_gap(gap, by=acme.rosa, at=clock.now())
    withdraw_gap(gap, by=acme.rosa, at=clock.now())
    assert not GapReport.objects.exists()
    gap = gap_of(acme, row)
    close_gap(gap, reason="No", by=acme.carla, at=clock.now())
    with pytest.raises(ValidationError):
        withdraw_gap(gap, by=acme.rosa, at=clock.now())


def test_from_beside_the_conversation_to_the_list_of_the_coaches(acme: Cast, row: Assignment, sign_in: Any) -> None:
    rosa, carla = sign_in(acme.rosa), sign_in(acme.carla)
    here = f"/o/acme/queue/{row.pk}/"
    assert "No guideline covers this" in rosa.get(here).content.decode()
    assert rosa.post(f"{here}report-gap/", {"note": "<b>Used</b> ones?"}).status_code == 302
    page = rosa.get(here).content.decode()
    assert "Rosa reported a gap" in page and "<b>Used" not in page and "No guideline covers this" not in page
    gap = GapReport.objects.get()
    page = carla.get(HERE).content.decode()
    assert "&lt;b&gt;Used" in page and "Do you buy used ones?" in page
    form = carla.get(f"/o/acme/guidelines/add/?gap={gap.pk}").content.decode()
    assert f'value="{gap.pk}"' in form and "checked" in form
    assert carla.post(f"{HERE}{gap.pk}/close/", {"reason": ""}).status_code == 302
    assert GapReport.objects.open().exists()
    carla.post(f"{HERE}{gap.pk}/close/", {"reason": "Not ours"})
    assert "Not ours" in rosa.get(here).content.decode()
    assert carla.post(f"{HERE}{gap.pk}/reopen/").status_code == 302
    assert rosa.post(f"{HERE}{gap.pk}/withdraw/").status_code == 302
    assert rosa.get(HERE).status_code == 403


def test_from_the_stream_before_anybody_has_it(acme: Cast, sign_in: Any) -> None:
    gita, mention = sign_in(acme.gita), factories.mention("Do you rent them out?")
    assert "No guideline covers this" in gita.get("/o/acme/stream/").content.decode()
    here = "/o/acme/stream/?search=rent"
    assert gita.post(f"{HERE}report/", {"mention": mention.pk, "next": here}).headers["Location"] == here
    gap = GapReport.objects.get()
    assert (gap.mention, gap.reported_by) == (mention, acme.gita)
    assert "Do you rent them out?" in sign_in(acme.carla).get(HERE).content.decode()
    assert gita.post(f"{HERE}{gap.pk}/withdraw/", {"next": here}).headers["Location"] == here
    assert not GapReport.objects.exists()
    assert gita.post(f"{HERE}report/", {"mention": "9999999"}).status_code == 404
    assert gita.post(f"{HERE}report/").status_code == 302
    assert sign_in(acme.bodo).post(f"{HERE}report/", {"mention": mention.pk}).status_code == 403


def test_an_assignment_that_one_may_not_see_cannot_be_reported(acme: Cast, sign_in: Any) -> None:
    row = factories.assignment(department=acme.press)
    assert sign_in(acme.rosa).post(f"/o/acme/queue/{row.pk}/report-gap/").status_code == 404


def test_the_list_costs_the_same_for_one_and_for_twenty(acme: Cast, sign_in: Any) -> None:
    carla, counts = sign_in(acme.carla), []
    for number in (1, 19):
        for _one in range(number):
            about = factories.assignment(department=acme.care, member=acme.rosa)
            gap_of(acme, about)
            close_gap(gap_of(acme, factories.assignment(department=acme.care)), reason="x", by=None, at=clock.now())
        carla.get(HERE)
        with CaptureQueriesContext(connection) as queries:
            assert carla.get(HERE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_programs_do_the_same(acme: Cast, row: Assignment, api: Any) -> None:
    rosa, carla = api(acme.rosa), api(acme.carla)
    made = rosa.post("/api/v1/gap-reports/", {"assignment": row.pk, "note": "Used ones"})
    assert made.status_code == 201
    about = api(acme.gita).post("/api/v1/gap-reports/", {"mention": factories.mention().pk})
    assert about.status_code == 201
    assert api(acme.gita).delete(f"/api/v1/gap-reports/{about.json()['id']}/").status_code == 204
    assert rosa.post("/api/v1/gap-reports/", {"note": "Of what?"}).status_code == 400
    where = f"/api/v1/gap-reports/{made.json()['id']}/"
    hidden = factories.assignment(department=acme.press)
    assert rosa.post("/api/v1/gap-reports/", {"assignment": hidden.pk}).status_code == 400
    assert carla.post(f"{where}close/", {"reason": "No"}).json()["reason"] == "No"
    assert carla.post(f"{where}reopen/").json()["closed_at"] is None
    assert len(carla.get("/api/v1/gap-reports/").json()["results"]) == 1
    assert rosa.get("/api/v1/gap-reports/").status_code == 403
    assert rosa.delete(where).status_code == 204
