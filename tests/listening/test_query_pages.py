"""The list of tracking queries with what they brought, one query with its history, and its copy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from listening.actions import queries as actions
from listening.judging import matcher
from listening.matching import Document
from listening.models import MentionMatch, TrackingQuery
from listening.searching.figures import figures
from listening.searching.history import difference
from roles import clock
from tests import factories
from tests.cast import Cast

AT = clock.now()


def found(*queries: TrackingQuery, state: str = "untriaged", days_ago: float = 1) -> None:
    mention = factories.mention(at=AT - timedelta(days=days_ago), state=state, query_ids=[row.pk for row in queries])
    for query in queries:
        MentionMatch.objects.create(mention=mention, query=query)


def test_figures_of_each_query(acme: Cast) -> None:
    one, two, three = (factories.query(f"acme{n}") for n in range(3))
    found(one, state="routed")
    found(one, two, state="dismissed", days_ago=3)
    found(one, days_ago=3)
    found(one, days_ago=40)
    rows = figures([one.pk, two.pk, three.pk], at=AT)
    first = rows[one.pk]
    assert (first.found, first.routed, first.dismissed, first.alone) == (3, 1, 1, 2)
    assert (first.overlap_id, first.overlap, first.relevant) == (two.pk, 1, 0.5)
    assert len(first.days) == 30
    assert [number for _day, number in first.days if number] == [2, 1]
    assert (rows[three.pk].found, rows[three.pk].relevant) == (0, None)


def test_the_list_costs_the_same_for_one_and_for_many(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    client = sign_in(acme.gita)

    def cost() -> int:
        client.get("/o/acme/queries/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/o/acme/queries/").status_code == 200
        return len(queries)

    found(factories.query())
    few = cost()
    for number in range(50):
        found(factories.query(f"word{number}"))
    assert cost() == few


def test_a_query_shows_what_it_said_before(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    query = actions.add_query(name="Acme", expression="acme OR akme", by=acme.gita, at=AT)
    actions.change_query(query, name="Acme", expression="acme OR <b>", by=acme.carla, at=AT)
    shown = sign_in(acme.gita).get(f"/o/acme/queries/{query.pk}/").content.decode()
    assert "Carla changed the tracking query" in shown
    assert "<del>akme</del><ins>&lt;b&gt;</ins>" in shown
    assert sign_in(acme.sam).get(f"/o/acme/queries/{query.pk}/").status_code == 404


def test_differences_are_told_by_words() -> None:
    assert difference("a OR bb", "a OR cc") == [("same", "a OR "), ("gone", "bb"), ("new", "cc")]
    assert difference("a", "a") == [("same", "a")]


def test_a_copy_begins_with_what_is_copied(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    query = factories.query("acme OR akme", name="Acme")
    shown = sign_in(acme.gita).get(f"/o/acme/queries/add/?copy={query.pk}").content.decode()
    assert 'value="Acme (copy)"' in shown
    assert "acme OR akme" in shown


def test_a_wide_query_is_named_on_the_list(
    acme: Cast, sign_in: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listening.searching.width.MANY_A_DAY", 0.01)
    query = factories.query()
    found(query)
    assert b"Too wide" in sign_in(acme.gita).get("/o/acme/queries/").content


def hears(text: str) -> set[int]:
    return set(matcher().match(Document(text=text)))


def test_the_matcher_is_made_anew_for_every_change_whatever_the_clock_says(acme: Cast) -> None:
    query, other = factories.query("acme"), factories.query("zebra")
    assert hears("acme zebra") == {query.pk, other.pk}
    before = TrackingQuery.objects.active().stamp()
    # Changed without a new time, and with one that lies before all others.
    TrackingQuery.objects.filter(pk=query.pk).update(expression="giraffe")
    assert hears("acme") == set()
    TrackingQuery.objects.filter(pk=query.pk).update(expression="acme", changed_at=AT - timedelta(days=900))
    assert hears("acme") == {query.pk}
    # Two that trade their times.
    TrackingQuery.objects.filter(pk=query.pk).update(expression="lion", changed_at=other.changed_at)
    TrackingQuery.objects.filter(pk=other.pk).update(expression="tiger", changed_at=query.changed_at)
    assert hears("lion tiger zebra") == {query.pk, other.pk}
    assert hears("zebra") == set()
    assert TrackingQuery.objects.active().stamp() != before


def test_what_was_rolled_back_is_not_kept(acme: Cast) -> None:
    query = factories.query("acme")
    assert hears("acme") == {query.pk}
    with transaction.atomic():
        TrackingQuery.objects.filter(pk=query.pk).update(expression="zebra")
        assert hears("zebra") == {query.pk}
        transaction.set_rollback(True)
    assert hears("acme") == {query.pk}
    assert hears("zebra") == set()


def test_the_matcher_is_kept_while_nothing_changes(acme: Cast) -> None:
    factories.query("acme")
    assert matcher() is matcher()


@pytest.mark.parametrize("page", ["queries", "sources", "rules"])
def test_an_empty_page_offers_what_one_may_do_and_else_says_who_does(
    acme: Cast, sign_in: Callable[[Any], Client], page: str
) -> None:
    offered = sign_in(acme.carla).get(f"/o/acme/{page}/").content.decode()
    said = sign_in(acme.olga).get(f"/o/acme/{page}/").content.decode()
    assert 'class="empty"' in offered and f"/o/acme/{page}/add/" in offered and "Only these roles" not in offered
    assert 'class="empty"' in said and f"/o/acme/{page}/add/" not in said and "Only these roles" in said
