"""Letting a query find what was captured before it was written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from engagement.models import Assignment
from listening.actions import queries as actions
from listening.models import LookBack, Mention, MentionMatch, PostToIndex
from listening.searching import looking_back
from listening.searching.housekeeping import index_due
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast

AT = clock.now()


def came(*texts: str, days_ago: float = 2, **fields: Any) -> list[Any]:
    posts = [factories.post(text, at=AT - timedelta(days=days_ago), **fields) for text in texts]
    PostToIndex.objects.bulk_create(PostToIndex(post_id=post.pk) for post in posts)
    index_due()
    return posts


def asked(acme: Cast, expression: str = "acme") -> LookBack:
    return actions.look_back(factories.query(expression), by=acme.gita, at=AT)


def test_old_posts_become_old_mentions(acme: Cast) -> None:
    [post, *_rest] = came("acme cup", "nothing", "acme, ours", "acme")
    came("acme of last year", days_ago=300)
    type(post).objects.filter(text="acme, ours").update(is_ours=True)
    look = asked(acme)
    looking_back.look_on(at=AT)
    look.refresh_from_db()
    assert (look.state, look.found, look.percent) == ("done", 2, 100)
    mention = Mention.objects.get(post=post)
    assert (mention.state, mention.captured_at, mention.query_ids) == ("untriaged", post.captured_at, [look.query_id])
    assert MentionMatch.objects.get(mention=mention).spans == [["text", 0, 4]]
    assert not Assignment.objects.exists()
    assert AuditEntry.objects.get(verb="look_back").subject_id == look.query_id


def test_a_mention_that_is_there_stays_as_it_is(acme: Cast) -> None:
    other = factories.query("cup")
    [post] = came("acme cup")
    factories.mention(post=post, state="routed", query_ids=[other.pk])
    look = asked(acme)
    looking_back.look_on(at=AT)
    mention = Mention.objects.get()
    assert (mention.state, sorted(mention.query_ids)) == ("routed", sorted([other.pk, look.query_id]))


def test_looking_again_finds_nothing_twice(acme: Cast) -> None:
    came("acme cup")
    look = asked(acme)
    looking_back.look_on(at=AT)
    again = actions.look_back(look.query, by=acme.gita, at=AT)
    assert again.pk != look.pk
    looking_back.look_on(at=AT)
    again.refresh_from_db()
    assert (again.state, again.found) == ("done", 0)
    assert (Mention.objects.count(), MentionMatch.objects.count()) == (1, 1)


def test_who_asks_twice_looks_once(acme: Cast) -> None:
    look = asked(acme)
    assert actions.look_back(look.query, by=acme.gita, at=AT).pk == look.pk


def test_it_goes_on_where_a_worker_died(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    came(*(f"acme {number}" for number in range(5)))
    monkeypatch.setattr(looking_back, "PART", 2)
    look, stored = asked(acme), looking_back._write

    def die(look: LookBack, found: Any, *, at: Any) -> int:
        stored(look, found, at=at)
        if look.found:
            raise KeyboardInterrupt
        return len(found)

    monkeypatch.setattr(looking_back, "_write", die)
    with pytest.raises(KeyboardInterrupt):
        looking_back.look_on(at=AT)
    monkeypatch.setattr(looking_back, "_write", stored)
    look.refresh_from_db()
    assert (look.state, look.found, Mention.objects.count()) == ("running", 2, 2)
    assert 0 < look.percent < 100
    looking_back.look_on(at=AT)
    look.refresh_from_db()
    assert (look.state, look.found, Mention.objects.count()) == ("done", 5, 5)


def test_a_query_that_was_changed_meanwhile_stops_it(acme: Cast) -> None:
    came("acme", "zebra")
    look = asked(acme)
    actions.change_query(look.query, name="x", expression="zebra", by=acme.gita, at=AT)
    looking_back.look_on(at=AT)
    look.refresh_from_db()
    assert look.state == "stopped"
    assert not Mention.objects.exists()


def test_only_who_writes_queries_looks_back(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    query = factories.query()
    with pytest.raises(PermissionDenied):
        actions.look_back(query, by=acme.rosa, at=AT)
    address = f"/o/acme/queries/{query.pk}/look-back/"
    assert sign_in(acme.gita).get(address).status_code == 405
    assert sign_in(acme.sam).post(address).status_code == 404
    assert sign_in(acme.gita).post(address).status_code == 302
    assert b"Looking: 0 % done" in sign_in(acme.gita).get(f"/o/acme/queries/{query.pk}/").content


def test_a_program_can_ask_for_it(acme: Cast, api: Any) -> None:
    came("acme cup")
    query = factories.query("acme")
    here = f"/api/v1/tracking-queries/{query.pk}/look-back/"
    assert api(acme.elif_).post(here).status_code == 403
    answer = api(acme.gita).post(here)
    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    assert LookBack.objects.get().query == query
