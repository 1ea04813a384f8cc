"""What rules do besides giving work: suggest a saved reply, put a question to the booth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from engagement import asking
from engagement.actions.consults import answer_consult
from engagement.actions.rules import add_rule, change_rule, restore_rules
from engagement.actions.saved_replies import add_saved_reply
from engagement.conditions import all_of
from engagement.models import Assignment, Consult, ConsultRequest, RoutingRule, RuleSetVersion, SavedReply
from engagement.reason_words import in_words
from engagement.routing import route
from engagement.rule_sets import difference
from engagement.saying import suggestions
from engagement.simulating import simulate
from listening.models import Mention
from roles.models import Mail, Member, Role
from tests import factories
from tests.cast import Cast, join

QUESTION = "May we promise a date?"


@pytest.fixture
def doing(acme: Cast, at: datetime) -> dict[str, Any]:
    return {"by": acme.carla, "at": at}


@pytest.fixture
def saved(acme: Cast, doing: dict[str, Any]) -> Callable[..., SavedReply]:
    def make(title: str, text: str = "We look into it.", **fields: Any) -> SavedReply:
        return add_saved_reply(acme.organization, title=title, text=text, **{**doing, **fields})

    return make


def routed(*mentions: Mention, at: datetime) -> list[Assignment]:
    route(mentions, at=at)
    return list(Assignment.objects.with_mentions().order_by("pk"))


def test_what_a_rule_suggests_stands_first_whatever_it_is_meant_for(
    acme: Cast, at: datetime, doing: Any, saved: Any
) -> None:
    saved("Acme is down", "Acme is down, we know.")
    dutch = saved("Storing", language="nl")
    add_rule(acme.organization, name="Suggest", saved_reply=dutch, goes_on=True, **doing)
    add_rule(acme.care, name="All", saved_reply=saved("Too late"), **doing)
    (row,) = routed(factories.mention(language="en"), at=at)
    first, *others = suggestions(row, acme.rosa, most=5)
    assert (first.saved, first.by_rule) == (dutch, True) and not any(one.by_rule for one in others)
    assert "The rule suggests the saved reply “Storing”." in in_words(row.reasons)


def test_what_is_retired_is_suggested_no_more(acme: Cast, at: datetime, doing: Any, saved: Any) -> None:
    one = saved("Old")
    add_rule(acme.care, name="All", saved_reply=one, **doing)
    (row,) = routed(factories.mention(), at=at)
    SavedReply.objects.filter(pk=one.pk).update(state="retired")
    assert suggestions(row, acme.rosa, most=5) == []


def test_a_rule_asks_once_and_a_batch_that_is_tried_again_asks_nobody(acme: Cast, at: datetime, doing: Any) -> None:
    add_rule(acme.care, name="All", consult_question=QUESTION, consult_member=acme.bodo, **doing)
    mentions = [factories.mention(), factories.mention()]
    rows = routed(*mentions, at=at)
    for mention in mentions:
        mention.state = "untriaged"
    routed(*mentions, at=at)
    assert [made.asked_by for made in Consult.objects.all()] == [None, None]
    assert Mail.objects.filter(member=acme.bodo).count() == 2
    row = Assignment.objects.get(pk=rows[0].pk)
    assert row.paused_at == at and f"The rule asked Bodo: “{QUESTION}”" in in_words(row.reasons)
    request = ConsultRequest.objects.with_everything().filter(consult__assignment=row).get()
    answer_consult(request, text="Friday.", by=acme.bodo, at=at)
    row.refresh_from_db()
    assert row.paused_at is None


def test_the_booth_of_a_department_is_asked(acme: Cast, at: datetime, doing: Any) -> None:
    lawyer, elsewhere = join("Lina", Role.BOOTH, acme.care), join("Petra", Role.BOOTH, acme.press)
    add_rule(acme.press, name="All", consult_question=QUESTION, consult_department=acme.care, **doing)
    routed(factories.mention(), at=at)
    asked = set(ConsultRequest.objects.values_list("member", flat=True))
    assert asked == {acme.bodo.pk, lawyer.pk} and elsewhere.pk not in asked


def test_who_cannot_be_asked_keeps_nothing_from_being_given_out(acme: Cast, at: datetime, doing: Any) -> None:
    add_rule(acme.care, name="All", consult_question=QUESTION, consult_member=acme.bodo, **doing)
    Member.objects.filter(pk=acme.bodo.pk).update(is_active=False)
    (row,) = routed(factories.mention(), at=at)
    assert row.member is not None and not Consult.objects.exists()
    assert "for Bodo, who could not be asked" in " ".join(in_words(row.reasons))


def test_nobody_is_flooded_with_questions_of_rules(
    acme: Cast, at: datetime, doing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST_WAITING", 2)
    add_rule(acme.care, name="All", consult_question=QUESTION, consult_member=acme.bodo, **doing)
    routed(*(factories.mention() for _ in range(3)), at=at)
    routed(factories.mention(), at=at)
    assert (Assignment.objects.count(), Consult.objects.count()) == (4, 2)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"consult_question": QUESTION}, "consult_member"),
        ({"consult_member": "bodo"}, "consult_question"),
        ({"consult_question": QUESTION, "consult_member": "bodo", "consult_department": "care"}, "consult_member"),
    ],
)
def test_a_question_needs_somebody_and_somebody_a_question(
    acme: Cast, doing: Any, fields: dict[str, Any], wrong: str
) -> None:
    named = {name: getattr(acme, value) if value != QUESTION else value for name, value in fields.items()}
    with pytest.raises(ValidationError) as refused:
        add_rule(acme.care, name="All", **named, **doing)
    assert set(refused.value.error_dict) == {wrong}


def test_it_reads_and_its_history_tells_and_goes_back(acme: Cast, doing: Any, saved: Any, sign_in: Any) -> None:
    rule = add_rule(acme.care, name="All", **doing)
    change_rule(rule, saved_reply=saved("Storing"), consult_question=QUESTION, consult_member=acme.bodo, **doing)
    new, old = RuleSetVersion.objects.order_by("-number")[:2]
    told = difference(old.rules, new.rules)
    assert "“All”, suggested saved reply: nothing → Storing." in told
    assert f"“All”, question to the booth: nothing → {QUESTION}." in told
    page = sign_in(acme.carla).get("/o/acme/rules/").content.decode()
    assert "<strong>Storing</strong> is suggested" in page and f"<strong>Bodo</strong> is asked: “{QUESTION}”" in page
    restore_rules(acme.organization, version=old, **doing)
    rule.refresh_from_db()
    assert (rule.saved_reply, rule.consult_question, rule.consult_member) == (None, "", None)
    restore_rules(acme.organization, version=new, **doing)
    rule.refresh_from_db()
    assert (rule.consult_question, rule.consult_member) == (QUESTION, acme.bodo)


def test_a_version_from_before_there_were_questions_is_gone_back_to(acme: Cast, doing: Any) -> None:
    add_rule(acme.care, name="All", **doing)
    version = RuleSetVersion.objects.get()
    kept = [{name: value for name, value in version.rules[0].items() if "consult" not in name and "saved" not in name}]
    RuleSetVersion.objects.update(rules=kept)
    version.refresh_from_db()
    restore_rules(acme.organization, version=version, **doing)
    assert RoutingRule.objects.get().consult_question == ""


def test_the_simulation_shows_them(acme: Cast, at: datetime, doing: Any, saved: Any) -> None:
    rule = add_rule(acme.care, name="All", **doing)
    factories.mention(at=at)
    draft = RoutingRule(
        pk=rule.pk, name="All", department=acme.care, condition=rule.condition, saved_reply=saved("Storing"),
        consult_question=QUESTION, consult_member=acme.bodo,
    )  # fmt: skip
    found = simulate([rule], [draft], days=1, at=at)
    assert found.changed_count == 1 and "with “Storing”, Bodo is asked" in found.changed[0][2]
    assert not Consult.objects.exists()


def test_the_form_and_the_api_take_them(
    acme: Cast, doing: Any, saved: Any, sign_in: Callable[[Any], Client], api: Any
) -> None:
    one = saved("Storing")
    said = {
        "name": "All", "department": acme.care.pk, "saved_reply": one.pk, "consult_question": QUESTION,
        "consult_member": acme.bodo.pk, "kind-0": "all", "do": "save",
    }  # fmt: skip
    assert sign_in(acme.carla).post("/o/acme/rules/add/", said).status_code == 302
    rule = RoutingRule.objects.get()
    assert (rule.saved_reply, rule.consult_member, rule.consult_question) == (one, acme.bodo, QUESTION)
    shown = api(acme.carla).get(f"/api/v1/routing-rules/{rule.pk}/").json()
    assert (shown["saved_reply"], shown["consult_question"]) == (one.pk, QUESTION)
    answer = api(acme.carla).patch(f"/api/v1/routing-rules/{rule.pk}/", {"consult_member": None})
    assert answer.status_code == 400 and "consult_member" in answer.json()["errors"]


def test_followers_count_where_they_are_known(acme: Cast, at: datetime, doing: Any) -> None:
    many = {"field": "followers", "operator": "at_least", "value": 1000}
    few = {"field": "followers", "operator": "at_most", "value": 10}
    add_rule(acme.press, name="Many", condition={"all": [many]}, **doing)
    add_rule(acme.care, name="Few", condition={"all": [few]}, **doing)
    mentions = [factories.mention() for _ in range(4)]
    for mention, followers in zip(mentions, (5000, 3, 100, None), strict=True):
        mention.post.author.followers = followers
    rows = routed(*mentions, at=at)
    assert [(row.mention_id, row.department) for row in rows] == [
        (mentions[0].pk, acme.press), (mentions[1].pk, acme.care),
    ]  # fmt: skip
    assert "is known to have “1,000” followers or more" in in_words(rows[0].reasons)[0]


def test_the_tree_of_a_saved_rule_may_ask_for_followers(acme: Cast, doing: Any, sign_in: Any) -> None:
    add_rule(acme.care, name="Many", condition=all_of(followers=1000), **doing)
    assert "Author&#x27;s followers, where the network tells" in (
        sign_in(acme.carla).get(f"/o/acme/rules/{RoutingRule.objects.get().pk}/change/").content.decode()
    )
