"""What people do about tracking queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from listening.actions.queries import add_query, change_query, pause_query, remove_query, resume_query
from listening.ingest import ingest
from listening.models import Mention, MentionMatch, TrackingQuery
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast
from tests.listening.pages import NOW, page, remote


def test_a_gatherer_adds_a_query(acme: Cast) -> None:
    at = clock.now()
    query = add_query(name=" Acme ", expression=" acme OR #acme ", department=acme.care, by=acme.gita, at=at)
    query.refresh_from_db()
    assert (query.name, query.expression, query.department) == ("Acme", "acme OR #acme", acme.care)
    assert (query.created_by, query.created_at, query.changed_at, query.is_active) == (acme.gita, at, at, True)
    assert AuditEntry.objects.get().verb == "add_query"


def test_a_query_that_cannot_be_read_says_where(acme: Cast) -> None:
    with pytest.raises(ValidationError) as refusal:
        add_query(name="Acme", expression="acme AND (", by=acme.gita, at=clock.now())
    [problem] = refusal.value.error_dict["expression"]
    assert problem.params is not None
    assert 0 < problem.params["position"] <= len("acme AND (")
    assert not TrackingQuery.objects.exists()


def test_two_queries_need_two_names(acme: Cast) -> None:
    add_query(name="Acme", expression="acme", by=acme.gita, at=clock.now())
    with pytest.raises(ValidationError, match="a query with this name already"):
        add_query(name="ACME", expression="acme", by=acme.gita, at=clock.now())


def test_changing_applies_from_now_on(acme: Cast) -> None:
    source, query = factories.source(), factories.query("acme")
    ingest(source, page(remote(1, "zebra")), at=NOW)
    changed = change_query(query, name=query.name, expression="zebra", by=acme.gita, at=NOW)
    assert (changed.expression, changed.changed_at) == ("zebra", NOW)
    ingest(source, page(remote(1, "zebra"), remote(2, "zebra")), at=NOW)
    assert [mention.post.remote_id[-1] for mention in Mention.objects.select_related("post")] == ["2"]
    entry = AuditEntry.objects.get(verb="change_query")
    assert (entry.before, entry.after) == ({"expression": "acme"}, {"expression": "zebra"})


def test_pausing_stops_listening(acme: Cast) -> None:
    source, query = factories.source(), factories.query("acme")
    pause_query(query, by=acme.gita, at=NOW)
    assert ingest(source, page(remote(1)), at=NOW).mentions == 0
    resume_query(query, by=acme.gita, at=NOW + timedelta(seconds=1))
    assert ingest(source, page(remote(2)), at=NOW).mentions == 1


def test_removing_keeps_what_was_found(acme: Cast) -> None:
    source, query = factories.source(), factories.query("acme")
    ingest(source, page(remote(1)), at=NOW)
    remove_query(query, by=acme.gita, at=NOW)
    assert Mention.objects.count() == 1
    assert not MentionMatch.objects.exists()


def test_a_responder_writes_no_queries(acme: Cast) -> None:
    query = factories.query("acme")
    doing: dict[str, Any] = {"by": acme.rosa, "at": clock.now()}
    for act in (
        lambda: add_query(name="x", expression="x", **doing),
        lambda: change_query(query, name="x", expression="x", **doing),
        lambda: pause_query(query, **doing),
        lambda: resume_query(query, **doing),
        lambda: remove_query(query, **doing),
    ):
        with pytest.raises(PermissionDenied):
            act()
