"""What people do about topics."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from listening.actions.judgements import give_topic
from listening.actions.topics import add_topic, change_topic, merge_topics, pause_topic, resume_topic
from listening.models import Correction, Topic
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast


def test_a_gatherer_adds_and_changes_a_topic(acme: Cast) -> None:
    doing: dict[str, Any] = {"by": acme.gita, "at": clock.now()}
    topic = add_topic(name=" Billing ", description="Invoices", department=acme.care, **doing)
    topic.refresh_from_db()
    assert (topic.name, topic.description, topic.department, topic.created_by) == (
        "Billing", "Invoices", acme.care, acme.gita,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="a topic with this name already"):
        add_topic(name="BILLING", **doing)
    change_topic(topic, name="Bills", description="Invoices", department=acme.care, **doing)
    pause_topic(topic, **doing)
    resume_topic(topic, **doing)
    entries = AuditEntry.objects.order_by("pk")
    assert [entry.verb for entry in entries] == ["add_topic", "change_topic", "pause_topic", "resume_topic"]
    assert entries[1].after == {"name": "Bills"}


def test_merging_moves_mentions_and_what_people_said(acme: Cast) -> None:
    bills, billing = factories.topic("Bills"), factories.topic("Billing")
    given, suggested = factories.mention(), factories.mention(topic=bills, topic_score=0.7)
    doing: dict[str, Any] = {"by": acme.gita, "at": clock.now()}
    give_topic(given, topic=bills, **doing)
    merge_topics(bills, into=billing, **doing)
    for mention in (given, suggested):
        mention.refresh_from_db()
        assert mention.topic == billing
    assert (Correction.objects.get().value, list(Topic.objects.all())) == (str(billing.pk), [billing])
    with pytest.raises(ValidationError):
        merge_topics(billing, into=billing, **doing)
    with pytest.raises(ValidationError):
        merge_topics(bills, into=billing, **doing)


def test_a_responder_manages_no_topics(acme: Cast) -> None:
    topic, other = factories.topic(), factories.topic()
    doing: dict[str, Any] = {"by": acme.rosa, "at": clock.now()}
    for act in (
        lambda: add_topic(name="x", **doing),
        lambda: change_topic(topic, name="x", **doing),
        lambda: pause_topic(topic, **doing),
        lambda: resume_topic(topic, **doing),
        lambda: merge_topics(topic, into=other, **doing),
    ):
        with pytest.raises(PermissionDenied):
            act()
