"""On real mail servers: heard over TLS, threaded, answered, followed over new numbers; and signed in to by token."""

from __future__ import annotations

import asyncio
import random
import smtplib
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.core.exceptions import ValidationError
from django.db import connection as database
from pytest_django import Settings

from engagement import outbox
from engagement.models import Assignment, Reply, RoutingRule
from listening import polling
from listening.access import access_through
from listening.actions import connections as actions
from listening.connections.keeping import unsealed
from listening.connections.tending import tend_due
from listening.models import Channel, Connection, Mention, Poll, Source
from listening.networks.mail import network
from listening.networks.protocols import OutgoingReply, RemoteAuthor
from roles import clock
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.networks.delivering import DELIVERIES, deliver_all
from tests.networks.mail.losing import LossyPost, losing
from tests.networks.mail.provider import CLIENT, SCOPE, Provider, provided
from tests.networks.mail.server import MailServers, NotHere, running

pytestmark = pytest.mark.networks
US, ADA = "support@acme.example", "ada@example.org"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Where people of the mail servers sign in."""
    with provided() as found:
        yield found


@pytest.fixture(scope="module")
def started(provider: Provider) -> Iterator[MailServers]:
    """The real servers, started once."""
    try:
        with running(asked_at=f"{provider.address}/introspect") as found:
            yield found
    except NotHere as missing:
        pytest.skip(str(missing))


@pytest.fixture
def servers(started: MailServers, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> MailServers:
    """The servers with empty mailboxes, trusted by this process."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    monkeypatch.setenv("SSL_CERT_FILE", str(started.certificate))
    for who in (US, ADA):
        with started.entered(who) as box:
            box.select_folder("INBOX")
            box.delete_messages(box.search("ALL"))
            box.expunge()
    return started


def filled(servers: MailServers, **changed: str) -> dict[str, str]:
    """What a person types who connects the mailbox with its password, over connections that are secured."""
    at = {name: f"127.0.0.1:{port}" for name, port in servers.ports.items()}
    return {
        "address": US, "name": "Acme", "password": servers.passwords[US],
        "imap": f"tls://{at['imaps']}", "smtp": f"starttls://{at['submission']}", **changed,
    }  # fmt: skip


def connect(acme: Cast, servers: MailServers, **changed: str) -> Connection:
    return actions.connect(
        acme.organization, network="mail", way="password", filled=filled(servers, **changed), by=acme.carla,
        at=clock.now(),
    )  # fmt: skip


def write(servers: MailServers, text: str, *, number: int = 1, before: str = "") -> None:
    """Let Ada write to us, and wait until it is there."""
    there = len(servers.mails_of(US))
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = f"Ada <{ADA}>", US, "Leak"
    message["Message-ID"], message["Date"] = f"<{number}@example.org>", clock.now()
    if before:
        message["In-Reply-To"] = before.rsplit(maxsplit=1)[-1]
        message["References"] = before
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", servers.ports["relay"], timeout=20) as post:
        post.send_message(message)
    servers.waits_for(US, there + 1)


def poll_again() -> None:
    Source.objects.update(next_poll_at=clock.now(), lease_until=None)
    with acting_for(None):
        polling.poll_due(clock.now())
    assert not Poll.objects.exclude(problem="").exists()


def deliver() -> None:
    with acting_for(None):
        assert outbox.deliver_next(now=clock.now)


def answer(acme: Cast, sign_in: Any, row: Assignment, text: str) -> Reply:
    rosa = sign_in(acme.rosa)
    rosa.post(f"/o/acme/queue/{row.pk}/claim/")
    channel = Connection.objects.get().channels.get()
    rosa.post(f"/o/acme/queue/{row.pk}/reply/", {"text": text, "channel": channel.pk})
    return Reply.objects.latest("pk")


def outgoing(**changed: Any) -> OutgoingReply:
    said = {"key": "one", "to": "1@example.org", "text": "Hello.", "author": RemoteAuthor(id=ADA, handle=ADA)}
    return OutgoingReply(**said | changed)


def test_heard_answered_seen_and_heard_again_in_its_thread(acme: Cast, sign_in: Any, servers: MailServers) -> None:
    connect(acme, servers)
    RoutingRule.objects.create(name="All", department=acme.care)
    write(servers, "My kettle leaks.")
    poll_again()
    mention = Mention.objects.get()
    assert mention.post.text == "My kettle leaks."
    with servers.entered(US) as box:
        box.select_folder("INBOX", readonly=True)
        assert box.search("SEEN") == [], "nothing is marked as read"
    sent = answer(acme, sign_in, Assignment.objects.get(), "A new seal is on its way.\n.\nReally.")
    deliver()
    sent.refresh_from_db()
    assert sent.state == Reply.State.ACCEPTED, sent.problem
    [raw] = servers.waits_for(ADA, 1)
    seen = message_from_bytes(raw, policy=policy.default)
    assert (seen["From"], seen["Subject"], seen["In-Reply-To"]) == (f"Acme <{US}>", "Re: Leak", "<1@example.org>")
    assert seen["Message-ID"] == f"<{sent.remote_id}>"
    assert seen.get_content().split() == ["A", "new", "seal", "is", "on", "its", "way.", ".", "Really."]  # type: ignore[attr-defined]

    servers.waits_for(US, 2)  # the copy to ourselves
    write(
        servers, "Thank you!\n\n> A new seal is on its way.\n", number=2, before=f"<1@example.org> {seen['Message-ID']}"
    )
    poll_again()
    words = [found.post.text for found in Mention.objects.order_by("pk")]
    assert words == ["My kettle leaks.", "Thank you!"], "ours is no mention, and what she quotes is not hers"
    assert len({found.post.conversation for found in Mention.objects.all()}) == 1


def test_new_numbers_lose_and_double_nothing(acme: Cast, servers: MailServers) -> None:
    connect(acme, servers)
    write(servers, "First.")
    poll_again()
    before = Source.objects.get().cursor
    servers.number_anew(US)
    write(servers, "Second.", number=2)
    poll_again()
    after = Source.objects.get()
    assert after.cursor["validity"] != before["validity"]
    assert [found.post.text for found in Mention.objects.order_by("pk")] == ["First.", "Second."]
    assert not Poll.objects.filter(gap=True).exists()
    with servers.entered(US) as box:
        box.select_folder("INBOX")
        box.delete_messages(box.search("ALL"))
        box.expunge()
    servers.number_anew(US)
    write(servers, "Third.", number=3)
    poll_again()
    assert Mention.objects.count() == 3 and Poll.objects.latest("pk").gap, "the last that was read has gone"


def test_a_new_mail_gives_a_sign(acme: Cast, servers: MailServers) -> None:
    access = access_through(connect(acme, servers), at=clock.now())

    async def first_sign() -> None:
        signs = network.hints(access, "INBOX")
        heard = asyncio.ensure_future(anext(signs))
        await asyncio.wait_for(heard, 10)  # the line is open
        later = asyncio.ensure_future(anext(signs))
        await asyncio.to_thread(write, servers, "Now.")
        await asyncio.wait_for(later, 10)
        await signs.aclose()  # type: ignore[attr-defined]

    asyncio.run(first_sign())


def test_what_is_wrong_is_said(acme: Cast, servers: MailServers, monkeypatch: pytest.MonkeyPatch) -> None:
    relay = servers.ports["relay"]
    with pytest.raises(ValidationError, match=rf"nobody to sign in on port {relay}.*nobody@127\.0\.0\.1:{relay}"):
        connect(acme, servers, smtp=f"none://127.0.0.1:{relay}")
    with pytest.raises(ValidationError, match="app password"):
        connect(acme, servers, password="wrong")
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ValidationError, match=r"certificate of 127\.0\.0\.1 is not valid"):
        connect(acme, servers)
    assert not Connection.objects.exists()


def test_a_server_that_lets_its_own_in_is_asked_for_nothing(acme: Cast, servers: MailServers) -> None:
    made = connect(acme, servers, smtp=f"starttls://nobody@127.0.0.1:{servers.ports['relay']}")
    access = access_through(made, at=clock.now())
    took = network.reply(access, outgoing())
    servers.waits_for(US, 1)
    assert network.find_reply(access, outgoing()) == took and len(servers.waits_for(ADA, 1)) == 1


def signed_in(acme: Cast, sign_in: Any, servers: MailServers, provider: Provider) -> Connection:
    """Sign in at the provider in the browser, and come back with a token."""
    carla = sign_in(acme.carla)
    asked = {name: value for name, value in filled(servers).items() if name != "password"} | CLIENT
    asked |= {"authorize": f"{provider.address}/authorize", "token": f"{provider.address}/token", "scope": SCOPE}
    typed = {f"asked_{name}": value for name, value in asked.items()} | {"speaks": "on", "listens": "on"}
    answer = carla.post("/o/acme/connections/add/mail/own-provider/", typed)
    leads = unescape(answer.headers["Refresh"].partition("url=")[2])
    back = urlsplit(httpx.get(leads).headers["location"])
    page = carla.get(f"{back.path}?{back.query}", follow=True).content.decode()
    assert "is connected." in page and CLIENT["client_secret"] not in page
    return Connection.objects.get()


def test_signing_in_by_token_reads_and_answers(
    acme: Cast, sign_in: Any, servers: MailServers, provider: Provider
) -> None:
    made = signed_in(acme, sign_in, servers, provider)
    kept = unsealed(made.sealed)
    assert "password" not in kept and kept["token"] in provider.tokens and kept["refresh_token"] in provider.refreshes
    RoutingRule.objects.create(name="All", department=acme.care)
    write(servers, "My kettle leaks.")
    poll_again()
    sent = answer(acme, sign_in, Assignment.objects.get(), "Soon.")
    # The token runs out before its time: the answer waits for a new one, and goes out once.
    provider.end_tokens()
    deliver()
    sent.refresh_from_db()
    assert sent.state == Reply.State.READY and [one.outcome for one in sent.deliveries.all()] == ["expired"]
    Connection.objects.update(check_due_at=clock.now())
    assert tend_due(now=clock.now) == 1
    Reply.objects.update(next_attempt_at=clock.now())
    deliver()
    sent.refresh_from_db()
    assert sent.state == Reply.State.ACCEPTED and len(servers.waits_for(ADA, 1)) == 1
    assert unsealed(Connection.objects.get().sealed)["token"] != kept["token"]


@pytest.mark.django_db(transaction=True)
def test_one_worker_at_a_time_gets_the_new_token(
    acme: Cast, sign_in: Any, servers: MailServers, provider: Provider
) -> None:
    signed_in(acme, sign_in, servers, provider)
    before = provider.asked["refresh_token"]
    Connection.objects.update(renew_due_at=clock.now() - timedelta(seconds=1))

    def work() -> None:
        with acting_for(None):
            tend_due(now=clock.now)
        database.close()

    workers = [threading.Thread(target=work) for _worker in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert provider.asked["refresh_token"] == before + 1 and not provider.is_stolen
    row = Connection.objects.get()
    assert row.state == "works" and unsealed(row.sealed)["refresh_token"] in provider.refreshes
    network.check(access_through(row, at=clock.now()))


def test_an_access_that_was_taken_back_is_told(
    acme: Cast, sign_in: Any, servers: MailServers, provider: Provider
) -> None:
    made = signed_in(acme, sign_in, servers, provider)
    provider.end_all()
    for _time in range(2):
        Connection.objects.update(check_due_at=clock.now(), lease_until=None)
        tend_due(now=clock.now)
    made.refresh_from_db()
    assert made.state == "withdrawn" and "Gone." in made.problem


def test_the_servers_are_what_the_certificate_says(servers: MailServers) -> None:
    context = ssl.create_default_context()
    with smtplib.SMTP("127.0.0.1", servers.ports["submission"], timeout=20) as post:
        post.starttls(context=context)
        post.ehlo()
        assert {"PLAIN", "XOAUTH2"} <= set(post.esmtp_features["auth"].split())


class MailThere:
    """Both servers, and a line for sending that breaks off."""

    name, network, asks_as = "mail", "E-mail (dovecot and postfix)", ADA

    def __init__(self, acme: Cast, servers: MailServers, line: LossyPost) -> None:
        self.acme, self.servers, self.line = acme, servers, line

    @property
    def lost(self) -> Counter[str]:
        return self.line.lost

    def channel(self) -> Channel:
        made = connect(self.acme, self.servers, imap=f"none://127.0.0.1:{self.servers.ports['imap']}",
                       smtp=f"none://127.0.0.1:{self.line.port}")  # fmt: skip
        return made.channels.get()

    def ask(self, count: int) -> Sequence[str]:
        return [f"{number}@example.org" for number in range(count)]

    def lose(self, share: float, requests: float) -> None:
        self.line.decide = losing(share, requests)

    def answers(self) -> Mapping[str, Sequence[str]]:
        self.line.rest()
        self.servers.rest()
        found: dict[str, list[str]] = {}
        for raw in self.servers.mails_of(ADA):
            seen = message_from_bytes(raw, policy=policy.default)
            found.setdefault(str(seen["In-Reply-To"]).strip("<>"), []).append(str(seen["Message-ID"]).strip("<>"))
        return found


@pytest.mark.django_db(transaction=True)
def test_none_of_many_deliveries_is_lost_or_doubled_though_workers_are_killed(acme: Cast, servers: MailServers) -> None:
    with LossyPost(servers.ports["submission"], lambda: "") as line:
        deliver_all(acme, MailThere(acme, servers, line), DELIVERIES, random.Random(8))
