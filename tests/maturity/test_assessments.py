"""Judging, keeping, comparing: the level that follows from practices."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maturity.actions.assessments import assess, assess_due
from maturity.actions.attestations import attest, withdraw_attestation
from maturity.comparing import compare, history
from maturity.evidence.asked import Asked
from maturity.judging import Judgement, Verdict, judge
from maturity.models import Assessment, Attestation
from maturity.practices import BY_KEY, PRACTICES
from measurement.actions import recompute_rollups
from measurement.windows import Window
from roles import clock
from roles.models import AuditEntry, Department, Level, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join


def judgement(*missing: str) -> Judgement:
    return Judgement(None, Level.RESPONSIVE, [Verdict(practice, practice.key not in missing) for practice in PRACTICES])


def test_the_level_follows_from_its_practices_and_all_below() -> None:
    assert judgement().suggested == Level.CREATING
    assert judgement("communities-known").suggested == Level.RESPONSIVE
    assert judgement("venues-known").suggested == Level.PASSIVE
    assert judgement("venues-known", "spokespeople-agreed").suggested == Level.PASSIVE


def test_what_is_next_begins_at_the_lowest_level_with_what_is_nearest() -> None:
    near, far = BY_KEY["days-listened"], BY_KEY["insights-filed"]
    verdicts = [
        Verdict(far, False, 0.0), Verdict(BY_KEY["stream-kept-short"], False, 40.0), Verdict(near, False, 0.79),
        Verdict(BY_KEY["responders"], False, 1.0), Verdict(BY_KEY["listeners"], True, 3.0),
    ]  # fmt: skip
    steps = Judgement(None, Level.PASSIVE, verdicts).next_steps
    assert [verdict.practice.key for verdict in steps] == ["days-listened", "stream-kept-short", "insights-filed"]


def test_a_department_inherits_what_is_attested_of_the_whole_and_not_the_other_way_round(acme: Cast) -> None:
    at = clock.now()
    day = at.date() + timedelta(days=30)
    attest(acme.organization, practice="venues-known", note="Went through it", lapses_on=day, by=acme.carla, at=at)
    attest(acme.care, practice="spokespeople-agreed", note="Both did", lapses_on=day, by=acme.carla, at=at)
    found = judge(Asked(at))

    def holds(key: str) -> list[bool]:
        return [
            next(v.holds for v in found[where].verdicts if v.practice.key == key)
            for where in (None, acme.care.pk, acme.press.pk)
        ]

    assert holds("venues-known") == [True, True, True]
    assert holds("spokespeople-agreed") == [False, True, False]
    assert not next(v.holds for v in judge(Asked(at - timedelta(1)))[None].verdicts if v.practice.key == "venues-known")
    later = judge(Asked(at + timedelta(days=32)))
    assert not any(v.holds for v in later[None].verdicts if v.practice.key == "venues-known"), "it has lapsed"
    withdraw_attestation(Attestation.objects.get(department=None), by=acme.carla, at=at + timedelta(hours=1))
    found = judge(Asked(at + timedelta(hours=2)))
    assert holds("venues-known") == [False, False, False]


def test_who_attests_says_how_they_know_and_only_where_they_coach(acme: Cast) -> None:
    at = clock.now()
    fields: dict[str, Any] = {"practice": "venues-known", "lapses_on": at.date() + timedelta(days=30), "at": at}
    with pytest.raises(ValidationError):
        attest(acme.organization, note=" ", by=acme.carla, **fields)
    for day in (at.date(), at.date() + timedelta(days=368)):
        with pytest.raises(ValidationError):
            attest(acme.organization, note="We did", by=acme.carla, **fields | {"lapses_on": day})
    for key in ("places-heard", "nothing"):
        with pytest.raises(ValidationError):
            attest(acme.organization, note="We did", by=acme.carla, **fields | {"practice": key})
    cora = join("Cora", Role.COACH, acme.care)
    attest(acme.care, note="We did", by=cora, **fields)
    for where, who in ((acme.press, cora), (acme.organization, cora), (acme.care, acme.rosa)):
        with pytest.raises(PermissionDenied):
            attest(where, note="We did", by=who, **fields)
    assert AuditEntry.objects.get(verb="attest").after["note"] == "We did"


def test_an_assessment_stays_as_it_was(acme: Cast) -> None:
    at = clock.now()
    factories.query(created_at=at)
    factories.query(created_at=at)
    first = assess(acme.organization, by=acme.carla, at=at)
    assert Assessment.objects.count() == 3, "the whole and two departments"
    kept = {verdict["practice"]: verdict for verdict in first.verdicts}
    assert kept["queries-active"] | {"title": ""} == {
        "practice": "queries-active", "level": "passive", "title": "", "holds": True, "figure": 2, "threshold": 2,
        "unit": "queries", "at_most": False, "window": "now",
    }  # fmt: skip
    type(factories.query()).objects.all().update(is_active=False)
    second = assess(acme.organization, by=None, at=at + timedelta(days=1))
    assert Assessment.objects.get(pk=first.pk).verdicts == first.verdicts
    changed = {one.title: one.change for one in compare(second, first) if one.change}
    assert changed == {str(BY_KEY["queries-active"].title): "worse"}
    drawn = history([first, second], ["/1/", "/2/"])
    assert drawn is not None and [sum(held) for _row, _level, held, _all in drawn.rows] == [
        sum(verdict["holds"] for verdict in row.verdicts) for row in (first, second)
    ]


def test_once_a_week_it_is_kept_by_itself(acme: Cast) -> None:
    at = clock.now()
    assert assess_due(at=at)
    assert not assess_due(at=at + timedelta(days=6.9))
    assert assess_due(at=at + timedelta(days=7))
    assert Assessment.objects.filter(department=None, assessed_by=None).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_keep_one(cast: Cast) -> None:
    at = clock.now()
    barrier = threading.Barrier(2)
    done: list[bool] = []

    def work() -> None:
        with acting_for(cast.organization):
            barrier.wait()
            done.append(assess_due(at=at))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == [False, True]
    with acting_for(cast.organization):
        assert Assessment.objects.filter(department=None).count() == 1


def test_the_pages_say_it(acme: Cast, sign_in: Any) -> None:
    coach, executive = sign_in(acme.carla), sign_in(acme.elif_)
    day = (clock.now() + timedelta(days=60)).date().isoformat()
    data = {"department": "", "note": "<b>We</b> went through it", "lapses_on": day}
    address = "/o/acme/playbook/practices/venues-known/attest/"
    assert executive.post(address, data).status_code == 403
    assert coach.post(address, data | {"note": ""}).status_code == 422
    assert coach.post(address, data).status_code == 302
    text = executive.get("/o/acme/playbook/practices/venues-known/").content.decode()
    assert "&lt;b&gt;We&lt;/b&gt;" in text and "Withdraw it" not in text
    for _time in range(2):
        assert coach.post("/o/acme/playbook/assess/").status_code == 302
    text = executive.get("/o/acme/playbook/").content.decode()
    assert "Keep this assessment" not in text and "Practices that held, by level" in text
    newest = Assessment.objects.filter(department=None).order_by("-pk").first()
    assert newest and f"/playbook/assessments/{newest.pk}/" in text
    assert "The same practices held" in executive.get(f"/o/acme/playbook/assessments/{newest.pk}/").content.decode()
    assert coach.post("/o/acme/playbook/assess/").status_code == 302
    of_all = Assessment.objects.filter(department=None).order_by("pk")
    first, third = of_all[0], of_all[2]
    text = executive.get(f"/o/acme/playbook/assessments/{third.pk}/?with={first.pk}").content.decode()
    assert "Against an earlier one" in text and f'value="{first.pk}" selected' in text
    text = executive.get(f"/o/acme/playbook/departments/{acme.press.pk}/").content.decode()
    assert "(for the whole organization)" in text
    assert executive.get("/o/acme/playbook/practices/nothing/").status_code == 404
    one = Attestation.objects.get()
    assert coach.post(f"/o/acme/playbook/attestations/{one.pk}/withdraw/").status_code == 302
    assert "withdrawn" in coach.get("/o/acme/playbook/practices/venues-known/").content.decode()


def test_every_figure_that_counts_rows_leads_to_them() -> None:
    without = [one.key for one in PRACTICES if one.evidence is not None and one.evidence.rows is None]
    assert without == ["days-listened"], "days are no rows"


def test_a_figure_opens_exactly_its_rows(acme: Cast, sign_in: Any) -> None:
    at = clock.now()
    factories.mention(at=at, post=factories.post(at=at, network="feed"))
    for where in (acme.care, acme.care, acme.press):
        mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
        factories.assignment(department=where, mention=mention, at=at, due_at=at - timedelta(minutes=1))
    recompute_rollups(Window.up_to(at, days=2, zone=ZoneInfo("UTC")), at=at)
    client = sign_in(acme.elif_)
    text = client.get(f"/o/acme/playbook/departments/{acme.care.pk}/").content.decode()
    link = next(part.split('"')[0] for part in text.split('href="') if "state=overdue" in part.split('"')[0])
    rows = client.get(link.replace("&amp;", "&")).content.decode()
    assert f"department={acme.care.pk}" in link and rows.count("Is Acme down?") == 2 and "Customer care" in rows


def test_the_number_of_queries_does_not_grow_with_departments(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    client.get("/o/acme/playbook/")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/o/acme/playbook/").status_code == 200
        return len(caught)

    few = queries()
    for number in range(18):
        where = Department.objects.create(name=f"Part {number}", slug=f"part-{number}")
        factories.assignment(department=where)
    assert queries() == few


def test_over_the_api(acme: Cast, api: Any) -> None:
    coach, executive = api(acme.carla), api(acme.elif_)
    whole = executive.get("/api/v1/practices/").json()[0]
    assert whole["department"] is None and whole["suggested"] == "passive" and len(whole["next"]) == 3
    said = {"practice": "venues-known", "note": "We did", "lapses_on": str(clock.now().date() + timedelta(days=9))}
    assert executive.post("/api/v1/attestations/", said).status_code == 403
    assert coach.post("/api/v1/attestations/", said | {"practice": "places-heard"}).status_code == 400
    made = coach.post("/api/v1/attestations/", said)
    assert made.status_code == 201
    assert coach.post(f"/api/v1/attestations/{made.json()['id']}/withdraw/").json()["withdrawn_at"]
    assert coach.post("/api/v1/assessments/").status_code == 201
    assert len(executive.get("/api/v1/assessments/?department=none").json()["results"]) == 1
    assert executive.get("/api/v1/assessments/?department=x").status_code == 400
