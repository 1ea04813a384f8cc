"""What people do about sources."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from pytest_django import Settings

from listening.actions.queries import change_query
from listening.actions.sources import (
    add_source,
    change_source,
    pause_source,
    poll_now,
    remove_source,
    resume_source,
)
from listening.housekeeping import claim_due
from listening.models import Host, Poll, Post, Source
from listening.refusals import CannotPoll
from roles import clock
from roles.models import AuditEntry, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join
from tests.listening.servers import FeedServer, feed


@pytest.fixture
def server(settings: Settings) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with FeedServer() as running:
        yield running


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_a_gatherer_adds_a_source_that_is_due_at_once(acme: Cast) -> None:
    at = clock.now()
    source = add_source(network="feed", place="example.org/feed", by=acme.gita, at=at)
    assert source.place == "https://example.org/feed"
    assert source.key
    assert (source.state, source.created_by, source.next_poll_at) == ("active", acme.gita, at)
    assert verbs() == ["add_source"]
    assert [claim.source for claim in claim_due(at)] == [source]


def test_the_same_place_is_added_once(acme: Cast) -> None:
    add_source(network="feed", place="https://example.org/feed", by=acme.gita, at=clock.now())
    with pytest.raises(ValidationError, match="is a source already"):
        add_source(network="feed", place="https://example.org/feed", by=acme.gita, at=clock.now())


@pytest.mark.parametrize(
    ("network", "place", "field"),
    [
        ("feed", "", "place"),
        ("feed", "ftp://a.example/", "place"),
        ("feed", "two words", "place"),
        ("nowhere", "x", "network"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused_at_its_field(acme: Cast, network: str, place: str, field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        add_source(network=network, place=place, by=acme.gita, at=clock.now())
    assert list(refusal.value.message_dict) == [field]


def test_a_responder_manages_no_sources(acme: Cast) -> None:
    source = factories.source()
    doing: dict[str, Any] = {"by": acme.rosa, "at": clock.now()}
    for act in (
        lambda: add_source(network="feed", place="https://example.org/feed", **doing),
        lambda: change_source(source, name="x", is_internal=False, **doing),
        lambda: pause_source(source, **doing),
        lambda: resume_source(source, **doing),
        lambda: remove_source(source, **doing),
        lambda: poll_now(source, **doing),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert verbs() == []


def test_pausing_names_who_and_why_and_resuming_makes_it_due(acme: Cast) -> None:
    source = factories.source(network_failures_in_row=4, problem="No answer.")
    pause_source(source, reason="moving house", by=acme.gita, at=clock.now())
    source.refresh_from_db()
    assert (source.state, source.state_reason) == ("paused", "Paused by Gita: moving house")
    at = clock.now() + timedelta(hours=1)
    assert claim_due(at) == []
    resume_source(source, by=acme.gita, at=at)
    source.refresh_from_db()
    assert (source.state, source.state_reason, source.failures_in_row, source.next_poll_at) == ("active", "", 0, at)
    assert verbs() == ["pause_source", "resume_source"]


def test_changing_writes_what_changed(acme: Cast) -> None:
    source = factories.source(name="Old")
    changed = change_source(source, name="New", is_internal=False, department=acme.care, by=acme.gita, at=clock.now())
    assert (changed.name, changed.department) == ("New", acme.care)
    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == (
        {"name": "Old", "department": ""},
        {"name": "New", "department": "Customer care"},
    )
    change_source(source, name="New", is_internal=False, department=acme.care, by=acme.gita, at=clock.now())
    assert AuditEntry.objects.count() == 1


def test_removing_keeps_what_it_brought(acme: Cast) -> None:
    source = factories.source()
    post = factories.post(source=source)
    remove_source(source, by=acme.gita, at=clock.now())
    assert not Source.objects.exists()
    assert Post.objects.get(pk=post.pk).source is None


def test_polling_now_answers_with_the_outcome(acme: Cast, server: FeedServer) -> None:
    server.documents["/feed"] = feed("One", "Two")
    source = factories.source(place=server.url("/feed"), next_poll_at=clock.now() + timedelta(days=1))
    poll = poll_now(source, by=acme.gita, at=clock.now())
    assert (poll.outcome, poll.status, poll.seen, poll.new) == ("taken", 200, 2, 2)
    assert poll.finished_at is not None
    assert poll.finished_at >= poll.started_at
    assert poll_now(source, by=acme.gita, at=clock.now()).outcome == "unchanged"
    assert verbs() == ["poll_now", "poll_now"]


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_a_source_that_is_not_polled_is_refused_with_its_reason(acme: Cast, state: str) -> None:
    source = factories.source(state=state, state_reason="Because.")
    with pytest.raises(CannotPoll, match="Because"):
        poll_now(source, by=acme.gita, at=clock.now())


def test_a_server_that_asked_to_wait_is_not_asked_again(acme: Cast, server: FeedServer) -> None:
    server.answers["/feed"] = (429, b"")
    server.headers = {"Retry-After": "3600"}
    source = factories.source(place=server.url("/feed"))
    for _turn in range(2):
        poll = poll_now(source, by=acme.gita, at=clock.now())
        assert (poll.outcome, bool(poll.problem)) == ("rate_limited", True)
    assert len(server.requests) == 1
    assert re.search(r"come back in 1 hour", poll.problem)


def test_a_closed_server_is_left_alone(acme: Cast) -> None:
    at = clock.now()
    Host.objects.create(name="ill.example", closed_until=at + timedelta(minutes=7), reason="No answer.")
    source = factories.source(place="https://ill.example/feed")
    poll = poll_now(source, by=acme.gita, at=at)
    assert (poll.outcome, poll.problem) == ("rate_limited", "No answer. We come back in 7 minutes.")


@pytest.mark.django_db(transaction=True)
def test_where_a_worker_polls_already_its_outcome_is_the_answer(acme: Cast, server: FeedServer) -> None:
    from listening.polling import poll_batch

    server.documents["/feed"] = feed("One")
    source = factories.source(place=server.url("/feed"))
    at = clock.now() + timedelta(seconds=1)
    [claim] = claim_due(at)
    server.gate.clear()
    found: list[Poll] = []

    def ask() -> None:
        try:
            with acting_for(acme.organization):
                found.append(poll_now(Source.objects.get(pk=source.pk), by=acme.gita, at=clock.now()))
        finally:
            connections.close_all()

    asking = threading.Thread(target=ask)
    asking.start()
    opening = threading.Timer(0.5, server.gate.set)
    opening.start()
    poll_batch([claim], at=at)
    asking.join()
    assert [(poll.pk, poll.outcome, poll.new) for poll in found] == [(claim.poll_id, "taken", 1)]
    assert server.requests == ["/feed"]


def test_nothing_is_given_to_a_department_that_one_does_not_manage(acme: Cast) -> None:
    gerd = join("Gerd", Role.GATHERER, acme.care)
    source = factories.source(department=acme.care)
    query = factories.query(department=acme.care)
    with pytest.raises(PermissionDenied):
        change_source(source, name="x", department=acme.press, is_internal=False, by=gerd, at=clock.now())
    with pytest.raises(PermissionDenied):
        change_query(query, name="x", expression="acme", department=acme.press, by=gerd, at=clock.now())
    source.refresh_from_db()
    query.refresh_from_db()
    assert (source.department, query.department) == (acme.care, acme.care)
    assert change_source(source, name="x", department=acme.care, is_internal=False, by=gerd, at=clock.now()).name == "x"
