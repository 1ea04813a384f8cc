"""Routing rules that ask what a machine or a person made of a mention."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from engagement.actions.rules import add_rule
from engagement.conditions import all_of
from engagement.models import Assignment
from engagement.reason_words import in_words
from engagement.routing import route
from listening.actions.topics import merge_topics
from listening.refusals import StillUsed
from roles import clock
from tests import factories
from tests.cast import Cast


def test_rules_ask_for_language_sentiment_and_topic(acme: Cast, sign_in: Any) -> None:
    billing, doing = factories.topic("Billing"), {"by": acme.carla, "at": clock.now()}
    add_rule(acme.care, name="Bills", condition=all_of(topic=billing.pk), **doing)
    add_rule(acme.press, name="Angry Dutch", condition=all_of(language="nl", sentiment=-1), **doing)
    angry = factories.mention(language="nl", sentiment=-1)
    calm = factories.mention(language="nl", sentiment=0)
    bill = factories.mention(language="en", sentiment=1, topic=billing, topic_score=0.7)
    route([angry, calm, bill], at=clock.now())
    found = {row.mention_id: row for row in Assignment.objects.all()}
    assert {key: row.department_id for key, row in found.items()} == {angry.pk: acme.press.pk, bill.pk: acme.care.pk}
    said = " ".join(in_words(found[angry.pk].reasons))
    assert "it is written in “Dutch” and it sounds “negative”" in said
    page = sign_in(acme.carla).get("/o/acme/rules/").content.decode()
    assert (
        "is written in <strong>Dutch</strong>" in page
        and "is about <strong>Billing</strong>" in page
        and "sounds <strong>negative</strong>" in page
    )
    with pytest.raises(StillUsed, match="Bills"):
        merge_topics(billing, into=factories.topic("Money"), by=acme.gita, at=clock.now())
    with pytest.raises(ValidationError):
        add_rule(acme.care, name="?", condition=all_of(language="xx"), **doing)
