"""Rules tried before they go live: over past mentions, on one mention, and what became of the set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from engagement import simulating
from engagement.actions.rules import add_rule, change_rule
from engagement.conditions import all_of
from engagement.models import Assignment, RoutingRule, RuleSetVersion
from engagement.simulating import ask_each, simulate
from listening.models import Mention
from tests import factories
from tests.cast import Cast

SignIn = Callable[[Any], Client]


@pytest.fixture
def doing(acme: Cast, at: datetime) -> dict[str, Any]:
    return {"by": acme.carla, "at": at}


def test_a_draft_is_compared_with_the_rules_of_today_and_nothing_is_written(
    acme: Cast, at: datetime, doing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule(acme.care, name="Broken", condition=all_of(words="broken"), **doing)
    for number in range(4):
        factories.mention("It is broken" if number % 2 else "Hello", at=at)
    factories.mention("It is broken", at=at - timedelta(days=2))
    draft = RoutingRule(name="Hello", department=acme.press, condition=all_of(words="hello"), priority=2)
    today = list(RoutingRule.objects.in_order())
    found = simulate(today, [*today, draft], days=1, at=at)
    assert (found.looked_at, found.is_cut, found.changed_count) == (4, False, 2)
    assert found.departments == [("Communications", 0, 2), ("Customer care", 2, 2), ("stays in the stream", 2, 0)]
    assert {(one, two) for _mention, one, two in found.changed} == {
        ("stays in the stream", "Communications, high (by “Hello”)")
    }
    assert not Assignment.objects.exists() and set(Mention.objects.values_list("state", flat=True)) == {"untriaged"}
    monkeypatch.setattr(simulating, "MOST", 2)
    monkeypatch.setattr(simulating, "BATCH", 2)
    assert (simulate(today, today, days=7, at=at).is_cut, simulate(today, today, days=7, at=at).looked_at) == (True, 2)


def test_the_editor_tries_a_draft_and_keeps_it(acme: Cast, sign_in: SignIn, at: datetime) -> None:
    factories.mention("It is broken", at=at)
    carla, page = sign_in(acme.carla), "/o/acme/rules/add/"
    form = {"name": "Draft", "department": acme.care.pk, "priority": 1, "days": 7, "do": "simulate", "kind-0": "all"}
    form |= {"field-0.0": "words", "operator-0.0": "say", "value-0.0": "broken"}
    answer = carla.post(page, form).content.decode()
    assert "Looked at 1 mention" in answer and "1 mention would fare differently" in answer
    assert 'value="Draft"' in answer and 'value="broken"' in answer
    assert not RoutingRule.objects.exists()
    bad = carla.post(page, {**form, "value-0.0": "broken OR ("})
    assert bad.status_code == 422 and 'value="Draft"' in bad.content.decode()
    rule = RoutingRule.objects.create(name="Rest", department=acme.care)
    other = carla.post(f"/o/acme/rules/{rule.pk}/change/", {**form, "department": acme.press.pk}).content.decode()
    assert "Communications, urgent (by “Draft”)" in other


def test_one_mention_is_tried_and_every_rule_says_why(acme: Cast, sign_in: SignIn, at: datetime, doing: Any) -> None:
    query = factories.query("acme", name="Us")
    asked = {"all": [*all_of(query=query.pk)["all"], {"any": all_of(language="nl", words="recall")["all"]}]}
    add_rule(acme.press, name="Recall", condition=asked, **doing)
    add_rule(acme.organization, name="Urgent", priority=1, goes_on=True, **doing)
    add_rule(acme.care, name="Ours", condition=all_of(query=query.pk), **doing)
    add_rule(acme.care, name="Rest", **doing)
    off = add_rule(acme.care, name="Off", **doing)
    change_rule(off, is_active=False, **doing)
    mention = factories.mention("Acme is down", query_ids=[query.pk], language="en")
    rules = list(RoutingRule.objects.with_names().in_order())
    answers = ask_each(rules, mention, at=at)
    assert [answer.says for answer in answers] == ["not", "goes_on", "takes", "not_asked", "not"]
    assert answers[0].why_not == ("(it is written in “Dutch” or it says “recall”)",) or answers[0].why_not == (
        "it is written in “Dutch” or it says “recall”",
    )
    page = sign_in(acme.gita).get(f"/o/acme/rules/try/?mention={mention.pk}").content.decode()
    assert "Takes it" in page and "Not so:" in page and "Fits, and goes on" in page
    form = {"text": "Acme: <b>recall</b>", "network": "practice", "handle": "ada"}
    page = sign_in(acme.gita).get("/o/acme/rules/try/", form).content.decode()
    assert page.count("Takes it") == 1 and "<b>recall" not in page
    assert Mention.objects.count() == 1 and not Assignment.objects.exists()


def test_the_history_tells_and_goes_back(acme: Cast, sign_in: SignIn, doing: Any) -> None:
    row = add_rule(acme.care, name="Ours", condition=all_of(words="a"), **doing)
    change_rule(row, condition=all_of(words="b"), **doing)
    carla = sign_in(acme.carla)
    page = carla.get("/o/acme/rules/history/").content.decode()
    assert "it says “a” → it says “b”" in page and "Go back to change 1" in page
    stale = carla.post("/o/acme/rules/history/1/restore/", {"newest": 1}, follow=True).content.decode()
    assert "have changed since" in stale
    carla.post("/o/acme/rules/history/1/restore/", {"newest": 2})
    assert RoutingRule.objects.get().condition == all_of(words="a")
    assert RuleSetVersion.objects.count() == 3
    assert sign_in(acme.gita).post("/o/acme/rules/history/2/restore/").status_code == 403
    assert "Go back" not in sign_in(acme.gita).get("/o/acme/rules/history/").content.decode()


def test_trying_and_history_over_the_api(acme: Cast, api: Callable[[Any], Any], at: datetime, doing: Any) -> None:
    rule = add_rule(acme.care, name="Ours", condition=all_of(words="broken"), **doing)
    mention = factories.mention("It is broken", at=at)
    carla = api(acme.carla)
    tried = carla.post("/api/v1/routing-rules/try/", {"mention": mention.pk}).json()
    assert tried == [{"rule": rule.pk, "name": "Ours", "says": "takes", "why_not": []}]
    tried = carla.post("/api/v1/routing-rules/try/", {"text": "fine", "network": "practice"}).json()
    assert tried[0]["why_not"] == ["it says “broken”"]
    body = {"days": 7, "id": rule.pk, "rule": {"name": "Ours", "department": acme.press.pk, "priority": 1}}
    found = carla.post("/api/v1/routing-rules/simulate/", body).json()
    assert (found["looked_at"], found["changed_count"]) == (1, 1)
    assert carla.post("/api/v1/routing-rules/simulate/", {"days": 900, "rule": {}}).status_code == 400
    versions = carla.get("/api/v1/routing-rules/versions/").json()
    assert versions[0]["number"] == 1 and versions[0]["changes"] == ["“Ours” was added: when it says “broken”."]
    change_rule(rule, name="Mine", **doing)
    assert carla.post("/api/v1/routing-rules/restore/", {"version": 1, "newest": 1}).status_code == 409
    assert carla.post("/api/v1/routing-rules/restore/", {"version": 1}).json()[0]["name"] == "Ours"
    assert api(acme.gita).post("/api/v1/routing-rules/restore/", {"version": 1}).status_code == 403
