"""Absences: planned ahead, beginning and ending by themselves, with whoever stands in."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import formats, timezone

from engagement.models import Assignment
from maturity.keeping import told
from roles import clock
from roles.actions import absences
from roles.actions.absences import change_absence, drop_absence, keep_absences, plan_absence
from roles.actions.people import come_back, go_away
from roles.models import Absence, AuditEntry, Member, TimeBlock
from roles.tasks import keep_terms as task
from tests import factories
from tests.cast import Cast

DAY = timedelta(days=1)


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(hour=9, minute=0, second=0, microsecond=0)


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def plan(acme: Cast, at: datetime, first: int, last: int, who: Member | None = None, **said: Any) -> Absence:
    member = who or acme.rosa
    return plan_absence(member, begins_at=at + first * DAY, ends_at=at + last * DAY, by=member, at=at, **said)


def test_it_begins_and_ends_by_itself_and_work_follows(acme: Cast, at: datetime) -> None:
    row = factories.assignment(department=acme.care, member=acme.rosa, at=at)
    plan(acme, at, 3, 5, stand_in=acme.carla)
    assert keep_absences(at=at + 2 * DAY) == 0 and fresh(acme.rosa).is_available(at + 2 * DAY)
    assert keep_absences(at=at + 3 * DAY) == 1
    rosa = fresh(acme.rosa)
    assert (rosa.is_away, rosa.away_until, rosa.stand_in) == (True, at + 5 * DAY, acme.carla)
    row.refresh_from_db()
    assert row.member == acme.carla, "who stands in has it"
    assert keep_absences(at=at + 4 * DAY) == 0
    assert keep_absences(at=at + 5 * DAY) == 1
    rosa = fresh(acme.rosa)
    assert (rosa.is_away, rosa.away_until, rosa.stand_in) == (False, None, None)
    kept = Absence.objects.get()
    assert (kept.is_begun, kept.begins_at, kept.ends_at) == (True, at + 3 * DAY, at + 5 * DAY)
    said = AuditEntry.objects.filter(subject_kind="member", subject_id=rosa.pk).order_by("pk")
    assert list(said.values_list("verb", flat=True)) == ["plan_absence", "go_away", "come_back"]


def test_the_beat_finds_them(acme: Cast) -> None:
    now = clock.now()
    Absence.objects.create(member=acme.rosa, begins_at=now - DAY, ends_at=now + DAY)
    Member.objects.filter(pk=acme.rui.pk).update(is_away=True, away_until=now - DAY)
    assert task() == 2 and task() == 0
    assert fresh(acme.rosa).is_away and not fresh(acme.rui).is_away


def test_what_stops_in_the_middle_is_found_again(acme: Cast, at: datetime, monkeypatch: Any) -> None:
    plan(acme, at, 1, 3)
    plan(acme, at, 1, 3, acme.rui)
    really, done = absences.go_away, []

    def stops(member: Member, **said: Any) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(really(member, **said))

    monkeypatch.setattr(absences, "go_away", stops)
    with pytest.raises(KeyboardInterrupt):
        keep_absences(at=at + DAY)
    assert not Member.objects.filter(is_away=True).exists()
    monkeypatch.undo()
    assert [keep_absences(at=at + DAY), keep_absences(at=at + DAY)] == [2, 0]
    assert AuditEntry.objects.filter(verb="go_away").count() == 2


def test_what_goes_on_gives_way_to_what_lasts_longer(acme: Cast, at: datetime) -> None:
    go_away(acme.rosa, until=at + 4 * DAY, by=acme.rosa, at=at)
    plan(acme, at, 3, 6, stand_in=acme.rui)
    keep_absences(at=at + 3 * DAY)
    rosa = fresh(acme.rosa)
    assert (rosa.away_until, rosa.stand_in) == (at + 6 * DAY, acme.rui)
    spans = Absence.objects.values_list("begins_at", "ends_at")
    assert list(spans) == [(at, at + 3 * DAY), (at + 3 * DAY, at + 6 * DAY)]
    come_back(rosa, by=rosa, at=at + 4 * DAY)
    assert Absence.objects.last() and Absence.objects.order_by("pk").last().ends_at == at + 4 * DAY  # type: ignore[union-attr]


def test_who_is_away_for_longer_already_stays_so(acme: Cast, at: datetime) -> None:
    plan(acme, at, 3, 6)
    go_away(acme.rosa, by=acme.rosa, at=at)
    assert keep_absences(at=at + 3 * DAY) == 1
    assert fresh(acme.rosa).away_until is None and Absence.objects.get().ends_at is None
    assert AuditEntry.objects.filter(verb="drop_absence", by=None).count() == 1


def test_what_is_refused(acme: Cast, at: datetime) -> None:
    planned = plan(acme, at, 3, 6)
    for first, last, match in (
        (-1, 2, "has begun"),
        (8, 8, "ends before"),
        (5, 9, "Another planned"),
        (1, 4, "Another"),
    ):
        with pytest.raises(ValidationError, match=match):
            plan(acme, at, first, last)
    with pytest.raises(ValidationError, match="somebody else"):
        plan(acme, at, 10, 12, stand_in=acme.rosa)
    plan(acme, at, 6, 8)
    with pytest.raises(PermissionDenied, match="for somebody else"):
        plan_absence(acme.rosa, begins_at=at + 20 * DAY, ends_at=at + 21 * DAY, by=acme.rui, at=at)
    with pytest.raises(PermissionDenied):
        drop_absence(planned, by=acme.rui, at=at)
    keep_absences(at=at + 3 * DAY)
    with pytest.raises(ValidationError, match="has begun already"):
        drop_absence(planned, by=acme.rosa, at=at + 3 * DAY)


def test_it_is_changed_until_it_begins(acme: Cast, at: datetime) -> None:
    row = plan(acme, at, 3, 6, stand_in=acme.rui)
    plan(acme, at, 10, 12)
    same: dict[str, Any] = {"begins_at": at + 3 * DAY, "ends_at": at + 6 * DAY, "stand_in": acme.rui}
    saying: dict[str, Any] = {"by": acme.rosa, "at": at}
    change_absence(row, **same, **saying)
    assert not AuditEntry.objects.filter(verb="change_absence").exists(), "nothing new was said"
    moved = change_absence(row, **same | {"begins_at": at + 2 * DAY, "stand_in": None}, **saying)
    assert (moved.begins_at, moved.ends_at, moved.stand_in) == (at + 2 * DAY, at + 6 * DAY, None)
    for wrong, match in (
        ({"begins_at": at - DAY}, "has begun"),
        ({"ends_at": at + DAY}, "ends before"),
        ({"ends_at": at + 11 * DAY}, "Another planned"),
        ({"stand_in": acme.rosa}, "somebody else"),
    ):
        with pytest.raises(ValidationError, match=match):
            change_absence(row, **same | wrong, **saying)
    with pytest.raises(PermissionDenied):
        change_absence(row, **same, by=acme.rui, at=at)
    keep_absences(at=at + 2 * DAY)
    with pytest.raises(ValidationError, match="begun already"):
        change_absence(row, **same, by=acme.rosa, at=at + 2 * DAY)
    entry = AuditEntry.objects.get(verb="change_absence")
    assert (entry.before or {})["stand_in"] == "Rui" and (entry.after or {})["stand_in"] == ""


def test_the_cadence_knows_what_is_to_come(acme: Cast, at: datetime) -> None:
    day = at.date() + 3 * DAY
    TimeBlock.objects.create(member=acme.rosa, weekday=day.weekday(), begins="10:00", ends="11:00", since=at.date())
    assert [row.state for row in told([acme.rosa], day, day, at=at)[acme.rosa.pk]] == ["to_come"]
    plan(acme, at, 3, 4)
    assert [row.state for row in told([acme.rosa], day, day, at=at)[acme.rosa.pk]] == ["away"]


def test_over_the_page(acme: Cast, sign_in: Any) -> None:
    client, here = sign_in(acme.rosa), f"/o/acme/team/{acme.rosa.pk}/"
    first, last = (clock.now() + 5 * DAY).date(), (clock.now() + 9 * DAY).date()
    assert client.post(f"{here}away/", {"begins_on": first.isoformat()}).status_code == 422, "it has no end"
    said = {"begins_on": first.isoformat(), "until": last.isoformat(), "stand_in": acme.rui.pk}
    assert client.post(f"{here}away/", said).status_code == 302
    assert client.post(f"{here}away/", said).status_code == 422, "another lies there"
    page = client.get(here).content.decode()
    assert "Away from" in page and "Rui stands in." in page and "New work is assigned." in page
    assert "Away from" in client.get("/o/acme/team/").content.decode()
    row = Absence.objects.get()
    change, prefix = f"/o/acme/team/absences/{row.pk}/change/", f"a{row.pk}-"
    moved = {f"{prefix}begins_on": first.isoformat(), f"{prefix}until": (last + DAY).isoformat()}
    refused = client.post(change, moved | {f"{prefix}begins_on": (last + 2 * DAY).isoformat()})
    assert refused.status_code == 422 and "It ends before it begins." in refused.content.decode()
    assert sign_in(acme.rui).post(change, moved).status_code == 403 and not Absence.objects.filter(stand_in=None)
    assert client.post(change, moved).status_code == 302
    assert Absence.objects.get().stand_in is None, "nobody was named any more"
    address = f"/o/acme/team/absences/{row.pk}/drop/"
    assert sign_in(acme.rui).post(address).status_code == 403
    assert sign_in(acme.carla).post(address).status_code == 302
    assert not Absence.objects.exists() and "Away from" not in client.get(here).content.decode()


def test_part_of_a_day_is_shown_and_stays_when_days_are_saved(acme: Cast, sign_in: Any) -> None:
    client, here = sign_in(acme.rosa), f"/o/acme/team/{acme.rosa.pk}/"
    zone = ZoneInfo(acme.organization.time_zone)
    day = (clock.now() + 5 * DAY).astimezone(zone).date()
    begins, ends = (datetime.combine(day, time(hour), zone) for hour in (14, 16))
    row = plan_absence(acme.rosa, begins_at=begins, ends_at=ends, by=acme.rosa, at=clock.now())
    text = client.get(here).content.decode()
    with timezone.override(zone):
        assert formats.date_format(begins, "DATETIME_FORMAT") in text and "back on" in text
    assert formats.time_format(time(14), "TIME_FORMAT") in text, "the form says what a day is"
    change, prefix = f"/o/acme/team/absences/{row.pk}/change/", f"a{row.pk}-"
    said = {f"{prefix}begins_on": day.isoformat(), f"{prefix}until": day.isoformat(), f"{prefix}stand_in": acme.rui.pk}
    assert client.post(change, said).status_code == 302
    row.refresh_from_db()
    assert (row.begins_at, row.ends_at, row.stand_in) == (begins, ends, acme.rui), "the hours stay with their day"
    assert client.post(change, said | {f"{prefix}until": (day + DAY).isoformat()}).status_code == 302
    row.refresh_from_db()
    assert (row.begins_at, row.ends_at) == (begins, datetime.combine(day + DAY, time.min, zone))


def test_the_page_asks_as_much_for_one_as_for_many(acme: Cast, sign_in: Any, at: datetime) -> None:
    client, here = sign_in(acme.rosa), f"/o/acme/team/{acme.rosa.pk}/"

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            text = client.get(here).content.decode()
        assert text.count(f'value="{acme.rui.pk}" selected') == Absence.objects.count()
        return len(found)

    plan(acme, at, 3, 4, stand_in=acme.rui)
    client.get(here)
    one = asked()
    for first in (5, 7, 9, 11):
        plan(acme, at, first, first + 1, stand_in=acme.rui)
    assert asked() == one


def test_over_the_api(acme: Cast, api: Any, at: datetime) -> None:
    program = api(acme.rosa)
    said = {"member": acme.rosa.pk, "begins_at": (at + 2 * DAY).isoformat(), "ends_at": (at + 3 * DAY).isoformat()}
    made = program.post("/api/v1/absences/", said | {"stand_in": acme.rui.pk})
    assert made.status_code == 201 and made.json()["is_begun"] is False
    assert program.post("/api/v1/absences/", said | {"ends_at": None}).status_code == 400
    assert program.post("/api/v1/absences/", said | {"member": acme.sam.pk}).status_code == 400
    assert api(acme.rui).post("/api/v1/absences/", said).status_code == 403
    key = made.json()["id"]
    assert [row["id"] for row in api(acme.elif_).get("/api/v1/absences/").json()["results"]] == [key]
    one = f"/api/v1/absences/{key}/"
    changed = program.patch(one, {"ends_at": (at + 4 * DAY).isoformat()})
    assert changed.status_code == 200 and changed.json()["stand_in"] == acme.rui.pk, "what is not named stays"
    assert program.patch(one, {"member": acme.rui.pk}).status_code == 400
    assert program.patch(one, {"ends_at": None}).status_code == 400
    assert api(acme.rui).patch(one, {"stand_in": None}).status_code == 403
    assert program.delete(one).status_code == 204
    going_on = Absence.objects.create(member=acme.rosa, begins_at=at, is_begun=True)
    assert program.delete(f"/api/v1/absences/{going_on.pk}/").status_code == 409


def test_the_log_of_before_becomes_rows(acme: Cast, at: datetime) -> None:
    go_away(acme.rosa, until=at + 2 * DAY, by=acme.rosa, at=at)
    come_back(acme.rosa, by=acme.rosa, at=at + DAY)
    go_away(acme.rosa, until=at + 9 * DAY, stand_in=acme.rui, by=acme.rosa, at=at + 3 * DAY)
    go_away(acme.carla, by=acme.carla, at=at)
    kept = list(
        Absence.objects.order_by("member", "begins_at").values_list("member", "begins_at", "ends_at", "stand_in")
    )
    assert len(kept) == 3
    Absence.objects.all().delete()
    import_module("roles.migrations.0019_absences_from_the_log").write_absences(apps, None)
    found = Absence.objects.order_by("member", "begins_at").values_list("member", "begins_at", "ends_at", "stand_in")
    assert list(found) == kept


def test_no_work_waits_for_whoever_is_away(acme: Cast, at: datetime) -> None:
    plan(acme, at, 1, 3)
    row = factories.assignment(department=acme.care, member=acme.rosa, at=at)
    keep_absences(at=at + DAY)
    assert Assignment.objects.get(pk=row.pk).member == acme.rui
