"""Workers killed while they judge, while a story grows, and while a surge plan is switched: all of it, or nothing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest

from engagement.actions.rules import add_rule, switch_rule
from engagement.growing import ask_again_next
from engagement.models import Assignment, GrownStory, RoutingRule
from listening.actions import stories
from listening.models import Mention
from listening.signals import mentions_captured
from maturity.actions.assessments import assess_due
from maturity.actions.surges import look_after_surges, plan_surge
from maturity.models import Assessment, SurgePlan
from roles import clock
from roles.models import AuditEntry, Mail, Position, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.engagement.test_ask_again import OFTEN, TEXT
from tests.faults import workers

DIE = "tests.faults.judge_and_die"


@pytest.fixture
def acme(transactional_db: None) -> Iterator[Cast]:
    cast = assemble()
    with acting_for(cast.organization):
        yield cast


@pytest.mark.parametrize("step", ["judged", "kept", "recorded", "committed"])
def test_an_assessment_is_kept_whole_and_once(acme: Cast, step: str) -> None:
    at = clock.now()
    assert workers.run(DIE, f"assess: {step}", at.isoformat()) == -signal.SIGKILL
    is_done = step == "committed"
    assert Assessment.objects.count() == (3 if is_done else 0), "the whole and two departments, or nothing"
    assert assess_due(at=at + timedelta(seconds=5)) is not is_done
    assert Assessment.objects.count() == 3 and AuditEntry.objects.filter(verb="assess").count() == 1


@pytest.mark.parametrize("step", ["asked", "given", "told", "committed"])
def test_a_story_that_grew_is_asked_about_once(acme: Cast, step: str) -> None:
    at = clock.now()
    add_rule(acme.press, name="Often", condition=OFTEN, by=acme.carla, at=at)
    add_rule(acme.care, name="All", by=acme.carla, at=at)
    told = [factories.mention(f"RT @someone{n}: {TEXT} https://t.co/{n}", at=at) for n in range(3)]
    mentions_captured.send(Mention, mentions=told, at=at)
    stories.fold_due(at=at)
    assert GrownStory.objects.exists()
    assert workers.run(DIE, f"grow: {step}", at.isoformat()) == -signal.SIGKILL
    there = acme.press.pk if step == "committed" else acme.care.pk
    assert set(Assignment.objects.values_list("department", flat=True)) == {there}
    assert GrownStory.objects.exists() is (step != "committed")
    while ask_again_next(at=at):
        pass
    rows = list(Assignment.objects.all())
    assert len(rows) == 3 and {row.department_id for row in rows} == {acme.press.pk}
    assert [sum(part["kind"] == "grown" for part in row.reasons) for row in rows] == [1, 1, 1]


@pytest.mark.parametrize("step", ["brought", "told", "committed"])
def test_a_surge_plan_is_switched_whole_and_once(acme: Cast, step: str) -> None:
    at = clock.now()
    rule = add_rule(acme.care, name="Outage", by=None, at=at)
    switch_rule(rule, on=False, by=None, at=at)
    plan_surge(
        acme.care, title="Sale", trigger="by_time", starts_at=at + timedelta(hours=1), ends_at=at + timedelta(hours=2),
        members=[acme.bodo], rules=[rule], by=acme.carla, at=at,
    )  # fmt: skip
    begins = at + timedelta(hours=1)
    assert workers.run(DIE, f"surge: {step}", begins.isoformat()) == -signal.SIGKILL
    is_done = step == "committed"

    def found() -> tuple[str, bool, int, int]:
        helps = Position.objects.filter(member=acme.bodo, role=Role.RESPONDER).count()
        mails = Mail.objects.filter(kind="surge").count()
        return SurgePlan.objects.get().state, RoutingRule.objects.get().is_active, helps, mails

    assert found() == (("on", True, 1, 2) if is_done else ("planned", False, 0, 0))
    assert look_after_surges(at=begins + timedelta(seconds=20)) == (0 if is_done else 1)
    assert found() == ("on", True, 1, 2)
