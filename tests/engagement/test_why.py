"""Why me: in words, from what was stored at the time, to whoever has it and to everybody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from engagement.actions.assignments import hand_off
from engagement.actions.policy import hand_over
from engagement.actions.rules import add_rule, remove_rule
from engagement.beside import sections_for
from engagement.models import Assignment
from engagement.routing import assign_triaged, route
from roles.models import Member
from tests import factories
from tests.cast import Cast


def said(row: Assignment, member: Member, at: datetime) -> dict[str, Any]:
    row = Assignment.objects.with_mentions().get(pk=row.pk)
    (context,) = (
        section.context for section in sections_for(row, member, at=at) if section.template.endswith("_why.html")
    )
    answer = context["answer"] and context["answer"]["text"]
    return {"title": context["title"], "answer": answer, "way": [step["text"] for step in context["way"]]}


@pytest.fixture
def routed(acme: Cast, at: datetime) -> Assignment:
    Member.objects.filter(pk=acme.rui.pk).update(is_away=True)
    rule = add_rule(acme.care, name="All of it", by=acme.carla, at=at)
    (row,) = route([factories.mention()], at=at)
    remove_rule(rule, by=acme.carla, at=at)
    return row


def test_by_rule_and_policy(acme: Cast, at: datetime, routed: Assignment) -> None:
    mine = said(routed, acme.rosa, at)
    assert mine["title"] == "Why me?" and mine["answer"].startswith("Of all who are here, you had the least to do")
    assert mine["way"] == ["The rule “All of it” takes everything."]
    theirs = said(routed, acme.carla, at)
    assert theirs["title"] == "Why Rosa?"
    assert theirs["answer"].startswith("Of all who were here, Rosa had the least to do: 0 open assignments")


def test_by_hand_and_handed_over(acme: Cast, at: datetime, routed: Assignment) -> None:
    Member.objects.filter(pk=acme.rui.pk).update(is_away=False)
    acme.rui.refresh_from_db()
    hand_off(routed, to=acme.rui, note="You know her", by=acme.rosa, at=at)
    found = said(routed, acme.rui, at)
    assert (found["title"], found["answer"]) == ("Why me?", "Rosa gave it to Rui. “You know her”")
    assert found["way"][1].startswith("Of all who were here, Rosa had the least")
    hand_over(acme.rui, to=None, by=acme.carla, at=at)
    found = said(routed, acme.rosa, at)
    assert found["answer"].startswith("Of all who are here, you had the least")
    assert "Rui had it, and it was handed over." in found["way"]


def test_left_over_and_from_the_stream(acme: Cast, at: datetime) -> None:
    Member.objects.filter(pk__in=[acme.rosa.pk, acme.rui.pk]).update(is_away=True)
    mention = factories.mention(state="routed", department=acme.care)
    (row,) = assign_triaged([mention], by=acme.gita, at=at)
    found = said(row, acme.carla, at)
    assert found == {
        "title": "Why is it here?", "answer": "Nobody was there with room for it.",
        "way": ["Gita sent it here from the stream."],
    }  # fmt: skip


def test_it_stands_on_the_page_between_the_clock_and_the_author_and_in_the_api(
    acme: Cast, at: datetime, routed: Assignment, sign_in: Any, api: Any
) -> None:
    page = sign_in(acme.rosa).get(f"/o/acme/queue/{routed.pk}/").content.decode()
    assert page.index("By when") < page.index("Why me?") < page.index("This author before")
    assert "you had the least" in api(acme.rosa).get(f"/api/v1/assignments/{routed.pk}/").json()["reasons"][-1]
    assert "whoever got it had" in api(acme.carla).get(f"/api/v1/assignments/{routed.pk}/").json()["reasons"][-1]


def test_what_was_kept_before_persons_were_named_is_read_too(
    acme: Cast, at: datetime, claimed: Callable[..., Assignment]
) -> None:
    row = claimed(reasons=[{"kind": "least_load", "load": 2, "capacity": 5}, {"kind": "of long ago"}])
    assert said(row, acme.rosa, at)["answer"].startswith("Of all who are here, you had")
    assert "Rosa had the least" in said(row, acme.carla, at)["answer"]
