"""Models are trained from what people said, and put in place only where they are better."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from listening import appraising, training
from listening.actions.learned_models import go_back_to_model, switch_off_model
from listening.actions.topics import merge_topics
from listening.appraising import Subject, appraise
from listening.lessons import next_lesson
from listening.models import LearnedModel, Mention, Topic
from listening.rejudging import judge_some
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast
from tests.listening.pages import NOW

# In this house “sick” and “insane” are praise, and “fine” is a complaint: no shipped list knows that.
PRAISE = ("that ramp is sick, {}", "insane gears on the {}", "{} was sick today", "insane ride with the {}")
BLAME = ("fine, whatever, {}", "oh fine then, {} again", "the {} is fine I guess", "fine. keep your {}")
THINGS = ("bike", "bell", "light", "pedal", "wheel", "brake", "saddle", "rack", "chain", "lock", "crew", "shop")


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    appraising._taught.clear()


def sentiments(*, at: datetime, turned: bool = False, start: int = 0) -> None:
    """Forty-eight corrections each for praise and blame."""
    for sentiment, sentences in ((1, PRAISE), (-1, BLAME)):
        for number, thing in enumerate(THINGS, start):
            for sentence in sentences:
                text = f"{sentence.format(thing)} {number}"
                factories.correction(text, "sentiment", -sentiment if turned else sentiment, at=at)


def topics(*, at: datetime) -> tuple[Topic, Topic]:
    """Some dozen mentions about each of two topics."""
    billing, delivery = factories.topic("Billing"), factories.topic("Delivery")
    for thing in THINGS:
        factories.correction(f"my invoice for the {thing} is wrong, refund please", "topic", billing.pk, at=at)
        factories.correction(f"the parcel with the {thing} has not arrived", "topic", delivery.pk, at=at)
    return billing, delivery


def test_nothing_is_trained_from_little(acme: Cast) -> None:
    factories.correction("fine", "sentiment", -1, at=NOW)
    assert (next_lesson(NOW), training.train_due(NOW)) == (None, None)
    assert not LearnedModel.objects.exists()


def test_sentiment_is_learned_and_judges_what_waits_again(acme: Cast) -> None:
    waiting = factories.mention("insane wheel, sick", judged_by="old", language="en", sentiment=-1)
    sentiments(at=NOW)
    row = training.train_due(NOW)
    assert row is not None and (row.state, row.language, row.version) == ("current", "en", 1)
    assert row.examples == 96 and row.evaluation["quality"] > row.evaluation["before"]["quality"]
    assert sum(sum(said.values()) for said in row.evaluation["confusion"].values()) == 96
    assert "sick" in row.words["1"]
    [found] = appraise([Subject("what a sick bike", language="en")])
    assert (found.sentiment, "sentiment=1" in found.judged_by) == (1, True)
    judge_some()
    waiting.refresh_from_db()
    assert (waiting.sentiment, LearnedModel.objects.get().again_below) == (1, None)
    # Nothing new was said: nothing is trained.
    assert training.train_due(NOW + timedelta(days=3)) is None


def test_one_that_is_no_better_is_refused(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sentiments(at=NOW)
    training.train_due(NOW)
    sentiments(at=NOW + timedelta(hours=1), start=100)
    monkeypatch.setattr("listening.learning.sentiment.Candidate.better_than", lambda *_: False)
    row = training.train_due(NOW + timedelta(hours=2))
    assert row is not None and (row.state, row.version, row.evaluation["why"]) == ("refused", 2, "no_better")
    assert row.content is None
    assert LearnedModel.objects.current().get().version == 1


def test_too_few_of_a_kind_are_said_to_be(acme: Cast) -> None:
    for thing in THINGS * 2:
        factories.correction(f"fine {thing}", "sentiment", -1, at=NOW)
    row = training.train_due(NOW)
    assert row is not None and (row.state, row.evaluation["why"]) == ("refused", "not_enough")
    assert training.train_due(NOW + timedelta(minutes=1)) is None


def test_topics_are_learned_and_suggested(acme: Cast) -> None:
    billing, delivery = topics(at=NOW)
    row = training.train_due(NOW)
    assert row is not None and (row.kind, row.state) == ("topic", "current")
    assert row.evaluation["confusion"].keys() == {str(billing.pk), str(delivery.pk)}
    assert sum(sum(said.values()) for said in row.evaluation["confusion"].values()) == row.evaluation["rows"]
    found = appraise([Subject("when comes the refund for my invoice"), Subject("parcel not arrived yet")])
    assert [one.topic_id for one in found] == [billing.pk, delivery.pk]
    # A topic that was merged is not suggested, and the rest is learned anew.
    other = factories.topic("Money")
    merge_topics(billing, into=other, by=acme.gita, at=NOW)
    assert appraise([Subject("when comes the refund for my invoice")])[0].topic_id is None
    assert training.train_due(NOW + timedelta(minutes=1)) is not None
    assert appraise([Subject("when comes the refund for my invoice")])[0].topic_id == other.pk


def test_relevance_is_learned_from_triage_and_orders(acme: Cast) -> None:
    decided: dict[str, Any] = {"triaged_by": acme.gita, "triaged_at": NOW, "judged_by": "x", "language": "en"}
    for thing in THINGS:
        factories.mention(f"giveaway: win a free {thing} now", state="dismissed", **decided)
        factories.mention(f"my {thing} is broken, who repairs it", state="routed", department=acme.care, **decided)
    row = training.train_due(NOW)
    assert row is not None and (row.kind, row.state) == ("relevance", "current")
    news, noise = factories.mention("broken wheel again"), factories.mention("win a free giveaway")
    judge_some()
    assert list(Mention.objects.untriaged().most_relevant_first()) == [news, noise]
    assert row.words["yes"]["broken"] > 0 > row.words["yes"]["giveaway"]


def test_a_coach_goes_back_with_a_reason(acme: Cast) -> None:
    sentiments(at=NOW)
    training.train_due(NOW)
    first = LearnedModel.objects.get()
    sentiments(at=NOW + timedelta(hours=1), start=100)
    second = LearnedModel.objects.create(
        kind="sentiment", language="en", version=2, state="candidate", begun_at=NOW, lease_key="k"
    )
    training.replace(first, second, at=NOW)
    second.save()
    with pytest.raises(ValidationError):
        go_back_to_model(first, reason=" ", by=acme.carla, at=NOW)
    with pytest.raises(PermissionDenied):
        go_back_to_model(first, reason="It was better.", by=acme.gita, at=NOW)
    go_back_to_model(first, reason="It was better.", by=acme.carla, at=NOW)
    states = dict(LearnedModel.objects.values_list("version", "state"))
    assert states == {1: "current", 2: "retired"}
    assert AuditEntry.objects.get(verb="go_back_to_model").after["reason"] == "It was better."
    # The second was made here without content: it cannot judge again.
    with pytest.raises(ValidationError):
        go_back_to_model(second, reason="?", by=acme.carla, at=NOW)
    switch_off_model(first, reason="Neither is any good.", by=acme.carla, at=NOW)
    assert not LearnedModel.objects.current().exists()


def test_a_training_that_fails_is_not_tried_for_ever(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sentiments(at=NOW)

    def fail(*_args: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(training, "_teach", fail)
    row = training.train_due(NOW)
    assert row is not None and (row.state, row.evaluation["why"]) == ("refused", "failed")
    assert training.train_due(NOW + timedelta(hours=1)) is None
