"""What a person says about a judgement stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from listening.actions.judgements import (
    correct_language,
    correct_sentiment,
    give_topic,
    take_back_correction,
    take_topic_away,
)
from listening.models import Correction, Mention
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast


def judged(**fields: Any) -> Mention:
    """A mention as machines judged it."""
    values = {"language": "en", "sentiment": 0, "sentiment_score": 0.1, "judged_by": "lexicon 1", **fields}
    return factories.mention(**values)


def test_a_person_corrects_the_sentiment(acme: Cast) -> None:
    mention, at = judged(), clock.now()
    correct_sentiment(mention, sentiment=-1, by=acme.gita, at=at)
    mention.refresh_from_db()
    assert (mention.sentiment, mention.sentiment_score) == (-1, -1.0)
    said = Correction.objects.get()
    assert (said.kind, said.value, said.by, said.at) == ("sentiment", "-1", acme.gita, at)
    assert (said.before, said.before_score, said.before_by) == ("0", 0.1, "lexicon 1")
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.before, entry.after) == (
        "correct_sentiment",
        {"sentiment": "Neutral"},
        {"sentiment": "Negative"},
    )


def test_who_corrects_a_correction_keeps_what_the_machine_said(acme: Cast) -> None:
    mention, at = judged(), clock.now()
    correct_sentiment(mention, sentiment=-1, by=acme.gita, at=at)
    correct_sentiment(mention, sentiment=1, by=acme.carla, at=at + timedelta(minutes=1))
    said = Correction.objects.get()
    assert (said.value, said.by, said.before, said.before_by) == ("1", acme.carla, "0", "lexicon 1")
    correct_sentiment(mention, sentiment=1, by=acme.gita, at=at + timedelta(minutes=2))
    said.refresh_from_db()
    assert said.by == acme.carla


def test_agreeing_is_kept_too(acme: Cast) -> None:
    mention = judged()
    correct_sentiment(mention, sentiment=0, by=acme.gita, at=clock.now())
    said = Correction.objects.get()
    assert (said.value, said.before) == ("0", "0")


def test_another_language_lets_the_rest_be_judged_again(acme: Cast) -> None:
    mention = judged()
    correct_language(mention, language="nl", by=acme.gita, at=clock.now())
    mention.refresh_from_db()
    assert (mention.language, mention.judged_by) == ("nl", "")
    with pytest.raises(ValidationError):
        correct_language(mention, language="klingon", by=acme.gita, at=clock.now())


def test_a_topic_is_given_and_taken_away(acme: Cast) -> None:
    billing, delivery = factories.topic("Billing"), factories.topic("Delivery")
    mention, at = judged(topic=billing, topic_score=0.6), clock.now()
    assert mention.topic_is_suggested
    give_topic(mention, topic=billing, by=acme.gita, at=at)
    mention.refresh_from_db()
    assert (mention.topic, mention.topic_score, mention.topic_is_suggested) == (billing, None, False)
    give_topic(mention, topic=delivery, by=acme.gita, at=at)
    take_topic_away(mention, by=acme.gita, at=at)
    mention.refresh_from_db()
    said = Correction.objects.get()
    assert (mention.topic, said.value, said.before, said.before_score) == (None, "", str(billing.pk), 0.6)
    assert [entry.verb for entry in AuditEntry.objects.order_by("pk")] == [
        "give_topic",
        "give_topic",
        "take_topic_away",
    ]


def test_a_paused_topic_is_not_given(acme: Cast) -> None:
    with pytest.raises(ValidationError):
        give_topic(judged(), topic=factories.topic("Old", is_active=False), by=acme.gita, at=clock.now())


def test_taking_back_leaves_it_to_the_machine(acme: Cast) -> None:
    topic = factories.topic("Billing")
    mention, at = judged(topic=topic, topic_score=0.6), clock.now()
    correct_sentiment(mention, sentiment=1, by=acme.gita, at=at)
    take_topic_away(mention, by=acme.gita, at=at)
    for kind in ("sentiment", "topic", "sentiment"):
        take_back_correction(mention, kind=kind, by=acme.gita, at=at)
    mention.refresh_from_db()
    assert (mention.sentiment, mention.sentiment_score) == (0, 0.1)
    assert (mention.topic, mention.topic_score) == (topic, 0.6)
    assert (mention.judged_by, Correction.objects.count()) == ("", 0)


def test_a_responder_corrects_nothing(acme: Cast) -> None:
    mention, topic = judged(), factories.topic()
    doing: dict[str, Any] = {"by": acme.rosa, "at": clock.now()}
    for act in (
        lambda: correct_language(mention, language="nl", **doing),
        lambda: correct_sentiment(mention, sentiment=1, **doing),
        lambda: give_topic(mention, topic=topic, **doing),
        lambda: take_topic_away(mention, **doing),
        lambda: take_back_correction(mention, kind="topic", **doing),
    ):
        with pytest.raises(PermissionDenied):
            act()
