"""A yes to each version: who is asked, who is reminded, what the ladder shows, and what anybody outside may read."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from maturity.actions.guideline_address import publish_guidelines, unpublish_guidelines
from maturity.actions.guidelines import add_guideline, change_guideline, retire_guideline
from maturity.actions.reading import acknowledge_guidelines, remind_readers
from maturity.evidence.asked import Asked
from maturity.evidence.reading import guidelines_read
from maturity.models import Acknowledgement, GuidelineAddress, GuidelineSection, GuidelineVersion, ReadingReminder
from maturity.reading import readers
from roles import clock
from roles.models import AuditEntry, Mail, Member, Role
from roles.tenancy import acting_for
from tests.cast import Cast, join

HERE = "/o/acme/guidelines/"


@pytest.fixture
def tone(acme: Cast) -> GuidelineSection:
    return add_guideline(acme.organization, title="Tone", text="Be kind.", by=acme.carla, at=clock.now())


def says_yes(acme: Cast, member: Any, *, at: Any = None) -> int:
    versions = GuidelineVersion.objects.current()
    return acknowledge_guidelines(acme.organization, versions=versions, by=member, at=at or clock.now())


def change(section: GuidelineSection, acme: Cast, text: str, **fields: Any) -> None:
    change_guideline(section, title=section.title, text=text, by=acme.carla, at=clock.now(), **fields)


def unread(member: Any) -> list[str]:
    return [row.title for row in GuidelineSection.objects.unread_by(member)]


def test_a_yes_holds_until_something_changes_that_is_not_small(acme: Cast, tone: GuidelineSection) -> None:
    assert unread(acme.rosa) == ["Tone"]
    assert (says_yes(acme, acme.rosa), says_yes(acme, acme.rosa)) == (1, 0)
    change(tone, acme, "Be kind!", is_small=True)
    assert unread(acme.rosa) == [] and unread(acme.rui) == ["Tone"]
    change(tone, acme, "Be kind and brief.")
    change(tone, acme, "Be kind, and brief.", is_small=True)
    assert unread(acme.rosa) == ["Tone"]
    says_yes(acme, acme.rosa)
    assert unread(acme.rosa) == []
    retire_guideline(tone, by=acme.carla, at=clock.now())
    assert unread(acme.rui) == []
    assert AuditEntry.objects.filter(verb="acknowledge_guidelines").count() == 2


def test_a_yes_to_what_was_read_is_no_yes_to_what_came_meanwhile(acme: Cast, tone: GuidelineSection) -> None:
    read = list(GuidelineVersion.objects.current())
    change(tone, acme, "Never promise a date.")
    acknowledge_guidelines(acme.organization, versions=read, by=acme.rosa, at=clock.now())
    assert unread(acme.rosa) == ["Tone"]


def test_who_takes_part_is_asked_and_nobody_else(acme: Cast, tone: GuidelineSection) -> None:
    assert {str(reader.member) for reader in readers()} == {"Carla", "Gita", "Rosa", "Rui"}
    with pytest.raises(PermissionDenied):
        says_yes(acme, acme.bodo)


def test_the_share_of_those_who_have_read_everything(acme: Cast, tone: GuidelineSection) -> None:
    at = clock.now()
    join("Pia", Role.RESPONDER, acme.press)
    assert guidelines_read(Asked(at)) == {None: 0, acme.care.pk: 0, acme.press.pk: 0}
    for member in (acme.carla, acme.gita, acme.rosa):
        says_yes(acme, member)
    later = clock.now()
    # Care: Carla, Gita, Rosa, Rui; press: Carla, Gita, Pia.
    assert guidelines_read(Asked(later)) == {None: 3 / 5, acme.care.pk: 3 / 4, acme.press.pk: 2 / 3}
    retire_guideline(tone, by=acme.carla, at=later)
    assert set(guidelines_read(Asked(later)).values()) == {None}


def test_reminders_come_after_three_days_then_weekly_and_three_times(acme: Cast, tone: GuidelineSection) -> None:
    at = clock.now()
    says_yes(acme, acme.carla)
    says_yes(acme, acme.gita)
    assert remind_readers(at=at) == 0
    assert remind_readers(at=at + timedelta(days=2, hours=23)) == 0
    sent = [remind_readers(at=at + timedelta(days=day)) for day in (3, 4, 9, 10, 17, 24, 40)]
    assert sent == [2, 0, 0, 2, 2, 0, 0]
    assert Mail.objects.count() == 6 and set(Mail.objects.values_list("member", flat=True)) == {
        acme.rosa.pk, acme.rui.pk,
    }  # fmt: skip
    says_yes(acme, acme.rosa)
    assert set(ReadingReminder.objects.values_list("member", flat=True)) == {acme.rui.pk}
    change(tone, acme, "Be kind and brief.")
    assert remind_readers(at=at + timedelta(days=41)) == 0
    assert remind_readers(at=at + timedelta(days=44)) == 4, "it begins anew"


def test_who_is_away_is_reminded_when_they_are_back(acme: Cast, tone: GuidelineSection) -> None:
    at, three_days = clock.now(), timedelta(days=3)
    for member in (acme.carla, acme.gita, acme.rui):
        says_yes(acme, member)
    remind_readers(at=at)
    Member.objects.filter(pk=acme.rosa.pk).update(is_away=True, away_until=at + 2 * three_days)
    assert [remind_readers(at=at + days) for days in (three_days, 2 * three_days)] == [0, 1]


def test_a_small_change_reminds_nobody(acme: Cast, tone: GuidelineSection) -> None:
    for reader in readers():
        says_yes(acme, reader.member)
    change(tone, acme, "Be kind!", is_small=True)
    assert remind_readers(at=clock.now()) == 0 and not ReadingReminder.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once(cast: Cast) -> None:
    at = clock.now()
    with acting_for(cast.organization):
        add_guideline(cast.organization, title="Tone", text="Be kind.", by=cast.carla, at=at)
        remind_readers(at=at)
    counts: list[int] = []

    def work() -> None:
        with acting_for(cast.organization):
            counts.append(remind_readers(at=at + timedelta(days=3)))
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with acting_for(cast.organization):
        assert sum(counts) == Mail.objects.count() == 4


def test_the_page_asks_and_takes_the_yes(acme: Cast, tone: GuidelineSection, sign_in: Any) -> None:
    rosa = sign_in(acme.rosa)
    page = rosa.get(HERE).content.decode()
    assert "1 section waits for your yes" in page and ">new<" in page
    assert rosa.get(f"{HERE}acknowledge/").status_code == 405
    version = GuidelineVersion.objects.get()
    assert rosa.post(f"{HERE}acknowledge/", {"version": [str(version.pk), "x", "999999999"]}).status_code == 302
    page = rosa.get(HERE).content.decode()
    assert "waits for your yes" not in page and ">new<" not in page
    change(tone, acme, "Be kind and brief.")
    assert "changes/?from=1&amp;to=2" in rosa.get(HERE).content.decode()
    assert "and brief" in rosa.get(f"{HERE}{tone.pk}/changes/?from=1&to=2").content.decode()
    assert rosa.get(f"{HERE}{tone.pk}/changes/?from=7").status_code == 404
    assert sign_in(acme.bodo).post(f"{HERE}acknowledge/").status_code == 403


def test_coaches_see_who_has_read_at_a_constant_cost(acme: Cast, tone: GuidelineSection, sign_in: Any) -> None:
    carla, counts = sign_in(acme.carla), []
    for more in (0, 19):
        for number in range(more):
            join(f"New {number}", Role.RESPONDER, acme.care)
            add_guideline(acme.organization, title=f"{number}", text="x", by=acme.carla, at=clock.now())
        carla.get(f"{HERE}readers/")
        with CaptureQueriesContext(connection) as queries:
            page = carla.get(f"{HERE}readers/").content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1] and "New 18" in page
    assert sign_in(acme.rosa).get(f"{HERE}readers/").status_code == 403


def test_the_book_is_for_members(acme: Cast, tone: GuidelineSection, sign_in: Any) -> None:
    assert "Be kind." in sign_in(acme.bodo).get(f"{HERE}book/").content.decode()
    assert Client().get(f"{HERE}book/").status_code == 302


def test_whoever_has_the_address_reads_until_it_is_revoked(acme: Cast, tone: GuidelineSection) -> None:
    add_guideline(
        acme.organization, title="At night", text="Call Carla.", is_internal=True, by=acme.carla, at=clock.now()
    )
    row = publish_guidelines(acme.organization, by=acme.carla, at=clock.now())
    assert publish_guidelines(acme.organization, by=acme.carla, at=clock.now()) == row
    address, stranger = f"/guidelines/at/{row.token}/", Client()
    with acting_for(None):
        answer = stranger.get(address)
        page = answer.content.decode()
        assert "Be kind." in page and "At night" not in page and "Carla" not in page
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow" and not answer.cookies
        assert {"public", "max-age=60"} <= set(answer.headers["Cache-Control"].split(", "))
        again = stranger.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        assert stranger.post(address).status_code == 405
        assert stranger.get("/guidelines/at/elsewhere/").status_code == 404
    unpublish_guidelines(row, by=acme.carla, at=clock.now())
    with acting_for(None):
        assert stranger.get(address).status_code == 404
    assert publish_guidelines(acme.organization, by=acme.carla, at=clock.now()).token != row.token


def test_only_coaches_open_an_address(acme: Cast, tone: GuidelineSection, sign_in: Any) -> None:
    assert sign_in(acme.rosa).post(f"{HERE}publish/").status_code == 403
    carla = sign_in(acme.carla)
    assert carla.post(f"{HERE}publish/").status_code == 302
    row = GuidelineAddress.objects.get()
    assert row.token in carla.get(HERE).content.decode()
    assert carla.post(f"{HERE}addresses/{row.pk}/unpublish/").status_code == 302
    assert row.token not in carla.get(HERE).content.decode()


def test_programs_do_the_same(acme: Cast, tone: GuidelineSection, api: Any) -> None:
    rosa, carla = api(acme.rosa), api(acme.carla)
    [waits] = rosa.get("/api/v1/guidelines/unread/").json()
    assert waits["title"] == "Tone"
    [version] = rosa.get(f"/api/v1/guidelines/{tone.pk}/versions/").json()
    assert rosa.post("/api/v1/guidelines/acknowledge/", {"versions": [version["id"]]}).status_code == 204
    assert Acknowledgement.objects.get().member == acme.rosa
    body = {"title": "Tone", "text": "Be very kind.", "is_small": True}
    assert carla.put(f"/api/v1/guidelines/{tone.pk}/", body).json()["asks_from"] == 1
    [part] = rosa.get(f"/api/v1/guidelines/{tone.pk}/changes/").json()
    assert part["kind"] == "changed" and ["new", " very"] in part["pieces"]
    missing = {row["name"]: row["missing"] for row in carla.get("/api/v1/guidelines/readers/").json()}
    assert (missing["Rosa"], missing["Rui"]) == ([], [tone.pk])
    assert carla.post("/api/v1/guidelines/publish/").json()["url"].endswith("/")
    assert carla.post("/api/v1/guidelines/unpublish/").status_code == 204
    assert not GuidelineAddress.objects.filter(revoked_at=None).exists()
