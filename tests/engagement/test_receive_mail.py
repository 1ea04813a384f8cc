"""Answers by replying to the mail: out by a real mail server, back by the command that a mail server calls."""

from __future__ import annotations

import email
import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.management import call_command
from django.db import connection, connections

from engagement import inbox
from engagement.actions.consults import close_consult, consult
from engagement.actions.received import put_aside, take_received
from engagement.models import Assignment, Consult, ConsultRequest, IncomingMail, ReceivedMail
from engagement.tasks import take_mails
from roles import clock
from roles.models import AuditEntry
from roles.postbox import send_due
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[2]


class Post:
    """A mail server: keeps what we send, and hands what is sent to our address to `manage.py receive_mail`."""

    def __init__(self) -> None:
        self.port = 0
        self.sent: list[EmailMessage] = []
        self.received: list[tuple[bytes, str, str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if envelope.rcpt_tos[0].startswith("touchline+") or envelope.rcpt_tos[0] == "touchline@example.org":
            self.received.append((envelope.content, envelope.mail_from or "", envelope.rcpt_tos[0]))
        else:
            self.sent.append(email.message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = Post()
    handler.port = port
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.EMAIL_HOST_USER, settings.EMAIL_TIMEOUT = "", 5
    settings.INBOUND_MAIL_ADDRESS = "touchline@example.org"
    yield handler
    controller.stop()


@pytest.fixture
def question(acme: Cast, claimed: Callable[..., Assignment], post: Post, at: datetime) -> EmailMessage:
    """The mail with the question, as it reached Bodo."""
    consult(claimed(), question="May we promise a date?", to=[acme.bodo], by=acme.rosa, at=at)
    assert send_due(now=clock.now) == 1
    return post.sent[0]


def reply_to(question: EmailMessage, text: str = "Yes: Friday.", **headers: str) -> EmailMessage:
    """What a mail program makes of “reply”."""
    made = EmailMessage()
    made["From"], made["To"] = "Bodo <Bodo@Example.org>", str(question["Reply-To"])
    made["Subject"], made["Message-ID"] = f"Re: {question['Subject']}", f"<{os.urandom(6).hex()}@example.org>"
    made["In-Reply-To"] = made["References"] = str(question["Message-ID"])
    for name, value in headers.items():
        del made[name.replace("_", "-")]
        if value:
            made[name.replace("_", "-")] = value
    body = question.get_body(preferencelist=("plain",))
    quoted = "\n".join(f"> {line}" for line in str(body.get_content() if body else "").splitlines())
    made.set_content(f"{text}\n\nOn Wed, 25 Nov 2026, Acme wrote:\n\n{quoted}\n")
    return made


def deliver(
    post: Post, mail: EmailMessage, monkeypatch: pytest.MonkeyPatch, *, sender: str = "bodo@example.org"
) -> None:
    """Send it by SMTP; the server pipes it into the command, and a worker reads it."""
    with SMTP("127.0.0.1", post.port) as server:
        server.send_message(mail, from_addr=sender, to_addrs=[str(mail["To"])])
    raw, envelope_sender, recipient = post.received[-1]
    pipe(monkeypatch, raw, "--sender", envelope_sender, "--recipient", recipient)
    take_mails()


def pipe(monkeypatch: pytest.MonkeyPatch, raw: bytes, *arguments: str) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        call_command("receive_mail", *arguments, stdout=io.StringIO())


def answered() -> ConsultRequest:
    return ConsultRequest.objects.get()


def test_a_reply_is_the_answer(acme: Cast, post: Post, question: EmailMessage, monkeypatch: Any) -> None:
    assert str(question["Reply-To"]).startswith("touchline+")
    deliver(post, reply_to(question), monkeypatch)
    assert (answered().answer, answered().way) == ("Yes: Friday.", "mail")
    assert ReceivedMail.objects.get().state == "taken"
    # The same again, and by another way: once taken.
    raw, sender, recipient = post.received[-1]
    pipe(monkeypatch, b"Received: from elsewhere\r\n" + raw, "--sender", sender, "--recipient", recipient)
    take_mails()
    assert IncomingMail.objects.count() == ReceivedMail.objects.count() == 1
    assert AuditEntry.objects.filter(verb__in=["answer_consult", "correct_answer"]).count() == 1
    # A second reply is a correction.
    deliver(post, reply_to(question, "No: Monday."), monkeypatch)
    assert answered().answer == "No: Monday."


def test_where_plus_addresses_are_not_known_the_thread_tells(
    acme: Cast, post: Post, question: EmailMessage, monkeypatch: Any
) -> None:
    deliver(post, reply_to(question, To="touchline@example.org"), monkeypatch)
    assert answered().answer == "Yes: Friday."


AUTOMATIC: dict[str, dict[str, str]] = {
    "vacation": {"Auto_Submitted": "auto-replied"},
    "exchange": {"Precedence": "bulk"},
    "old program": {"X_Autoreply": "yes"},
    "bounce": {"From": "MAILER-DAEMON@example.org"},
}


@pytest.mark.parametrize("name", [*AUTOMATIC, "empty return path"])
def test_what_a_machine_says_is_no_answer(
    acme: Cast, post: Post, question: EmailMessage, monkeypatch: Any, name: str
) -> None:
    mail = reply_to(question, "I am away until Monday.", **AUTOMATIC.get(name, {}))
    raw = mail.as_bytes()
    pipe(monkeypatch, raw, "--sender", "" if name == "empty return path" else "bodo@example.org")
    take_mails()
    assert answered().state == "waiting"
    assert ReceivedMail.objects.get().state == "automatic"


def test_everything_else_waits_for_a_person(acme: Cast, post: Post, question: EmailMessage, monkeypatch: Any) -> None:
    address = str(question["Reply-To"])
    forged = address.replace(address.split("-")[1][:16], "a" * 16)
    cases = {
        "wrong_sender": reply_to(question, From="mallory@example.org"),
        "wrong_token": reply_to(question, To=forged, In_Reply_To="", References=""),
        "no_token": reply_to(question, To="touchline@example.org", In_Reply_To="", References=""),
        "no_words": reply_to(question, ""),
        "too_long": reply_to(question, "long " * 2500),
    }
    for reason, mail in cases.items():
        deliver(post, mail, monkeypatch)
        assert ReceivedMail.objects.newest_first()[0].reason == reason
    two = reply_to(question, From="bodo@example.org, mallory@example.org")
    deliver(post, two, monkeypatch)
    assert ReceivedMail.objects.newest_first()[0].reason == "wrong_sender"
    close_consult(Consult.objects.get(), by=acme.rosa, at=clock.now())
    deliver(post, reply_to(question), monkeypatch)
    assert ReceivedMail.objects.newest_first()[0].reason == "too_late"
    assert answered().answer == "" and ReceivedMail.objects.waiting().count() == 7


def test_a_person_takes_it_or_puts_it_aside(
    acme: Cast, post: Post, question: EmailMessage, monkeypatch: Any, sign_in: Any
) -> None:
    deliver(post, reply_to(question, "<b>Yes</b>", From="bodo.private@example.net"), monkeypatch)
    deliver(post, reply_to(question, "Spam", From="mallory@example.net"), monkeypatch)
    client = sign_in(acme.carla)
    page = client.get("/o/acme/received-mails/").content.decode()
    assert "&lt;b&gt;Yes&lt;/b&gt;" in page and "another address" in page
    first, second = ReceivedMail.objects.order_by("pk")
    assert client.post(f"/o/acme/received-mails/{first.pk}/take/").status_code == 302
    assert answered().answer == "<b>Yes</b>"
    assert client.post(f"/o/acme/received-mails/{second.pk}/put-aside/").status_code == 302
    assert ReceivedMail.objects.waiting().count() == 0
    with acting_for(acme.elsewhere):
        assert not ReceivedMail.objects.exists()
    assert take_received.capability == put_aside.capability == "engagement.manage_consults"  # type: ignore[attr-defined]


def test_mail_of_nobody_is_kept_for_who_runs_it(
    acme: Cast, post: Post, question: EmailMessage, monkeypatch: Any
) -> None:
    stranger = reply_to(question, To="touchline@example.org", From="x@example.net", In_Reply_To="", References="")
    deliver(post, stranger, monkeypatch)
    out = io.StringIO()
    call_command("unplaced_mails", stdout=out)
    assert not ReceivedMail.objects.exists() and "which organization" in out.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00 not a mail",
        b"From: =?unknown-8bit?q?=FF=00?= <bodo@example.org\r\nContent-Type: text/plain; charset=kl\r\n\r\n\xff\x00hi",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<script>1</script>",
        b"To: " + b"touchline+1-aaaaaaaaaaaaaaaa@example.org, " * 500 + b"\r\n\r\nhi",
        b"From: bodo@example.org\r\nIn-Reply-To: <touchline.1.1.zzzzzzzzzzzzz-aaaaaaaaaaaaaaaa@x>\r\n\r\nhi",
    ],
)
def test_hostile_mail_is_kept_and_hurts_nothing(acme: Cast, at: datetime, raw: bytes) -> None:
    assert inbox.store(raw, sender="x@example.org", recipient="", at=at)
    assert not inbox.store(raw, sender="x@example.org", recipient="", at=at)
    take_mails()
    row = IncomingMail.objects.get()
    assert row.processed_at and row.attempts == 0 and bytes(row.raw) == raw


def test_what_cannot_be_read_stands_in_nobodys_way(acme: Cast, at: datetime, monkeypatch: Any) -> None:
    inbox.store(b"From: bodo@example.org\n\nfirst", sender=None, recipient="", at=at)
    inbox.store(b"From: bodo@example.org\n\nsecond", sender=None, recipient="", at=at)
    read = inbox.read_letter

    def breaks(raw: bytes, **kwargs: Any) -> Any:
        if raw.endswith(b"first"):
            raise RuntimeError("Something nobody thought of.")
        return read(raw, **kwargs)

    monkeypatch.setattr(inbox, "read_letter", breaks)
    for _look in range(7):
        take_mails()
    first, second = IncomingMail.objects.order_by("pk")
    assert (first.attempts, first.problem) == (5, "Something nobody thought of.") and first.processed_at
    assert second.processed_at and ReceivedMail.objects.get().text == "second"


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_each_mail_once(cast: Cast, at: datetime) -> None:
    from engagement.consult_tokens import reply_token

    with acting_for(cast.organization):
        row = factories.assignment(department=cast.care, member=cast.rosa, state="claimed", claimed_at=at)
        for number in range(6):
            made = consult(row, question=f"{number}?", to=[cast.bodo], by=cast.rosa, at=at)
            token = reply_token(made.requests.get())
            raw = f"From: bodo@example.org\nMessage-ID: <{number}@x>\n\nAnswer {number}".encode()
            inbox.store(raw, sender="bodo@example.org", recipient=f"touchline+{token}@example.org", at=at)

    def work(_number: int) -> None:
        try:
            take_mails()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    with acting_for(cast.organization):
        answers = ConsultRequest.objects.order_by("pk").values_list("answer", flat=True)
        assert list(answers) == [f"Answer {number}" for number in range(6)]
        assert AuditEntry.objects.filter(verb="answer_consult").count() == 6


@pytest.mark.django_db(transaction=True)
def test_the_command_is_what_a_mail_server_calls(cast: Cast, monkeypatch: Any) -> None:
    """As a program of its own, with the message on standard input and the outcome as its exit status."""
    database = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database['USER']}:{database['PASSWORD']}@/{database['NAME']}"
        f"?host={database['HOST']}&port={database['PORT']}",
    }
    command = [sys.executable, str(ROOT / "manage.py"), "receive_mail", "--sender", "bodo@example.org"]

    raw = b"From: bodo@example.org\n\nhi"
    done = subprocess.run(command, input=raw, env=environment, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0
    assert bytes(IncomingMail.objects.get().raw) == b"From: bodo@example.org\n\nhi"
    with pytest.raises(SystemExit) as ended:
        pipe(monkeypatch, b"")
    assert ended.value.code == os.EX_DATAERR
    connection.close()
    monkeypatch.setitem(database, "PORT", "1")
    with pytest.raises(SystemExit) as ended:
        pipe(monkeypatch, b"From: x\n\nhi")
    monkeypatch.undo()
    assert ended.value.code == os.EX_TEMPFAIL
