"""The commands of an operator: the first owner, and the doctor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from config import examination, parts
from config.examination import QUEUES, examine
from engagement.models import Reply
from roles import clock, live
from roles.models import AuditEntry, Organization, Role, User
from roles.tasks import heartbeat
from roles.tenancy import acting_for
from tests import factories
from tests.cast import PASSWORD, Cast


def created(*arguments: str) -> str:
    out = StringIO()
    call_command("create_organization", *arguments, stdout=out)
    return out.getvalue()


def test_the_first_owner_comes_in(db: None) -> None:
    said = created("Blue Works", "--owner", "Olga@Example.org", "--name", "Olga")
    link = re.search(r"http://127\.0\.0\.1:\d+(/accounts/password/reset/key/\S+)", said)
    assert link and "/o/blue-works/" in said
    client = Client()
    address = client.get(link[1], follow=True).redirect_chain[-1][0]
    new = {"password1": "an-entirely-new-one-9", "password2": "an-entirely-new-one-9"}
    assert client.post(address, new).status_code == 302
    assert client.get("/o/blue-works/team/").status_code == 200
    with acting_for(Organization.objects.get()):
        assert AuditEntry.objects.get(verb="found_organization").by is None
    again = Client().get(link[1], follow=True).content.decode()
    assert "does not work any more" in again


def test_an_owner_who_is_known_here_signs_in_as_before(cast: Cast) -> None:
    said = created("Second", "--owner", "rosa@example.org", "--name", "Rosa")
    assert "has an account already" in said and "/key/" not in said
    assert User.objects.get(email="rosa@example.org").check_password(PASSWORD)
    with acting_for(Organization.objects.get(slug="second")):
        from roles.models import Member

        assert Member.objects.get().roles == {Role.OWNER}


def test_what_cannot_be_made_is_said(cast: Cast) -> None:
    with pytest.raises(CommandError):
        created("Acme", "--owner", "x@example.org", "--name", "X")
    with pytest.raises(CommandError):
        created("New", "--owner", "not an address", "--name", "X")
    assert not User.objects.filter(email="x@example.org").exists()


@pytest.fixture
def silence() -> Iterator[None]:
    """No sign of life on any queue."""
    keys = [f"touchline-heartbeat:{queue}" for queue in QUEUES]
    live._broker().delete(*keys)
    yield
    live._broker().delete(*keys)


def said(look: Any) -> str:
    return "\n".join(f"{finding.about}: {finding.says} | {finding.advice}" for finding in look(clock.now()))


def test_it_sees_that_nothing_beats_and_then_that_everything_does(silence: None) -> None:
    before = said(examination.background)
    assert "no worker is running" in before
    for queue in QUEUES:
        heartbeat(queue=queue)
    after = said(examination.background)
    assert "alive" in after and after.endswith("| ")
    live.beat_once("poll", at=clock.now() - timedelta(minutes=5))
    assert "no worker is running" in said(examination.background)


def test_every_queue_has_its_heartbeat() -> None:
    from config.beat import app

    beats = [entry for entry in app.conf.beat_schedule.values() if entry["task"] == "roles.tasks.heartbeat"]
    assert (
        {entry["kwargs"]["queue"] for entry in beats} == {entry["options"]["queue"] for entry in beats} == set(QUEUES)
    )


def test_what_hears_and_what_answers_stand_behind_no_other_look() -> None:
    """A message is dropped when it is as old as its beat: those that live longer would be taken before it, for ever."""
    from config.beat import EVERY
    from config.celery import app

    route = app.amqp.router.route
    queues = {task: route({}, task)["queue"].name for tasks in EVERY.values() for task in tasks}
    seconds = {task: every for every, tasks in EVERY.items() for task in tasks}
    for task in ("listening.tasks.poll_due", "engagement.tasks.deliver_ready"):
        beside = [other for other, queue in queues.items() if queue == queues[task]]
        assert max(seconds[other] for other in beside) <= 10 and len(beside) < 4, beside
    assert set(queues.values()) == set(QUEUES) == set(parts.QUEUES.split(","))


def test_it_sees_what_is_late(acme: Cast) -> None:
    now = clock.now()
    old = now - timedelta(hours=2)
    assert "all visited in time" in said(examination.sources)
    factories.source(next_poll_at=old)
    factories.source(next_poll_at=old, state="paused")
    assert "1 of 1 should have been visited" in said(examination.sources)
    assert "no assignment waits" in said(examination.left_overs)
    factories.assignment(department=acme.care, at=old)
    assert "1 assignments of Acme wait" in said(examination.left_overs)


@pytest.mark.parametrize(
    ("state", "words"),
    [("ready", "1 wait"), ("sending", "1 wait"), ("unknown", "1 of unknown"), ("refused", "1 refused")],
)
def test_it_sees_replies_that_are_stuck(acme: Cast, state: str, words: str) -> None:
    assert "none is stuck" in said(examination.deliveries)
    old = clock.now() - timedelta(hours=1)
    assignment = factories.assignment(department=acme.care, member=acme.rosa)
    Reply.objects.create(
        assignment=assignment,
        post=assignment.mention.post,
        channel=factories.channel(),
        by=acme.rosa,
        text="Hello",
        key="k",
        state=state,
        written_at=old,
        next_attempt_at=old,
        lease_until=old if state == "sending" else None,
    )
    assert words in said(examination.deliveries)


def test_it_looks_at_settings(settings: Any, db: None) -> None:
    settings.SECRET_KEY, settings.SITE_URL, settings.SECURE_SITE = "unset-x", "http://team.example.org", False
    text = said(examination.secrets_and_addresses)
    assert "not set" in text and "without https" in text
    settings.SECRET_KEY, settings.SITE_URL, settings.SECURE_SITE = "k" * 50, "https://team.example.org", True
    assert all(finding.is_well for finding in examination.secrets_and_addresses(clock.now()))


class Well(BaseHTTPRequestHandler):
    """Answers that all is well, as any process does that is asked after its health."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def test_it_asks_the_event_stream_itself_and_not_by_the_address_of_browsers(settings: Any) -> None:
    """There the pages answer too, so that a stream which is gone would look well."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Well) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{server.server_port}"
        settings.EVENTS_URL, settings.EVENTS_INSIDE_URL = "http://127.0.0.1:1", there
        assert f": answers at {there}/health/ |" in said(examination.event_stream)
        settings.EVENTS_INSIDE_URL, settings.EVENTS_PORT = "", server.server_port
        assert f": answers at {there}/health/ |" in said(examination.event_stream)
        settings.EVENTS_URL, settings.EVENTS_INSIDE_URL = there, "http://127.0.0.1:1"
        assert ": no answer at http://127.0.0.1:1/health/ |" in said(examination.event_stream)
        server.shutdown()


def test_a_password_of_the_broker_is_not_said(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://user:geheim@127.0.0.1:1/0"
    monkeypatch.setattr(live, "broker_answers", lambda: False)
    text = said(examination.broker)
    assert "does not answer" in text and "geheim" not in text


def test_the_command_ends_with_one_where_something_must_be_done(
    db: None, silence: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        call_command("doctor")
    assert end.value.code == 1
    text = capsys.readouterr().out
    assert "PostgreSQL" in text and "all applied" in text and "to do." in text
    assert "create_organization" in text


def test_the_order_is_kept_without_a_database(monkeypatch: pytest.MonkeyPatch, silence: None) -> None:
    from django.db import DatabaseError

    def away() -> None:
        raise DatabaseError("connection refused")

    monkeypatch.setattr(examination.connection, "ensure_connection", away)
    abouts = [finding.about for finding in examine(clock.now())]
    assert abouts[0] == "Database" and "Sources" not in abouts and "Disk" in abouts
