"""A story grows: rules that ask how often something was told are asked again about what nobody has begun."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from engagement.actions.assignments import assign, claim
from engagement.actions.priorities import set_priority
from engagement.actions.rules import add_rule
from engagement.growing import ask_again_next
from engagement.models import Assignment, GrownStory
from engagement.reason_words import in_words
from engagement.routing import route
from engagement.tasks import ask_again
from listening.actions import stories
from listening.models import Mention
from listening.signals import mentions_captured
from roles.models import AuditEntry
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

TEXT = "Acme calls back four thousand kettles because the handle may come off while the water boils"
OFTEN = {"all": [{"field": "story_size", "operator": "at_least", "value": 3}]}
Tell = Callable[..., list[Mention]]


@pytest.fixture
def doing(acme: Cast, at: datetime) -> dict[str, Any]:
    return {"by": acme.carla, "at": at}


@pytest.fixture
def tell(acme: Cast, at: datetime) -> Tell:
    """Capture so many tellings, route them, and fold them into their story."""

    def make(number: int, *, fold: bool = True) -> list[Mention]:
        told = [factories.mention(f"RT @someone{n}: {TEXT} https://t.co/{n}", at=at) for n in range(number)]
        mentions_captured.send(Mention, mentions=told, at=at)
        if fold:
            stories.fold_due(at=at)
        return told

    return make


def ask(at: datetime) -> None:
    while ask_again_next(at=at):
        pass


def test_what_waits_in_the_stream_is_given_out(acme: Cast, at: datetime, doing: Any, tell: Tell) -> None:
    add_rule(acme.press, name="Often", condition=OFTEN, **doing)
    tell(2)
    ask(at)
    assert not Assignment.objects.exists()
    tell(1)
    ask(at)
    rows = list(Assignment.objects.all())
    assert len(rows) == 3 and {row.department_id for row in rows} == {acme.press.pk}
    assert in_words(rows[0].reasons)[0] == "Its story had grown to 3 tellings, so the rules were asked again."
    assert not GrownStory.objects.exists()


def test_what_is_open_moves_and_is_promised_anew(acme: Cast, at: datetime, doing: Any, tell: Tell) -> None:
    add_rule(acme.press, name="Often", condition=OFTEN, priority=1, response_minutes=10, **doing)
    add_rule(acme.care, name="All", response_minutes=60, **doing)
    tell(2)
    row = Assignment.objects.order_by("pk")[0]
    assert (row.department, row.priority) == (acme.care, 3)
    tell(1)
    ask(at + timedelta(minutes=5))
    row = Assignment.objects.with_mentions().get(pk=row.pk)
    assert (row.department, row.priority, row.rule and row.rule.name) == (acme.press, 1, "Often")
    assert row.due_at == row.mention.captured_at + timedelta(minutes=10) == row.first_due_at
    assert row.mention.department == acme.press
    entry = AuditEntry.objects.filter(verb="ask_again").first()
    assert entry is not None and entry.by is None and entry.before["department"] == acme.care.pk
    said = in_words(row.reasons)
    assert "Its story had grown to 3 tellings, so the rules were asked again." in said


def test_it_is_asked_once_for_each_growth_and_nothing_moves_twice(
    acme: Cast, at: datetime, doing: Any, tell: Tell
) -> None:
    add_rule(acme.press, name="Often", condition=OFTEN, **doing)
    add_rule(acme.care, name="All", **doing)
    tell(4)
    ask(at)
    tell(2)
    ask(at)
    parts = [part["kind"] for row in Assignment.objects.order_by("pk")[:4] for part in row.reasons]
    assert parts.count("grown") == 4


def test_what_somebody_has_begun_or_given_stays(acme: Cast, at: datetime, doing: Any, tell: Tell) -> None:
    add_rule(acme.press, name="Often", condition=OFTEN, priority=4, **doing)
    add_rule(acme.care, name="All", **doing)
    tell(3, fold=False)
    claimed, given, urgent = Assignment.objects.with_mentions().order_by("pk")
    claim(claimed, by=acme.rosa, at=at)
    assign(given, to=acme.rui, **doing)
    set_priority(urgent, priority=1, **doing)
    stories.fold_due(at=at)
    ask(at)
    for row in (claimed, given, urgent):
        row.refresh_from_db()
    assert (claimed.department, given.department, given.member) == (acme.care, acme.care, acme.rui)
    # How urgent it is a person has said; where it belongs is the rules' to say.
    assert (urgent.department, urgent.priority) == (acme.press, 1)


def test_without_such_a_rule_nothing_is_written_down(acme: Cast, at: datetime, doing: Any, tell: Tell) -> None:
    add_rule(acme.care, name="All", **doing)
    tell(3)
    assert not GrownStory.objects.exists()


def test_rules_that_changed_since_move_nothing_by_themselves(acme: Cast, at: datetime, doing: Any, tell: Tell) -> None:
    add_rule(acme.care, name="All", **doing)
    told = tell(2, fold=False)
    add_rule(acme.press, name="Often", condition={"all": [{**OFTEN["all"][0], "value": 50}]}, **doing)
    route(told, at=at)
    stories.fold_due(at=at)
    ask(at)
    assert {row.department for row in Assignment.objects.all()} == {acme.care}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_ask_each_story_once(cast: Cast, at: datetime) -> None:
    with acting_for(cast.organization):
        add_rule(cast.press, name="Often", condition=OFTEN, by=cast.carla, at=at)
        told = [factories.mention(f"RT @s{n}: {TEXT} https://t.co/{n}", at=at) for n in range(4)]
        mentions_captured.send(Mention, mentions=told, at=at)
        stories.fold_due(at=at)

    def work(_number: int) -> None:
        try:
            ask_again()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as workers:
        list(workers.map(work, range(3)))
    with acting_for(cast.organization):
        assert Assignment.objects.count() == 4 and not GrownStory.objects.exists()
