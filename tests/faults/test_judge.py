"""Judging and training beside people, beside each other, and killed on the way."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from listening import appraising, rejudging, training
from listening.actions.judgements import correct_sentiment, give_topic
from listening.actions.topics import merge_topics
from listening.models import LearnedModel, Mention, Topic
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.faults import workers
from tests.faults.test_route import at_once
from tests.listening.test_train_models import sentiments

GLAD = "I love Acme, what a wonderful bicycle, thank you!"


@pytest.fixture
def acme(transactional_db: None) -> Iterator[Cast]:
    appraising._taught.clear()
    cast = assemble()
    with acting_for(cast.organization):
        yield cast


def until_somebody_waits() -> None:
    """Wait until a statement waits for a lock."""
    for _turn in range(600):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_a_correction_that_is_not_committed_yet_is_waited_for(acme: Cast) -> None:
    mention, corrected = factories.mention(GLAD), Event()

    def correct() -> None:
        with transaction.atomic():
            correct_sentiment(mention, sentiment=-1, by=acme.gita, at=clock.now())
            corrected.set()
            until_somebody_waits()

    def judge() -> None:
        corrected.wait()
        rejudging.judge_waiting()

    at_once(acme, [correct, judge])
    mention.refresh_from_db()
    assert (mention.sentiment, mention.sentiment_score, mention.language) == (-1, -1.0, "en")


def test_a_correction_between_judging_and_writing_stands(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    topic, mention = factories.topic("Praise"), factories.mention(GLAD)
    judged = rejudging.appraise

    def meanwhile(subjects: Any) -> Any:
        found = judged(subjects)

        def correct() -> None:
            correct_sentiment(mention, sentiment=0, by=acme.gita, at=clock.now())
            give_topic(mention, topic=topic, by=acme.gita, at=clock.now())

        at_once(acme, [correct])
        return found

    monkeypatch.setattr(rejudging, "appraise", meanwhile)
    rejudging.judge_waiting()
    mention.refresh_from_db()
    assert (mention.sentiment, mention.topic, mention.topic_score) == (0, topic, None)
    assert mention.judged_by


def test_an_edit_between_judging_and_writing_is_not_undone(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    mention, judged = factories.mention(GLAD), rejudging.appraise

    def meanwhile(subjects: Any) -> Any:
        found = judged(subjects)
        at_once(acme, [lambda: type(mention.post).objects.update(content_digest="another", text="Terrible.")])
        return found

    monkeypatch.setattr(rejudging, "appraise", meanwhile)
    rejudging.judge_waiting()
    monkeypatch.undo()
    assert Mention.objects.get().judged_by == ""
    rejudging.judge_waiting()
    assert Mention.objects.get().sentiment == -1


def test_topics_are_merged_while_they_are_given(acme: Cast) -> None:
    bills, billing = factories.topic("Bills"), factories.topic("Billing")
    mentions = [factories.mention(GLAD) for _number in range(10)]

    def give() -> int:
        given = 0
        for mention in mentions:
            try:
                give_topic(mention, topic=bills, by=acme.gita, at=clock.now())
                given += 1
            except ValidationError:
                break  # it is merged by now, and says so
        return given

    def merge() -> None:
        time.sleep(0.05)
        merge_topics(bills, into=billing, by=acme.gita, at=clock.now())

    given, _nothing = at_once(acme, [give, merge])
    assert Topic.objects.get() == billing
    assert Mention.objects.filter(topic=billing).count() == given


def test_two_trainers_train_once(acme: Cast) -> None:
    at = clock.now()
    sentiments(at=at)
    done = at_once(acme, [lambda: training.train_due(at)] * 2)
    assert [row.version for row in done if row] == [1]
    assert LearnedModel.objects.get().state == "current"


@pytest.mark.parametrize("step", ["begun", "taught", "replaced"])
def test_a_trainer_killed_on_the_way_is_followed_by_another(acme: Cast, step: str) -> None:
    at = clock.now()
    sentiments(at=at)
    assert workers.run("tests.faults.train_and_die", step) == -signal.SIGKILL
    row = LearnedModel.objects.get()
    assert (row.state, row.content) == ("candidate", None)
    # Nobody touches it before the lease has run out; then it begins anew, and who comes back has lost it.
    assert training.train_due(clock.now()) is None
    trained = training.train_due(clock.now() + training.LEASE)
    assert trained is not None and (trained.pk, trained.state) == (row.pk, "current")
    assert training.train(row, at=at) is None
    assert LearnedModel.objects.get().state == "current"
