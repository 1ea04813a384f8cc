"""Edits and deletions of what people work on or have answered are found, by reading again ever more seldom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from engagement import outbox
from engagement.models import Assignment
from listening import polling
from listening.models import Connection, Mention, Post, Revisit, Source
from listening.models.revisits import AFTER, next_revisit
from listening.revisits.housekeeping import claim_revisits
from listening.revisits.reading import revisit_due
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.networks.lighthouse_server import Tower


def hear(tower: Tower, *texts: str) -> list[str]:
    """Have it said now, and listen."""
    said = [tower.say(text, at=clock.now().isoformat()) for text in texts]
    Source.objects.make_due(clock.now())
    polling.poll_due(clock.now())
    return said


def later(**ago: float) -> Any:
    """The clock of a moment after this one."""
    at = clock.now() + timedelta(**ago)
    return lambda: at


def test_ever_more_seldom() -> None:
    since = datetime.fromisoformat("2026-04-10T12:00:00+00:00")
    at, times = since, []
    while (due := next_revisit(since, at)) is not None:
        times.append(due - since)
        at = due
    assert tuple(times) == AFTER


def test_an_edit_and_a_deletion_reach_the_queue(acme: Cast, connected: Connection, tower: Tower) -> None:
    factories.query("acme")
    edited, deleted, left = hear(tower, "Is Acme down?", "Acme is late", "Acme is fine")
    assert Revisit.objects.count() == 3
    tower.edit(edited, "Is Acme down again?")
    tower.delete(deleted)
    assert revisit_due(now=clock.now) == 0, "not due yet"
    calls = len(tower.calls)
    assert revisit_due(now=later(minutes=11)) == 3
    assert len(tower.calls) == calls + 1, "all in one call"
    rows = {row.remote_id: row for row in Post.objects.all()}
    assert rows[edited].text == "Is Acme down again?"
    assert "Is Acme down?" in rows[edited].revisions.values_list("text", flat=True)
    assert rows[deleted].withdrawn_at is not None and rows[deleted].text == ""
    assert rows[left].text == "Acme is fine"
    cursors = set(Source.objects.values_list("cursor__after", flat=True))
    assert cursors == {3}, "how far lists were read is another matter"
    revisit_due(now=later(hours=2))
    assert set(Revisit.objects.values_list("post__remote_id", flat=True)) == {edited, left}
    revisit_due(now=later(days=8))
    assert not Revisit.objects.exists()


def test_what_nobody_works_on_is_left(acme: Cast, connected: Connection, tower: Tower) -> None:
    factories.query("acme")
    hear(tower, "Acme one", "Acme two")
    Mention.objects.filter(post__text="Acme one").update(state="dismissed")
    calls = len(tower.calls)
    revisit_due(now=later(minutes=11))
    assert len(tower.calls) == calls + 1 and Revisit.objects.get().post.text == "Acme two"


def test_what_was_answered_is_followed_from_then_on(acme: Cast, connected: Connection, tower: Tower) -> None:
    factories.query("acme")
    [said] = hear(tower, "Is Acme down?")
    Revisit.objects.all().delete()
    mention = Mention.objects.get()
    Mention.objects.update(state="routed", department=acme.care)
    row = factories.assignment(department=acme.care, member=acme.rosa, mention=mention)
    from engagement.actions.replies import reply

    reply(row, text="No.", by=acme.rosa, at=clock.now())
    assert outbox.deliver_next(now=clock.now) and Assignment.objects.get().first_answered_at
    kept = Revisit.objects.get()
    assert kept.is_answered and kept.due_at > clock.now()
    tower.edit(said, "Is Acme up?")
    revisit_due(now=later(minutes=11))
    assert Post.objects.get(remote_id=said).text == "Is Acme up?"


def test_what_cannot_be_read_now_is_read_later(acme: Cast, connected: Connection, tower: Tower) -> None:
    factories.query("acme")
    hear(tower, "Acme one")
    tower.out_of_order = True
    revisit_due(now=later(minutes=11))
    row = Revisit.objects.get()
    assert timedelta(minutes=20) < row.due_at - clock.now() < timedelta(minutes=40)
    Connection.objects.update(state="withdrawn")
    calls = len(tower.calls)
    revisit_due(now=later(minutes=40))
    assert len(tower.calls) == calls and Revisit.objects.exists()


def test_two_workers_take_different_ones(acme: Cast, connected: Connection, tower: Tower) -> None:
    factories.query("acme")
    hear(tower, "Acme one", "Acme two")
    at = clock.now() + timedelta(minutes=11)
    first, second = claim_revisits(at=at), claim_revisits(at=at)
    assert [len(keys) for keys in first.values()] == [2] and second == {}
    assert claim_revisits(at=at + timedelta(minutes=6)), "who died leaves them to others"


def test_a_network_that_reads_nothing_again_costs_nothing(acme: Cast) -> None:
    from listening.ingest import ingest
    from listening.networks.protocols import Page, RemotePost

    factories.query("acme")
    source = factories.source()
    with CaptureQueriesContext(database) as found:
        ingest(source, Page(posts=(RemotePost(id="1", text="Acme"),)), at=clock.now())
    assert Mention.objects.exists() and not [query for query in found if 'listening_revisit"' in query["sql"]]
