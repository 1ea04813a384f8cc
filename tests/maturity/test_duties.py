"""The ten standing duties: each shown by the log or by a note, done, overdue or never."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from maturity.actions.duties import note_duty
from maturity.actions.guidelines import add_guideline
from maturity.actions.huddle import note_in_huddle
from maturity.actions.presences import look_over_presences
from maturity.duties import DUTIES, standings
from roles import clock
from roles.audit import record
from roles.models import AuditEntry
from roles.permissions import CAPABILITIES
from roles.sentences import _sentences
from tests.cast import Cast

HERE = "/o/acme/playbook/duties/"


def stands(acme: Cast, at: Any) -> dict[str, str]:
    return {one.duty.key: one.state for one in standings(acme.carla, at=at)}


def test_there_are_ten_each_with_a_page_and_with_verbs_that_are_written_down() -> None:
    assert len(DUTIES) == len({duty.key for duty in DUTIES}) == 10
    for duty in DUTIES:
        assert duty.pages and duty.verbs and set(duty.verbs) <= set(_sentences), duty.key
        for one in duty.pages:
            assert one.capability in CAPABILITIES and reverse(one.url_name)


def test_done_then_overdue_and_never_before(acme: Cast) -> None:
    at = clock.now()
    assert set(stands(acme, at).values()) == {"never"}
    doing: dict[str, Any] = {"by": acme.carla, "at": at}
    add_guideline(acme.organization, title="Tone", text="Be kind.", **doing)
    look_over_presences(acme.organization, **doing)
    note_in_huddle(acme.organization, kind="practice", text="Drawings", **doing)
    found = stands(acme, at)
    assert {key for key, state in found.items() if state == "done"} == {"policies", "inventory", "learning"}
    later = stands(acme, at + timedelta(days=93))
    assert (later["policies"], later["inventory"], later["learning"]) == ("done", "overdue", "overdue")


def test_what_the_application_does_by_itself_shows_nothing_but_for_briefs(acme: Cast) -> None:
    at = clock.now()
    for verb in ("assess", "make_brief"):
        record(verb, acme.organization, by=None, at=at)
    found = stands(acme, at)
    assert (found["figures"], found["awareness"]) == ("never", "done")
    record("assess", acme.organization, by=acme.carla, at=at - timedelta(days=1))
    assert stands(acme, at)["figures"] == "done"


def test_the_newest_of_each_verb_and_of_this_organization(cast: Cast) -> None:
    from roles.tenancy import acting_for

    at = clock.now()
    with acting_for(cast.elsewhere):
        record("assess", cast.elsewhere, by=cast.sam, at=at)
    with acting_for(cast.organization):
        for days in (5, 3, 4):
            record("keep", cast.organization, by=cast.gita, at=at - timedelta(days=days))
        rows = AuditEntry.objects.newest_of(["keep", "assess"])
        assert [(row.verb, row.pk) for row in rows] == [("keep", AuditEntry.objects.latest("pk").pk)]


def test_a_coach_notes_what_was_done_elsewhere(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)
    page = carla.get(HERE).content.decode()
    assert "0 of 10 are done" in page and page.count("never done") == 10
    assert carla.post(f"{HERE}learning/note/", {"note": "<b>Went</b> to a meeting of others"}).status_code == 302
    page = carla.get(HERE).content.decode()
    assert "1 of 10 are done" in page and "&lt;b&gt;Went" in page
    assert carla.post(f"{HERE}learning/note/", {"note": " "}).status_code == 302
    assert carla.post(f"{HERE}sleeping/note/", {"note": "x"}).status_code == 404
    elif_ = sign_in(acme.elif_)
    assert "It was done elsewhere" not in elif_.get(HERE).content.decode()
    assert elif_.post(f"{HERE}learning/note/", {"note": "x"}).status_code == 403
    assert sign_in(acme.rosa).get(HERE).status_code == 403
    with pytest.raises(ValidationError):
        note_duty(acme.organization, duty="sleeping", note="x", by=acme.carla, at=clock.now())


def test_only_pages_that_one_may_open_are_named(acme: Cast) -> None:
    by_key = {one.duty.key: [page.url_name for page in one.pages] for one in standings(acme.elif_, at=clock.now())}
    assert by_key["learning"] == []
    assert by_key["figures"] == [f"measurement:{name}" for name in ("executive", "kpis", "worth", "reports")]


def test_the_page_costs_the_same_with_a_short_log_and_a_long_one(acme: Cast, sign_in: Any) -> None:
    carla, counts = sign_in(acme.carla), []
    for number in (1, 30):
        for _one in range(number):
            for duty in DUTIES:
                record(duty.verbs[0], acme.organization, by=acme.carla, at=clock.now())
                note_duty(acme.organization, duty=duty.key, note="Done", by=acme.carla, at=clock.now())
        carla.get(HERE)
        with CaptureQueriesContext(connection) as queries:
            assert "10 of 10" in carla.get(HERE).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_programs_do_the_same(acme: Cast, api: Any) -> None:
    carla = api(acme.carla)
    assert {row["state"] for row in carla.get("/api/v1/duties/").json()} == {"never"}
    made = carla.post("/api/v1/duties/", {"duty": "tools", "note": "Compared three"})
    assert made.status_code == 201 and made.json()["state"] == "done"
    assert api(acme.rosa).get("/api/v1/duties/").status_code == 403
