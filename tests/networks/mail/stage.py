"""The stage of e-mail: a strict IMAP and an SMTP server on loopback that share a mailbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import ClassVar, Self, cast

from listening.networks.connecting import Connected
from listening.networks.http import Http
from listening.networks.mail import network as mail
from listening.networks.protocols import Access, RemoteAuthor
from roles import clock
from tests.listening.networks.mail.servers import PASSWORD, mail_servers
from tests.networks.conformance.stage import Stage


class MailStage(Stage):
    """A mailbox to which Ada writes."""

    network, place = mail, "INBOX"
    author = RemoteAuthor(id="ada@example.org", handle="ada@example.org", name="Ada")
    unplayed: ClassVar[Mapping[str, str]] = {"asks_to_wait": "A mail server refuses for now, and names no time."}

    def __enter__(self) -> Self:
        self.struck = ExitStack()
        self.boxes = self.struck.enter_context(mail_servers())
        self.connected: Connected = self.network.connect(Access(http=Http(["127.0.0.1"])), *self.filled())
        return self

    def __exit__(self, *_problem: object) -> None:
        self.struck.close()

    def access(self) -> Access:
        found = self.connected
        return Access(
            http=Http(["127.0.0.1"]), credentials=found.credentials, account=found.account, server=found.server,
            facts=found.facts,
        )  # fmt: skip

    def filled(self) -> tuple[str, Mapping[str, str]]:
        return "password", {
            "address": "acme@example.org",
            "name": "Acme",
            "password": PASSWORD,
            "imap": f"none://127.0.0.1:{self.boxes.imap_port}",
            "smtp": f"none://127.0.0.1:{self.boxes.smtp_port}",
        }

    def says(self, text: str) -> str:
        number = len(self.boxes.folders["INBOX"]) + 1
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"] = "Ada <ada@example.org>", "acme@example.org"
        message["Subject"], message["Message-ID"] = "A question", f"<{number}@example.org>"
        message["Date"] = clock.now()
        message.set_content(text)
        self.boxes.put(message.as_bytes())
        return f"{number}@example.org"

    def answers_to(self, post: str) -> Sequence[str]:
        found = [message_from_bytes(raw, policy=policy.default) for _from, _to, raw in self.boxes.taken]
        return [cast(EmailMessage, one).get_content().strip() for one in found if one["In-Reply-To"] == f"<{post}>"]

    def loses_next_answer(self) -> None:
        self.boxes.lose_next_answer = True

    def is_out_of_order(self) -> None:
        self.boxes.busy = "NO [UNAVAILABLE] Temporary failure"

    def withdraws_access(self) -> None:
        self.boxes.password = "another"
