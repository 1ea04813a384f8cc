"""E-mails leave once, to a real server, or say that they did not."""

from __future__ import annotations

import email
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import translation

from roles import clock
from roles.actions.mail import send_again, write_mail
from roles.housekeeping import claim_mail
from roles.models import Mail, Member
from roles.postbox import send_due
from tests.cast import Cast

State = Mail.State


class Server:
    """Keeps what it was sent; `answer` is what it says to the letter itself."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.answer: str | Callable[[], str] = "250 OK"
        self.recipient_answer = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content)))
        if callable(self.answer):
            server.transport.close()
            return "250 OK"
        return self.answer


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.EMAIL_HOST_USER, settings.EMAIL_TIMEOUT = "", 5
    yield handler
    controller.stop()


def write(member: Member, *, key: str = "news 1", at: datetime | None = None) -> None:
    write_mail(
        member,
        key=key,
        kind="news",
        subject="A line\nand another",
        template="roles/mail/invitation_accepted",
        context={"who": "Jo <b>"},
        at=at or clock.now(),
        unsubscribe_url="http://127.0.0.1/stop/",
    )


@pytest.fixture(autouse=True)
def templates(settings: Any, tmp_path: Any) -> None:
    folder = tmp_path / "roles" / "mail"
    folder.mkdir(parents=True)
    (folder / "invitation_accepted.txt").write_text("{{ who|safe }} joined {{ organization }}.")
    (folder / "invitation_accepted.html").write_text("<p>{{ who }} joined {{ organization }}.</p>")
    configured = [dict(settings.TEMPLATES[0]), *settings.TEMPLATES[1:]]
    configured[0]["DIRS"] = [*configured[0]["DIRS"], tmp_path]
    settings.TEMPLATES = configured


def test_it_is_written_once_and_sent_once(acme: Cast, server: Server) -> None:
    write(acme.rosa)
    write(acme.rosa)
    write(acme.rui)
    assert send_due(now=clock.now) == 2
    assert send_due(now=clock.now) == 0
    assert sorted(to for (to,), _letter in server.letters) == ["rosa@example.org", "rui@example.org"]
    letter = server.letters[0][1]
    assert letter["Subject"] == "A line and another"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = (part.get_payload(decode=True).decode() for part in letter.get_payload())
    assert "Jo <b> joined Acme." in text and "Jo &lt;b&gt; joined Acme." in html
    assert set(Mail.objects.values_list("state", flat=True)) == {State.SENT}


def test_a_server_that_is_not_there_is_asked_again_later(acme: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, False, 2
    at = clock.now()
    write(acme.rosa, at=at)
    assert send_due(now=lambda: at) == 0
    mail = Mail.objects.get()
    assert mail.state == State.READY and mail.next_attempt_at == at + timedelta(minutes=1)
    assert "could not be reached" in mail.problem
    with translation.override("de"):
        assert mail.problem_said.startswith("Der Mailserver war nicht erreichbar: ")
        assert mail.problem_said.partition(": ")[2] == mail.problem.partition(": ")[2]
    late = at + timedelta(days=3)
    send_due(now=lambda: late)
    assert Mail.objects.get().state == State.FAILED


def test_what_the_server_says_decides(acme: Cast, server: Server) -> None:
    at = clock.now()
    write(acme.rosa, at=at)
    server.answer = "451 Try again later"
    send_due(now=lambda: at)
    assert Mail.objects.get().state == State.READY
    server.answer = "554 We do not want it"
    later = at + timedelta(minutes=2)
    send_due(now=lambda: later)
    mail = Mail.objects.get()
    assert mail.state == State.FAILED and "554" in mail.problem
    write(acme.rui, key="news 2", at=at)
    server.answer, server.recipient_answer = "250 OK", "550 No such person"
    send_due(now=lambda: at)
    mail = Mail.objects.get(key="news 2")
    assert mail.state == State.FAILED and "No such person" in mail.problem


def test_a_connection_that_breaks_after_the_letter_leaves_it_unknown(acme: Cast, server: Server) -> None:
    write(acme.rosa)
    server.answer = lambda: ""
    assert send_due(now=clock.now) == 0
    assert Mail.objects.get().state == State.UNKNOWN
    assert send_due(now=clock.now) == 0
    assert len(server.letters) == 1


def test_a_worker_that_dies_leaves_it_unknown(acme: Cast, server: Server) -> None:
    at = clock.now()
    write(acme.rosa, at=at)
    assert claim_mail(at) is not None
    assert send_due(now=lambda: at) == 0
    assert send_due(now=lambda: at + timedelta(minutes=5)) == 0
    mail = Mail.objects.get()
    assert (mail.state, server.letters) == (State.UNKNOWN, [])
    send_again(mail, by=acme.olga, at=at)
    assert send_due(now=lambda: at + timedelta(minutes=5)) == 1
    with pytest.raises(ValidationError):
        send_again(mail, by=acme.olga, at=at)


def test_who_left_gets_nothing(acme: Cast, server: Server) -> None:
    write(acme.rosa)
    Member.objects.filter(pk=acme.rosa.pk).update(is_active=False)
    assert send_due(now=clock.now) == 0
    assert Mail.objects.get().state == State.FAILED and server.letters == []


@pytest.mark.django_db(transaction=True)
def test_four_workers_send_forty_once_each(acme: Cast, server: Server) -> None:
    for number in range(40):
        write(acme.rosa, key=f"news {number}")

    def work(_turn: int) -> int:
        try:
            return send_due(now=clock.now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 40
    ids = [letter["Message-ID"] for _to, letter in server.letters]
    assert len(ids) == len(set(ids)) == 40


def test_the_owner_sees_what_was_not_sent(acme: Cast, client: Client) -> None:
    write(acme.rosa)
    Mail.objects.update(state=State.FAILED, problem="554 <script>")
    client.force_login(acme.olga.user)
    shown = client.get("/o/acme/mails/?state=failed").content.decode()
    assert "554 &lt;script&gt;" in shown
    mail = Mail.objects.get()
    assert client.post(f"/o/acme/mails/{mail.pk}/send-again/").status_code == 302
    assert Mail.objects.get().state == State.READY
    client.force_login(acme.carla.user)
    assert client.get("/o/acme/mails/").status_code == 403
