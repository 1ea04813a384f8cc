"""Experts: named by themselves or a coach, found for a question, their time counted from what they did."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.models import Idea
from engagement.actions.consults import answer_consult, consult
from engagement.joining import worth_joining
from engagement.suggesting import suggested_for
from listening.models import Topic
from maturity.actions.experts import drop_expert, name_expert
from maturity.giving import Given, given_by
from maturity.models import Expert
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast

HERE = "/o/acme/experts/"


def named(acme: Cast, member: Any, **fields: Any) -> Expert:
    return name_expert(member, **{"knows": "Brakes", "by": acme.carla, "at": clock.now(), **fields})


@pytest.fixture
def repairs(acme: Cast) -> Topic:
    return factories.topic("Repairs")


def test_everyone_says_it_of_themselves_and_a_coach_of_others(acme: Cast, repairs: Topic) -> None:
    named(acme, acme.bodo, by=acme.bodo, topics=[repairs])
    with pytest.raises(PermissionDenied):
        named(acme, acme.bodo, by=acme.rosa)
    named(acme, acme.bodo, knows="Brakes and frames", hours=Decimal(4))
    row = Expert.objects.get()
    assert (row.knows, row.hours, row.topics.count()) == ("Brakes and frames", 4, 0)
    drop_expert(acme.bodo, by=acme.bodo, at=clock.now())
    assert drop_expert(acme.bodo, by=acme.bodo, at=clock.now()) is None
    assert not Expert.objects.standing().exists()
    named(acme, acme.bodo)
    assert Expert.objects.standing().count() == 1
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["name_expert", "name_expert", "drop_expert", "name_expert"]


@pytest.mark.parametrize(
    "wrong", [{"knows": " "}, {"knows": "x" * 301}, {"hours": Decimal(-1)}, {"hours": Decimal(201)}]
)
def test_what_makes_no_sense_is_refused(acme: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        named(acme, acme.bodo, **wrong)


def test_the_time_given_is_counted_from_what_was_done(acme: Cast, repairs: Topic) -> None:
    row, at = named(acme, acme.bodo, hours=Decimal(2)), clock.now()
    about = factories.assignment(department=acme.care, member=acme.rosa)
    made = consult(about, question="Which brake?", to=[acme.bodo], by=acme.rosa, at=at)
    answer_consult(made.requests.get(), text="The front one.", by=acme.bodo, at=at)
    for days in (3, 29):
        Idea.objects.create(text="Brakes", noted_at=at - timedelta(days=days), noted_by=acme.bodo)
    given = given_by([row], at=at)[acme.bodo.pk]
    assert given == Given(answers=1, decisions=0, ideas=1, may_give=2.0)
    assert (given.minutes, given.left) == (25, 2 - 25 / 60)
    assert given.said == "gave 25 min of 2 h in four weeks"


def test_who_knows_the_topic_is_suggested_for_a_consult(acme: Cast, repairs: Topic, sign_in: Any) -> None:
    named(acme, acme.bodo, topics=[repairs])
    named(acme, acme.elif_, topics=[repairs], knows="Frames", hours=Decimal(3))
    named(acme, acme.gita, topics=[factories.topic("Prices")])
    mention = factories.mention(topic=repairs, department=acme.care, state="routed")
    row = factories.assignment(department=acme.care, member=acme.rosa, mention=mention)
    assert list(suggested_for(row, at=clock.now())) == [acme.elif_.pk, acme.bodo.pk], "who has time left stands first"
    page = sign_in(acme.rosa).get(f"/o/acme/queue/{row.pk}/consult/").content.decode()
    first = page.index("May know it first-hand")
    assert first < page.index("Elif (Frames") < page.index("Bodo (Brakes") < page.index("Others")
    assert page.count("Bodo (Brakes") == 2, "once to be asked, once as the deputy"
    drop_expert(acme.elif_, by=acme.carla, at=clock.now())
    assert list(suggested_for(row, at=clock.now())) == [acme.bodo.pk]
    assert suggested_for(factories.assignment(department=acme.care), at=clock.now()) == {}


def test_from_an_empty_page_to_somebody_who_is_found(acme: Cast, repairs: Topic, sign_in: Any) -> None:
    bodo, carla = sign_in(acme.bodo), sign_in(acme.carla)
    assert "Begin with yourself" in bodo.get(HERE).content.decode()
    mine = f"{HERE}{acme.bodo.pk}/name/"
    said = {"knows": "<b>Brakes</b>", "topics": [str(repairs.pk)], "writes_well": "on", "hours": ""}
    assert bodo.post(mine, {**said, "knows": ""}).status_code == 422
    assert bodo.post(mine, said).status_code == 302
    assert bodo.get(f"{HERE}{acme.rosa.pk}/name/").status_code == 403
    answer = carla.get(f"{HERE}choose/?member={acme.rosa.pk}")
    assert answer.headers["Location"] == f"{HERE}{acme.rosa.pk}/name/"
    for asked, found in ((f"?topic={repairs.pk}", True), ("?for=content", True), ("?for=ambassadors", False)):
        assert ("&lt;b&gt;Brakes" in carla.get(f"{HERE}{asked}").content.decode()) is found
    assert "checked" in bodo.get(mine).content.decode()
    assert bodo.post(f"{HERE}{acme.bodo.pk}/drop/").status_code == 302


def test_the_page_costs_the_same_for_one_and_for_all(acme: Cast, repairs: Topic, sign_in: Any) -> None:
    client, counts = sign_in(acme.carla), []
    for people in ([acme.rosa], [acme.rui, acme.bodo, acme.gita, acme.olga]):
        for member in people:
            named(acme, member, topics=[repairs, factories.topic()])
        client.get(HERE)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(HERE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_programs_do_the_same(acme: Cast, repairs: Topic, api: Any) -> None:
    bodo = api(acme.bodo)
    made = bodo.post("/api/v1/experts/", {"member": acme.bodo.pk, "knows": "Brakes", "topics": [repairs.pk]})
    assert made.status_code == 201 and made.json()["topics"] == [repairs.pk]
    assert bodo.post("/api/v1/experts/", {"member": acme.rosa.pk, "knows": "All"}).status_code == 403
    assert bodo.post(f"/api/v1/experts/{made.json()['id']}/drop/").json()["dropped_at"]
    assert len(api(acme.rosa).get("/api/v1/experts/").json()["results"]) == 1


def test_a_conversation_worth_joining_says_who_knows_its_topic(acme: Cast, repairs: Topic) -> None:
    at = clock.now()
    place = factories.source(name="The cycling forum", network="practice")
    factories.mention("My bell rattles.", at=at, source=place, topic=repairs)
    factories.mention("Who does repairs here?", at=at, source=place)
    named(acme, acme.bodo, topics=[repairs])
    named(acme, acme.rosa, topics=[repairs])
    known = "Bodo knows about “repairs”."
    (asked, told), _is_cut = worth_joining(at=at)
    assert known in asked.reasons and known in told.reasons and asked.points > told.points
    drop_expert(acme.bodo, by=acme.bodo, at=at)
    assert all("Rosa knows about “repairs”." in worth.reasons for worth in worth_joining(at=at)[0])
