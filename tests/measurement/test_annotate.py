"""What happened stands on the time line: by hand, from warnings, and from what apps above have to say."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from listening.models import EarlyWarning
from maturity.actions.levels import set_level
from maturity.models import GuidelineSection, GuidelineVersion, SurgePlan
from measurement import timeline
from measurement.actions.annotations import annotate, change_annotation, remove_annotation
from measurement.actions.rollups import refresh_rollups
from measurement.models import Annotation
from measurement.windows import Window
from roles import clock
from roles.models import AuditEntry, Role
from tests import factories
from tests.cast import Cast, join

HERE = "/o/acme/measure/timeline/"


def today() -> date:
    return clock.now().date()


def note(acme: Cast, title: str = "Launch", **fields: Any) -> Annotation:
    where = fields.pop("where", acme.organization)
    return annotate(where, **{"title": title, "first_day": today(), "by": acme.carla, "at": clock.now(), **fields})


def test_notes_are_said_changed_and_taken_off(acme: Cast) -> None:
    row = note(acme, "  Launch ", last_day=today() + timedelta(days=2))
    assert (row.title, row.noted_by) == ("Launch", acme.carla)
    doing = {"by": acme.carla, "at": clock.now()}
    assert change_annotation(row, title="Soft launch", last_day=today(), **doing).last_day is None
    assert change_annotation(row, title="Soft launch", **doing)
    said = remove_annotation(row, **doing)
    assert said["title"] == "Soft launch" and remove_annotation(row, **doing) == {}
    assert [entry.verb for entry in AuditEntry.objects.filter(subject_kind="annotation").order_by("pk")] == [
        "annotate", "change_annotation", "remove_annotation",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"title": " "}, {"title": "x" * 121}, {"last_day": date(2020, 1, 1)}, {"first_day": date(1066, 10, 14)},
     {"note": "x" * 1001}],
)  # fmt: skip
def test_nonsense_is_refused(acme: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        note(acme, **wrong)


def test_who_coaches_a_department_notes_for_it_and_not_for_all(acme: Cast) -> None:
    corin = join("Corin", Role.COACH, acme.care)
    assert note(acme, by=corin, where=acme.care).department == acme.care
    for where in (acme.organization, acme.press):
        with pytest.raises(PermissionDenied):
            note(acme, by=corin, where=where)
    with pytest.raises(PermissionDenied):
        note(acme, by=acme.rosa)


def test_the_page_works_by_hand_and_for_programs(acme: Cast, sign_in: Any, api: Any) -> None:
    carla, rosa = sign_in(acme.carla), sign_in(acme.rosa)
    assert "Nothing is noted" in carla.get(HERE).content.decode()
    form = {"title": "<b>Outage</b>", "first_day": today().isoformat(), "last_day": "", "note": "", "department": ""}
    assert carla.post(f"{HERE}annotate/", form).status_code == 302
    assert carla.post(f"{HERE}annotate/", {**form, "title": ""}).status_code == 422
    assert rosa.get(HERE).status_code == rosa.post(f"{HERE}annotate/", form).status_code == 403
    row = Annotation.objects.get()
    assert "&lt;b&gt;Outage" in carla.get(HERE).content.decode()
    assert "Outage" in sign_in(acme.elif_).get(f"{HERE}{row.pk}/").content.decode()
    assert "Take it off" not in sign_in(acme.olga).get(f"{HERE}{row.pk}/").content.decode()
    assert carla.post(f"{HERE}{row.pk}/", {**form, "title": "Outage"}).status_code == 302
    assert sign_in(acme.sam).get(f"{HERE}{row.pk}/").status_code == 404
    answer = carla.post(f"{HERE}{row.pk}/remove/", follow=True)
    undo = re.search(r'action="([^"]+annotate/)"', answer.content.decode())
    assert undo and not Annotation.objects.exists()
    program = api(acme.carla)
    made = program.post("/api/v1/annotations/", {"title": "Launch", "first_day": today().isoformat()})
    assert made.status_code == 201
    where = f"/api/v1/annotations/{made.json()['id']}/"
    assert program.put(where, {"title": "Later", "first_day": today().isoformat()}).json()["title"] == "Later"
    assert program.put(where, {"title": "", "first_day": today().isoformat()}).status_code == 400
    assert api(acme.rosa).get("/api/v1/annotations/").status_code == 403
    gone = program.delete(where)
    assert gone.status_code == 204, gone.content


def test_everything_that_happened_stands_on_the_picture(acme: Cast, sign_in: Any) -> None:
    at = clock.now()
    factories.mention(at=at, post=factories.post(at=at, network="feed"))
    refresh_rollups(at=at)
    note(acme, "Launch")
    note(acme, "Only theirs", where=acme.press)
    for outcome in ("", "false"):
        EarlyWarning.objects.create(
            subject="E07", kind="volume", severity=2, began_at=at, detected_at=at, last_at=at, outcome=outcome
        )
    SurgePlan.objects.create(title="Storm", planned_at=at, on_at=at, state="on")
    SurgePlan.objects.create(title="Never came", planned_at=at)
    section = GuidelineSection.objects.create(title="Tone", created_at=at)
    GuidelineVersion.objects.create(section=section, number=1, title="Tone", text="Kind", written_at=at)
    GuidelineVersion.objects.create(
        section=section, number=2, title="Tone", text="Kinder", written_at=at, is_small=True
    )
    set_level(acme.organization, level="engaging", reason="We are ready", by=acme.carla, at=at)
    window = Window.up_to(at, days=7, zone=ZoneInfo("UTC"))
    found = timeline.marks(window)
    assert [(mark.kind, mark.title) for mark in found] == [
        ("guideline", "Guideline “Tone”, version 1"), ("level", "Acme: level Engaging"), ("note", "Launch"),
        ("note", "Only theirs"), ("surge", "Storm"), ("warning", "Unusual volume: E07"),
    ]  # fmt: skip
    assert "Only theirs" not in [mark.title for mark in timeline.marks(window, acme.care.pk)]
    assert timeline.marks(window.before()) == []
    page = sign_in(acme.elif_).get("/o/acme/measure/").content.decode()
    assert page.count('class="chart__note ') == len(found)
    assert all(mark.title in page for mark in found)
    # Who may not open what happened reads of it, without a link.
    assert f'href="/o/acme/surges/{SurgePlan.objects.earliest("pk").pk}/"' in page
    assert found[4].url_for(acme.bodo) == "" and found[2].url_for(None)


def test_the_time_line_costs_the_same_for_one_note_and_for_twenty(acme: Cast, sign_in: Any) -> None:
    client, counts = sign_in(acme.carla), []
    for number in (1, 19):
        for _one in range(number):
            note(acme, f"Launch {_one}")
        client.get(HERE)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(HERE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
