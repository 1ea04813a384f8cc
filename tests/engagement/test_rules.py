"""Writing routing rules: the editor by plain forms, what a rule does, and what it keeps from being removed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.actions.rules import add_rule, change_rule, remove_rule, restore_rules, switch_rule
from engagement.conditions import all_of
from engagement.models import Assignment, Contact, RoutingRule, RuleSetVersion
from engagement.reason_words import in_words
from engagement.refusals import Stale
from engagement.routing import route
from engagement.rule_sets import difference
from listening.models import EarlyWarning, Mention
from listening.models.warnings import WatchedSeries
from roles.actions.people import go_away
from roles.models import Position
from tests import factories
from tests.cast import Cast

SignIn = Callable[[Any], Client]


@pytest.fixture
def doing(acme: Cast, at: datetime) -> dict[str, Any]:
    return {"by": acme.carla, "at": at}


def routed(*mentions: Mention, at: datetime) -> list[Assignment]:
    route(mentions, at=at)
    return list(Assignment.objects.with_mentions().order_by("mention_id"))


# What follows from rules.


def test_a_rule_that_goes_on_settles_what_later_rules_leave_open(acme: Cast, at: datetime, doing: Any) -> None:
    billing = factories.topic("Billing")
    first = {"name": "Bills", "condition": all_of(words="invoice"), "topic": billing, "priority": 1}
    add_rule(acme.organization, **first, response_minutes=None, needs_approval=True, goes_on=True, **doing)
    add_rule(acme.press, name="About bills", condition=all_of(topic=billing.pk), response_minutes=30, **doing)
    add_rule(acme.care, name="The rest", **doing)
    about, other = factories.mention("My invoice is wrong"), factories.mention("Hello")
    one, two = routed(about, other, at=at)
    assert (one.department, one.priority, one.needs_approval) == (acme.press, 1, True)
    assert one.due_at == about.captured_at + timedelta(minutes=30)
    about.refresh_from_db()
    assert (about.topic, about.topic_score) == (billing, None)
    said = in_words(one.reasons)
    assert said[0].startswith("The rule “Bills” fits: it says “invoice”. It sets: the topic, the priority")
    assert said[1] == "The rule “About bills” fits: it is about “Billing”."
    assert (two.department, two.priority, two.needs_approval) == (acme.care, 3, False)


def test_what_only_settling_rules_want_stays_in_the_stream_with_its_topic(acme: Cast, at: datetime, doing: Any) -> None:
    billing = factories.topic("Billing")
    add_rule(acme.organization, name="Bills", topic=billing, goes_on=True, **doing)
    mention = factories.mention()
    assert routed(mention, at=at) == []
    mention.refresh_from_db()
    assert (mention.state, mention.topic) == ("untriaged", billing)


def test_a_person_named_gets_it_when_here_else_the_policy_chooses(acme: Cast, at: datetime, doing: Any) -> None:
    add_rule(acme.care, name="To Carla", member=acme.carla, **doing)
    (row,) = routed(factories.mention(), at=at)
    assert row.member == acme.carla
    assert "names you" in in_words(row.reasons)[-1]
    go_away(acme.carla, by=acme.carla, at=at)
    Assignment.objects.all().delete()
    (row,) = routed(factories.mention(), at=at)
    assert row.member in {acme.rosa, acme.rui}
    for bad in ({"member": acme.bodo}, {"member": acme.gita}):
        with pytest.raises(ValidationError):
            add_rule(acme.care, name="No", **bad, **doing)


def test_a_coach_whom_no_rule_names_gets_nothing(acme: Cast, at: datetime, doing: Any) -> None:
    add_rule(acme.care, name="To Carla", condition=all_of(words="carla"), member=acme.carla, **doing)
    add_rule(acme.care, name="Rest", **doing)
    Position.objects.filter(member__in=[acme.rosa, acme.rui]).update(capacity=0)
    rows = routed(factories.mention("Hello"), factories.mention("Is Carla there?"), at=at)
    assert [row.member for row in rows] == [None, acme.carla]


def test_a_rule_is_asked_only_while_it_is_valid(acme: Cast, at: datetime, doing: Any) -> None:
    hour = timedelta(hours=1)
    add_rule(acme.press, name="Launch", valid_from=at, valid_until=at + hour, **doing)
    add_rule(acme.care, name="Rest", **doing)
    found = [routed(factories.mention(), at=when)[-1].department for when in (at - hour, at, at + hour)]
    assert found == [acme.care, acme.press, acme.care]
    with pytest.raises(ValidationError, match="before it begins"):
        add_rule(acme.press, name="No", valid_from=at, valid_until=at - hour, **doing)


def test_rules_ask_for_what_is_known_beside_the_words(acme: Cast, at: datetime, doing: Any) -> None:
    query = factories.query()
    series = WatchedSeries.objects.create(measure="volume", query=query, begins_at=at)
    running = {"began_at": at - timedelta(hours=1), "detected_at": at, "last_at": at, "subject": "x"}
    EarlyWarning.objects.create(series=series, kind="volume", severity=2, **running)
    known = factories.post()
    Contact.objects.create(author=known.author, member=acme.rosa, first_at=at - timedelta(days=9), last_at=at)
    names = {
        "warning": all_of(warning=True), "known": all_of(spoke_before=True), "internal": all_of(internal=True),
        "reply": all_of(reply=True), "media": all_of(media=True), "link": all_of(link=True),
        "ada": {"any": [{"field": "author_handle", "operator": "is", "value": "@ADA"}]},
    }  # fmt: skip
    for name, condition in names.items():
        add_rule(acme.care, name=name, condition=condition, **doing)
    ada = factories.post()
    ada.author.handle = "ada"
    posts = {
        "known": known,
        "internal": factories.post(is_internal=True),
        "reply": factories.post(in_reply_to="x"),
        "media": factories.post(media=["https://example.org/a.png"]),
        "link": factories.post("see http://example.org"),
        "ada": ada,
        "": factories.post(),
    }
    mentions = {name: factories.mention(post=post) for name, post in posts.items()}
    mentions["warning"] = factories.mention(query_ids=[query.pk])
    found = {row.mention_id: row.rule.name for row in routed(*mentions.values(), at=at)}
    assert found == {mention.pk: name for name, mention in mentions.items() if name}


def test_what_rules_ask_for_is_read_once_for_a_batch(acme: Cast, at: datetime, doing: Any) -> None:
    asked = {"any": [all_of(warning=True), all_of(spoke_before=True), all_of(words="acme")]}
    add_rule(acme.care, name="All", condition=asked, member=acme.carla, topic=factories.topic(), **doing)

    def statements(count: int) -> int:
        found = [factories.mention() for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            route(found, at=at)
        return len(queries)

    assert statements(1) == statements(40)


def test_words_that_cannot_be_read_any_more_fit_nothing(acme: Cast, at: datetime, doing: Any) -> None:
    rule = add_rule(acme.care, name="Odd", condition=all_of(words="x"), **doing)
    odd = {"none": [{"field": "words", "operator": "say", "value": "x OR ("}]}
    RoutingRule.objects.filter(pk=rule.pk).update(condition={"all": [odd]})
    assert routed(factories.mention(), at=at) == []


# Who may write what.


def test_a_coach_of_one_department_writes_its_rules_and_none_for_all(acme: Cast, at: datetime, doing: Any) -> None:
    Position.objects.filter(member=acme.carla).update(department=acme.care)
    row = add_rule(acme.care, name="Ours", **doing)
    for where in (acme.press, acme.organization):
        with pytest.raises(PermissionDenied):
            add_rule(where, name="Theirs", goes_on=True, **doing)
    with pytest.raises(PermissionDenied):
        change_rule(row, department=None, goes_on=True, **doing)
    assert RoutingRule.objects.get() == row


@pytest.mark.parametrize(
    "fields",
    [
        {"condition": all_of(query=999_999)},
        {"condition": all_of(network="nowhere")},
        {"condition": {"any": []}},
        {"response_minutes": 0},
        {"department": None},
        {"name": ""},
    ],
)
def test_what_makes_no_sense_is_refused(acme: Cast, doing: Any, fields: dict[str, Any]) -> None:
    row = add_rule(acme.care, name="Fine", **doing)
    with pytest.raises(ValidationError):
        change_rule(row, **fields, **doing)


# The history of the set.


def test_every_change_is_kept_told_and_can_be_gone_back_to(acme: Cast, at: datetime, doing: Any) -> None:
    query = factories.query(name="Us")
    first = add_rule(acme.care, name="Ours", condition=all_of(query=query.pk), **doing)
    second = add_rule(acme.press, name="Rest", **doing)
    change_rule(first, condition=all_of(words="broken"), priority=1, **doing)
    switch_rule(second, on=False, **doing)
    key = second.pk
    remove_rule(second, **doing)
    versions = list(RuleSetVersion.objects.order_by("number"))
    assert [(row.number, row.verb, row.by) for row in versions] == [
        (1, "add_rule", acme.carla), (2, "add_rule", acme.carla), (3, "change_rule", acme.carla),
        (4, "change_rule", acme.carla), (5, "remove_rule", acme.carla),
    ]  # fmt: skip
    said = [difference(one.rules, two.rules) for one, two in pairwise(versions)]
    assert said == [
        ["“Rest” was added: when it is captured."],
        ["“Ours”, when: it matches “Us” → it says “broken”.", "“Ours”, priority: normal → urgent."],
        ["“Rest”, active: yes → no."],
        ["“Rest” was removed."],
    ]
    with pytest.raises(Stale):
        restore_rules(acme.organization, version=versions[1], newest=4, **doing)
    restore_rules(acme.organization, version=versions[1], newest=5, **doing)
    assert difference(versions[1].rules, RuleSetVersion.objects.get(number=6).rules) == []
    assert [rule.pk for rule in RoutingRule.objects.in_order()] == [first.pk, key]
    assert [row.query for row in RoutingRule.objects.get(pk=first.pk).subjects.all()] == [query]


def test_one_cannot_go_back_to_what_is_gone(acme: Cast, doing: Any) -> None:
    query = factories.query()
    row = add_rule(acme.care, name="Ours", condition=all_of(query=query.pk), **doing)
    change_rule(row, condition=all_of(words="x"), **doing)
    query.delete()
    with pytest.raises(ValidationError, match="not there"):
        restore_rules(acme.organization, version=RuleSetVersion.objects.get(number=1), **doing)
    assert RoutingRule.objects.get().condition == all_of(words="x")


def test_a_change_that_changed_no_rule_says_what_it_was_about(acme: Cast, sign_in: SignIn, doing: Any) -> None:
    add_rule(acme.care, name="Ours", **doing)
    restore_rules(acme.organization, version=RuleSetVersion.objects.get(number=1), **doing)
    page = sign_in(acme.carla).get("/o/acme/rules/history/").content.decode()
    assert '<p class="rows__line">Put the routing rules back to version 1</p>' in page


# The editor, by plain forms.


def test_a_nested_condition_is_built_with_buttons_alone(acme: Cast, sign_in: SignIn) -> None:
    carla, page = sign_in(acme.carla), "/o/acme/rules/add/"
    form = {"name": "Angry", "department": acme.care.pk, "priority": 1, "response_minutes": 45, "kind-0": "all"}
    drawn = carla.post(page, {**form, "new-0": "words", "do": "add:0"}).content.decode()
    assert 'name="field-0.0" value="words"' in drawn and 'value="Angry"' in drawn
    form |= {"field-0.0": "words", "operator-0.0": "say", "value-0.0": "broken"}
    assert 'name="kind-0.1"' in carla.post(page, {**form, "do": "group:0"}).content.decode()
    form |= {"kind-0.1": "any"}
    answer = carla.post(page, {**form, "do": "save"})
    assert answer.status_code == 422 and "This group is empty" in answer.content.decode()
    form |= {"field-0.1.0": "sentiment", "operator-0.1.0": "is", "value-0.1.0": "-1"}
    form |= {"field-0.1.1": "reply", "value-0.1.1": "no", "field-0.1.10": "link", "value-0.1.10": "yes"}
    assert "It reads: when it says <strong>broken</strong> and (it sounds" in (
        carla.post(page, {**form, "do": "look"}).content.decode()
    )
    assert not RoutingRule.objects.exists()
    assert carla.post(page, {**form, "do": "save"}).status_code == 302
    rule = RoutingRule.objects.get()
    assert rule.condition == {
        "all": [
            all_of(words="broken")["all"][0],
            {"any": [*all_of(sentiment=-1, reply=False, link=True)["all"]]},
        ]
    }
    assert (rule.name, rule.priority, rule.response_minutes, rule.department) == ("Angry", 1, 45, acme.care)
    again = carla.post(f"/o/acme/rules/{rule.pk}/change/", {**form, "do": "remove:0.1"}).content.decode()
    assert "kind-0.1" not in again and 'name="field-0.0"' in again


@pytest.mark.parametrize("do", ["remove:0", "remove:0.9", "add:0.0.0", "group:x", "add:", "remove:-1", "?"])
def test_a_button_of_another_page_changes_nothing(acme: Cast, sign_in: SignIn, do: str) -> None:
    form = {"name": "x", "kind-0": "all", "field-0.0": "words", "operator-0.0": "say", "value-0.0": "<b>"}
    answer = sign_in(acme.carla).post("/o/acme/rules/add/", {**form, "do": do})
    assert answer.status_code == 200 and 'value="&lt;b&gt;"' in answer.content.decode()


def test_rules_are_put_in_order_by_dragging(acme: Cast, sign_in: SignIn, doing: Any) -> None:
    one, two = (add_rule(acme.care, name=name, **doing) for name in "ab")
    carla = sign_in(acme.carla)
    assert carla.post("/o/acme/rules/order/", {"rule": [two.pk, one.pk]}).status_code == 302
    assert [rule.name for rule in RoutingRule.objects.in_order()] == ["b", "a"]
    page = carla.post("/o/acme/rules/order/", {"rule": [two.pk]}, follow=True).content.decode()
    assert "have changed since" in page


def test_the_list_of_rules_costs_the_same_for_one_and_for_twenty(acme: Cast, sign_in: SignIn, doing: Any) -> None:
    carla = sign_in(acme.carla)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert carla.get("/o/acme/rules/").status_code == 200
        return len(queries)

    asked = all_of(query=factories.query().pk, topic=factories.topic().pk)
    add_rule(acme.care, name="One", condition=asked, member=acme.rosa, **doing)
    statements()
    one = statements()
    for number in range(19):
        asked = all_of(query=factories.query().pk, topic=factories.topic().pk)
        add_rule(acme.care, name=f"Rule {number}", condition=asked, member=acme.rosa, **doing)
    assert statements() == one
