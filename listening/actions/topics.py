"""Topics: adding, changing, pausing and merging them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import Correction, Mention, Topic
from listening.refusals import unless_used
from roles.audit import record, record_change
from roles.live import look_again
from roles.models import Department, Member
from roles.permissions import allowed, require


def add_topic(
    *, name: str, description: str = "", department: Department | None = None, by: Member | None, at: datetime
) -> Topic:
    """Add a topic that mentions can be about."""
    return _add(department, name=name, description=description, by=by, at=at)


@allowed("listening.manage_topics")
@transaction.atomic
def _add(department: Department | None, *, name: str, description: str, by: Member | None, at: datetime) -> Topic:
    topic = Topic(
        name=name.strip(), description=description.strip(), department=department, created_at=at, created_by=by
    )
    topic.full_clean(exclude=["created_by"])
    topic.save()
    record("add_topic", topic, by=by, at=at, after=_facts(topic))
    return topic


@allowed("listening.manage_topics")
@transaction.atomic
def change_topic(
    topic: Topic,
    *,
    name: str,
    description: str = "",
    department: Department | None = None,
    by: Member | None,
    at: datetime,
) -> Topic:
    """Change what a topic is called and whom it concerns; mentions keep it."""
    topic = Topic.objects.select_for_update(of=("self",), no_key=True).get(pk=topic.pk)
    before = _facts(topic)
    topic.name, topic.description, topic.department = name.strip(), description.strip(), department
    if by is not None:
        require(by, "listening.manage_topics", topic)
    if _facts(topic) == before:
        return topic
    topic.full_clean(exclude=["created_by"])
    return _saved("change_topic", topic, before, by=by, at=at)


@allowed("listening.manage_topics")
@transaction.atomic
def pause_topic(topic: Topic, *, by: Member | None, at: datetime) -> Topic:
    """Offer and suggest a topic no more; mentions that have it keep it."""
    return _set_active(topic, is_active=False, verb="pause_topic", by=by, at=at)


@allowed("listening.manage_topics")
@transaction.atomic
def resume_topic(topic: Topic, *, by: Member | None, at: datetime) -> Topic:
    """Offer and suggest a topic again."""
    return _set_active(topic, is_active=True, verb="resume_topic", by=by, at=at)


@allowed("listening.manage_topics")
@transaction.atomic
def merge_topics(topic: Topic, *, into: Topic, by: Member | None, at: datetime) -> Topic:
    """Make one topic of two: all mentions of the first get the second, and the first is gone."""
    if topic.pk == into.pk:
        raise ValidationError({"into": _("Choose another topic: this is the same.")})
    if by is not None:
        require(by, "listening.manage_topics", into)
    # Held in one order, and before any mention, as by everybody who gives topics.
    rows = Topic.objects.filter(pk__in=[topic.pk, into.pk])
    held = {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}
    if len(held) < 2:
        raise ValidationError({"into": _("This topic is not there any more. Look at the list of topics again.")})
    topic, into = held[topic.pk], held[into.pk]
    record("merge_topics", topic, by=by, at=at, before=_facts(topic), after={"into": into.name})
    said = Correction.objects.filter(kind=Correction.Kind.TOPIC)
    said.filter(value=str(topic.pk)).update(value=str(into.pk))
    said.filter(before=str(topic.pk)).update(before=str(into.pk))
    Mention.objects.filter(topic=topic).update(topic=into)
    with unless_used():
        topic.delete()
    look_again("stream")
    return into


def _set_active(topic: Topic, *, is_active: bool, verb: str, by: Member | None, at: datetime) -> Topic:
    topic = Topic.objects.select_for_update(of=("self",), no_key=True).get(pk=topic.pk)
    if topic.is_active == is_active:
        return topic
    before = _facts(topic)
    topic.is_active = is_active
    return _saved(verb, topic, before, by=by, at=at)


def _saved(verb: str, topic: Topic, before: dict[str, Any], *, by: Member | None, at: datetime) -> Topic:
    topic.save()
    record_change(verb, topic, by=by, at=at, before=before, after=_facts(topic))
    return topic


def _facts(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "description": topic.description,
        "department": str(topic.department or ""),
        "is_active": topic.is_active,
    }
