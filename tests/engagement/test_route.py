"""Routing: the first rule whose every stated condition holds, a person with room, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as hypothetically
from hypothesis import strategies as st

from engagement.actions.rules import add_rule, change_rule, move_rule, order_rules, remove_rule, switch_rule
from engagement.conditions import FIELDS, all_of
from engagement.facts import Beforehand, MentionFacts, Words
from engagement.models import Assignment, Reply, RoutingRule
from engagement.reason_words import in_words
from engagement.routing import Router, route
from listening.actions.mentions import route_to
from listening.ingest import ingest
from listening.models import Mention, Post
from listening.networks.protocols import Page, RemoteAuthor, RemotePost
from listening.signals import mentions_captured
from roles.models import Department
from tests import factories
from tests.cast import Cast


def rule(cast: Cast, name: str = "All", department: Department | None = None, **fields: Any) -> RoutingRule:
    at = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    asked = {key: getattr(fields[key], "pk", fields[key]) for key in FIELDS if key in fields and key != "topic"}
    rest = {key: value for key, value in fields.items() if key not in asked}
    return add_rule(department or cast.care, name=name, condition=all_of(**asked), by=cast.carla, at=at, **rest)


def captured(*mentions: Mention, at: datetime) -> list[Assignment]:
    mentions_captured.send(Mention, mentions=list(mentions), at=at)
    return list(Assignment.objects.with_mentions().order_by("pk"))


def test_the_first_rule_that_fits_decides(acme: Cast, at: datetime) -> None:
    query = factories.query()
    rule(acme, "Never", acme.press, query=factories.query())
    wanted = rule(acme, "Query", acme.care, query=query, priority=2, response_minutes=30)
    rule(acme, "All", acme.press)
    mention = factories.mention(query_ids=[query.pk], at=at - timedelta(minutes=10))
    (row,) = captured(mention, at=at)
    assert (row.rule, row.department, row.priority, row.state, row.created_at) == (wanted, acme.care, 2, "open", at)
    assert row.due_at == mention.captured_at + timedelta(minutes=30)
    assert row.network == Assignment.objects.get().network == mention.network
    mention.refresh_from_db()
    assert (mention.state, mention.department) == ("routed", acme.care)


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"network": "practice"}, True),
        ({"network": "feed"}, False),
        ({"words": "acme down"}, True),
        ({"words": '"down acme"'}, False),
        ({"words": "ACME -rugby"}, True),
        ({"words": "author:ada"}, True),
        ({"words": 'source:"daily news"'}, True),
        ({"words": "acme", "network": "feed"}, False),
        ({"is_active": False}, False),
    ],
)
def test_every_stated_condition_must_hold(acme: Cast, at: datetime, conditions: dict[str, Any], fits: bool) -> None:
    rule(acme, **conditions)
    source = factories.source(name="The daily news")
    mention = factories.mention("Is Acme down?", source=source)
    mention.post.author.name = "Ada"
    rows = captured(mention, at=at)
    assert bool(rows) is fits
    mention.refresh_from_db()
    assert mention.state == ("routed" if fits else "untriaged")


def test_a_rule_on_a_source_asks_for_that_source(acme: Cast, at: datetime) -> None:
    source = factories.source()
    rule(acme, source=source)
    rows = captured(factories.mention(source=source), factories.mention(source=factories.source()), at=at)
    assert [row.mention.source for row in rows] == [source]


def test_the_reasons_say_why_it_is_here_and_why_this_person(acme: Cast, at: datetime) -> None:
    rule(acme, "Trouble", query=factories.query(name="Us"), words="down OR broken")
    mention = factories.mention(query_ids=[RoutingRule.objects.get().subjects.get().query_id])
    (row,) = captured(mention, at=at)
    said = in_words(row.reasons)
    assert said[0] == "The rule “Trouble” fits: it matches “Us” and it says “down OR broken”."
    assert "you had the least to do: 0 open assignments, with room for 20" in said[1]


def test_our_own_words_are_not_routed(acme: Cast, at: datetime, claimed: Any) -> None:
    rule(acme)
    row = claimed()
    channel = factories.channel()
    Reply.objects.create(
        assignment=row, post=row.mention.post, channel=channel, by=acme.rosa, text="Yes.", key="k", state="accepted",
        written_at=at, next_attempt_at=at, remote_id="t7",
    )  # fmt: skip
    echo = factories.mention(post=factories.post(remote_id="t7"))
    marked = factories.mention(post=factories.post(is_ours=True))
    assert captured(echo, marked, at=at) == [row]


def test_old_backlog_stays_in_the_stream(acme: Cast, at: datetime) -> None:
    rule(acme)
    old, new = factories.mention(), factories.mention()
    old.is_old = True
    assert [row.mention for row in captured(old, new, at=at)] == [new]


def test_routing_the_same_twice_makes_one_assignment(acme: Cast, at: datetime) -> None:
    rule(acme)
    mention = factories.mention()
    again = Mention.objects.select_related("post__author").get()
    assert len(route([mention], at=at)) == 1
    assert route([again], at=at) == []
    assert Assignment.objects.count() == 1


def test_nobody_there_leaves_it_over(acme: Cast, at: datetime) -> None:
    rule(acme, department=acme.press)
    (row,) = captured(factories.mention(), at=at)
    assert (row.member, row.state, row.assigned_at) == (None, "open", None)
    assert in_words(row.reasons)[-1] == "Nobody was there with room for it."


def test_what_a_gatherer_sends_to_a_department_is_given_out(acme: Cast, at: datetime) -> None:
    route_to(factories.mention(), department=acme.care, by=acme.gita, at=at)
    row = Assignment.objects.get()
    assert row.member in {acme.rosa, acme.rui} and row.network == "practice"
    assert in_words(row.reasons)[0] == "Gita sent it here from the stream."
    assert row.due_at == at + timedelta(minutes=acme.organization.response_minutes)


def test_a_batch_costs_as_many_statements_as_one(acme: Cast, at: datetime) -> None:
    for number in range(10):
        rule(acme, f"Rule {number}", words=f"acme word{number}")
    rule(acme)

    def statements(count: int) -> int:
        found = [factories.mention() for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            route(found, at=at)
        return len(queries)

    assert statements(1) == statements(50)
    assert Assignment.objects.count() == 51


def test_from_a_page_to_a_queue_in_one_transaction(acme: Cast, at: datetime) -> None:
    factories.query("acme")
    rule(acme)
    source = factories.source(network="practice", place="everything")
    author = RemoteAuthor(id="9", handle="ada", name="Ada")
    posts = tuple(RemotePost(id=str(n), text=f"acme {n}", author=author, published_at=at) for n in range(3))
    ingest(source, Page(posts=posts), at=at)
    ingest(source, Page(posts=posts), at=at)
    assert Assignment.objects.count() == 3
    assert set(Mention.objects.values_list("state", flat=True)) == {"routed"}


def test_what_cannot_be_routed_is_not_captured_either(
    acme: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.query("acme")
    rule(acme)
    source = factories.source(network="practice", place="everything")

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("engagement.routing.insert_many", fail)
    with pytest.raises(RuntimeError):
        ingest(source, Page(posts=(RemotePost(id="1", text="acme", published_at=at),)), at=at)
    assert not Post.objects.exists()


# The rules themselves.


def test_rules_stand_in_the_order_in_which_they_are_asked(acme: Cast, at: datetime) -> None:
    first, second, third = (rule(acme, name) for name in "abc")
    move_rule(third, up=True, by=acme.carla, at=at)
    assert list(RoutingRule.objects.values_list("name", flat=True)) == ["a", "c", "b"]
    move_rule(first, up=True, by=acme.carla, at=at)
    move_rule(first, up=False, by=acme.carla, at=at)
    assert list(RoutingRule.objects.values_list("name", flat=True)) == ["c", "a", "b"]
    order_rules(acme.organization, keys=[first.pk, second.pk, third.pk], by=acme.carla, at=at)
    assert list(RoutingRule.objects.values_list("name", flat=True)) == ["a", "b", "c"]


def test_a_rule_is_switched_changed_and_removed(acme: Cast, at: datetime) -> None:
    row = rule(acme)
    assert switch_rule(row, on=False, by=acme.carla, at=at).is_active is False
    assert (
        change_rule(row, department=acme.press, condition=all_of(words="x"), by=acme.carla, at=at).department
        == acme.press
    )
    remove_rule(row, by=acme.carla, at=at)
    assert not RoutingRule.objects.exists()


UTC = ZoneInfo("UTC")
NAMES = st.sampled_from(["practice", "feed", ""])
QUERIES = st.sampled_from([0, 1, 2, 3])
RULES = st.lists(st.tuples(NAMES, QUERIES, st.booleans()), max_size=8)
MENTIONS = st.tuples(st.sampled_from(["practice", "feed"]), st.sets(st.integers(1, 3)))


@hypothetically(rules=RULES, about=MENTIONS)
def test_the_router_is_the_plain_reading_of_the_rules(
    rules: Sequence[tuple[str, int, bool]], about: tuple[str, set[int]]
) -> None:
    network, queries = about
    rows = [
        RoutingRule(
            pk=number, department_id=1, organization_id=1, is_active=active,
            condition=all_of(**{"network": name} if name else {}, **{"query": query} if query else {}),
        )
        for number, (name, query, active) in enumerate(rules, start=1)
    ]  # fmt: skip
    mention = Mention(organization_id=1, network=network, query_ids=sorted(queries))
    found = Router(row for row in rows if row.is_active).decide(MentionFacts(mention, Beforehand(UTC, Words([]))))
    fitting = [
        number
        for number, (name, query, active) in enumerate(rules, start=1)
        if active and name in {"", network} and (not query or query in queries)
    ]
    assert (found.rules[0].pk if found else None) == (fitting[0] if fitting else None)
