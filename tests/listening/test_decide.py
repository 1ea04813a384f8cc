"""The one address to which the stream sends decisions: one mention, those ticked, or all that match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.models import Assignment
from listening.actions import bulk, judgements, mentions
from listening.filtering import StreamFilter
from listening.models import BulkDecision, Correction, Mention, Topic
from listening.tasks import decide_in_bulk
from listening.triage import Triage
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast

SignIn = Callable[[Any], Client]
DECIDE = "/o/acme/stream/decide/"
PART = {"HX-Request": "true"}


@pytest.fixture
def gita(acme: Cast, sign_in: SignIn) -> Client:
    return sign_in(acme.gita)


def states() -> list[str]:
    return list(Mention.objects.order_by("pk").values_list("state", flat=True))


def test_one_decision_answers_with_its_undo(acme: Cast, gita: Client) -> None:
    row = factories.mention()
    answer = gita.post(DECIDE, {"do": "dismiss:spam", "mention": row.pk, "seen": "untriaged"}, headers=PART)
    assert answer.status_code == 200
    assert "Not relevant: Spam." in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.triage_code) == ("dismissed", "spam")
    gita.post(DECIDE, {"do": "restore", "mention": row.pk, "undoes": "1"}, headers=PART)
    assert states() == ["untriaged"]


def test_without_script_a_decision_leads_back_to_the_list(acme: Cast, gita: Client) -> None:
    row = factories.mention()
    answer = gita.post(DECIDE, {"do": "keep", "mention": row.pk, "next": "/o/acme/stream/?state=all"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/o/acme/stream/?state=all")
    assert states() == ["kept"]


def test_the_opened_one_is_meant_where_none_is_ticked(acme: Cast, gita: Client) -> None:
    row = factories.mention()
    gita.post(DECIDE, {"do": f"route_to:{acme.care.pk}", "opened": row.pk})
    assert states() == ["routed"]
    assert Assignment.objects.get().mention == row


def test_who_comes_second_sees_how_it_is_now(acme: Cast, gita: Client) -> None:
    row = factories.mention()
    mentions.keep(row, by=acme.carla, at=clock.now())
    answer = gita.post(DECIDE, {"do": "dismiss", "mention": row.pk, "seen": "untriaged"}, headers=PART)
    assert answer.status_code == 409
    assert "Carla was quicker: relevant, nothing to do." in answer.content.decode()
    assert states() == ["kept"]


def test_many_are_decided_at_once_and_undone_at_once(acme: Cast, gita: Client) -> None:
    rows = [factories.mention() for _ in range(3)]
    mentions.dismiss(rows[0], by=acme.carla, at=clock.now())
    answer = gita.post(DECIDE, {"do": "keep", "mention": [row.pk for row in rows]}, headers=PART)
    assert "2 mentions decided. 1 was decided by somebody already." in answer.content.decode()
    assert states() == ["dismissed", "kept", "kept"]
    made = BulkDecision.objects.get()
    assert (made.decided, made.left_alone, made.state) == (2, 1, "done")
    mentions.dismiss(rows[1], by=acme.carla, at=clock.now())
    gita.post(f"/o/acme/stream/bulk/{made.pk}/undo/", headers=PART)
    # What somebody has decided since stays decided.
    assert states() == ["dismissed", "dismissed", "untriaged"]


def test_what_was_given_away_in_bulk_comes_back(acme: Cast, gita: Client) -> None:
    rows = [factories.mention() for _ in range(2)]
    gita.post(DECIDE, {"do": f"route_to:{acme.care.pk}", "mention": [row.pk for row in rows]})
    assert (states(), Assignment.objects.count()) == (["routed", "routed"], 2)
    gita.post(f"/o/acme/stream/bulk/{BulkDecision.objects.get().pk}/undo/")
    assert (states(), Assignment.objects.count()) == (["untriaged", "untriaged"], 0)


def test_all_that_match_are_decided_by_workers_and_nothing_is_cut_off(
    acme: Cast, gita: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    monkeypatch.setattr(bulk, "TICKED_AT_MOST", 3)
    wanted = [factories.mention(sentiment=-1) for _ in range(7)]
    other = factories.mention(sentiment=1)
    answer = gita.post(DECIDE, {"do": "dismiss:spam", "all": "1", "in": "sentiment=-1", "expected": "7"})
    made = BulkDecision.objects.get()
    assert answer.headers["Location"] == f"/o/acme/stream/bulk/{made.pk}/"
    later = factories.mention(sentiment=-1)
    decide_in_bulk()
    made.refresh_from_db()
    assert (made.state, made.decided) == ("done", 7)
    assert {row.state for row in Mention.objects.filter(pk__in=[row.pk for row in wanted])} == {"dismissed"}
    assert {Mention.objects.get(pk=row.pk).state for row in (other, later)} == {"untriaged"}
    assert AuditEntry.objects.filter(verb="dismiss").count() == 7
    gita.post(f"/o/acme/stream/bulk/{made.pk}/undo/")
    decide_in_bulk()
    assert set(states()) == {"untriaged"}
    assert gita.get(f"/o/acme/stream/bulk/{made.pk}/").status_code == 200


def test_a_worker_that_dies_leaves_a_step_undone_or_done(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    for _ in range(4):
        factories.mention()
    made = bulk.decide_all(Triage("keep"), wanted=StreamFilter(), by=acme.gita, at=clock.now())
    assert bulk.go_on(made.pk, at=clock.now())
    real = bulk.BulkStep.objects.create

    def die(**_fields: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(bulk.BulkStep.objects, "create", die)
    with pytest.raises(RuntimeError):
        bulk.go_on(made.pk, at=clock.now())
    assert sorted(states()) == ["kept", "kept", "untriaged", "untriaged"]
    monkeypatch.setattr(bulk.BulkStep.objects, "create", real)
    while bulk.go_on(made.pk, at=clock.now()):
        pass
    made.refresh_from_db()
    assert (set(states()), made.decided) == ({"kept"}, 4)


def test_what_people_say_about_a_mention_is_said_here_too(acme: Cast, gita: Client) -> None:
    row, topic = factories.mention(), Topic.objects.create(name="Bikes")
    for wish in (f"give_topic:{topic.pk}", "correct_sentiment:-1", "correct_language:de"):
        assert gita.post(DECIDE, {"do": wish, "mention": row.pk}, headers=PART).status_code == 200
    row.refresh_from_db()
    assert (row.topic, row.sentiment, row.language, row.state) == (topic, -1, "de", "untriaged")
    assert Correction.objects.count() == 3


def test_many_are_corrected_in_few_questions_and_taken_back_as_one(acme: Cast, gita: Client) -> None:
    bikes, boats = Topic.objects.create(name="Bikes"), Topic.objects.create(name="Boats")
    rows = [factories.mention(topic=boats, topic_score=0.4, judged_by="m") for _ in range(6)]
    judgements.give_topic(rows[0], topic=boats, by=acme.carla, at=clock.now())
    judgements.give_topic(rows[1], topic=bikes, by=acme.carla, at=clock.now())
    said = {"do": f"give_topic:{bikes.pk}", "mention": [row.pk for row in rows]}
    with CaptureQueriesContext(connection) as queries:
        answer = gita.post(DECIDE, said, headers=PART)
    assert "About Bikes. 5 mentions corrected." in answer.content.decode()
    assert len(queries) < 30
    assert set(Mention.objects.values_list("topic", "topic_score")) == {(bikes.pk, None)}
    made = BulkDecision.objects.get()
    judgements.correct_sentiment(rows[5], sentiment=1, by=acme.carla, at=clock.now())
    gita.post(f"/o/acme/stream/bulk/{made.pk}/undo/", headers=PART)
    found = list(Mention.objects.order_by("pk").values_list("topic", "topic_score"))
    assert found == [(boats.pk, None), (bikes.pk, None), *[(boats.pk, 0.4)] * 4]
    assert {(one.kind, one.value, one.by) for one in Correction.objects.all()} == {
        ("topic", str(boats.pk), acme.carla), ("topic", str(bikes.pk), acme.carla), ("sentiment", "1", acme.carla),
    }  # fmt: skip


def test_taking_back_leaves_alone_what_somebody_said_since(acme: Cast, gita: Client) -> None:
    rows = [factories.mention(sentiment=0, sentiment_score=0.1, language="en") for _ in range(2)]
    gita.post(DECIDE, {"do": "correct_sentiment:-1", "mention": [row.pk for row in rows]}, headers=PART)
    gita.post(DECIDE, {"do": "correct_language:de", "mention": rows[0].pk}, headers=PART)
    judgements.correct_sentiment(rows[0], sentiment=1, by=acme.carla, at=clock.now())
    for made in BulkDecision.objects.order_by("pk"):
        gita.post(f"/o/acme/stream/bulk/{made.pk}/undo/", headers=PART)
    found = Mention.objects.order_by("pk").values_list("sentiment", "sentiment_score", "language")
    assert list(found) == [(1, 1.0, "en"), (0, 0.1, "en")]
    assert set(BulkDecision.objects.values_list("state", flat=True)) == {"undone"}


def test_a_form_that_makes_no_sense_changes_nothing(acme: Cast, gita: Client) -> None:
    row = factories.mention()
    for wish in ("explode", "dismiss:because", "route_to:99999", "route_to", "correct_sentiment:9", "give_topic:x", ""):
        assert gita.post(DECIDE, {"do": wish, "mention": row.pk}, headers=PART).status_code in {404, 422}, wish
    assert gita.post(DECIDE, {"do": "keep"}, headers=PART).status_code == 422
    assert gita.post(DECIDE, {"do": "keep", "mention": "99999"}, headers=PART).status_code == 404
    assert (states(), AuditEntry.objects.count()) == (["untriaged"], 0)


def test_more_than_can_be_ticked_is_refused_and_not_cut(acme: Cast) -> None:
    with pytest.raises(ValidationError, match="At most"):
        bulk.decide_ticked(Triage("keep"), keys=list(range(1, 300)), by=acme.gita, at=clock.now())


def test_over_the_api(acme: Cast, api: Any) -> None:
    rows = [factories.mention(sentiment=-1) for _ in range(3)]
    gita = api(acme.gita)
    body = {"verb": "dismiss", "code": "spam", "mentions": [row.pk for row in rows[:2]]}
    made = gita.post("/api/v1/bulk-decisions/", body, headers={"Idempotency-Key": "one"})
    assert (made.status_code, made.json()["decided"]) == (201, 2)
    assert gita.post("/api/v1/bulk-decisions/", body, headers={"Idempotency-Key": "one"}).json() == made.json()
    undone = gita.post(f"/api/v1/bulk-decisions/{made.json()['id']}/undo/").json()
    assert (undone["state"], states()) == ("undone", ["untriaged"] * 3)
    begun = gita.post("/api/v1/bulk-decisions/", {"verb": "keep", "query": "sentiment=-1"})
    assert begun.json()["state"] == "waiting"
    assert gita.post("/api/v1/bulk-decisions/", {"verb": "keep"}).status_code == 400
    assert gita.post("/api/v1/bulk-decisions/", {"verb": "route_to", "mentions": [1]}).status_code == 400
