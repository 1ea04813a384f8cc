"""A small strict IMAP server and an SMTP server on loopback that share a mailbox; they keep state and can misbehave."""

from __future__ import annotations

import asyncio
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

PASSWORD = "very secret"
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass
class Stored:
    """One mail in a folder."""

    uid: int
    raw: bytes
    at: datetime


@dataclass
class Mailboxes:
    """What both servers share: folders, what was taken, and how they are to behave next."""

    validity: int = 7
    folders: dict[str, list[Stored]] = field(default_factory=lambda: {"INBOX": [], "Sent": []})
    # The last number that was given in each folder: it stands when mails are deleted.
    given: dict[str, int] = field(default_factory=lambda: {"INBOX": 0, "Sent": 0})
    password: str = PASSWORD
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    lose_next_answer: bool = False
    answer_to_data: str = ""
    busy: str = ""
    commands: list[str] = field(default_factory=list)
    imap_port: int = 0
    smtp_port: int = 0
    changed: threading.Event = field(default_factory=threading.Event)
    idling: threading.Event = field(default_factory=threading.Event)

    def put(self, raw: bytes, folder: str = "INBOX", *, at: datetime | None = None) -> int:
        """Store a mail; returns its number."""
        self.given[folder] += 1
        self.folders[folder].append(Stored(self.given[folder], raw, at or datetime.now(UTC)))
        self.changed.set()
        return self.given[folder]

    def number_anew(self) -> None:
        """Give every mail another number under another validity."""
        self.validity += 1
        for folder, mails in self.folders.items():
            for place, mail in enumerate(mails):
                mail.uid = 1000 + place
            self.given[folder] = 999 + len(mails)

    def lay_back(self, count: int) -> None:
        """Lay back a copy of the inbox that had so many mails, under the same validity, as a careless host does."""
        del self.folders["INBOX"][count:]
        self.given["INBOX"] = count


class _Session(socketserver.StreamRequestHandler):
    boxes: Mailboxes

    def say(self, line: str | bytes) -> None:
        self.wfile.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def handle(self) -> None:
        self.folder = ""
        self.entered = False
        self.say("* OK [CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN] ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().rstrip("\r\n").partition(" ")
            while literal := re.search(r"\{(\d+)\}$", rest):
                self.say("+ go on")
                rest = rest[: literal.start()] + '"' + self.rfile.read(int(literal.group(1))).decode() + '"'
                rest += self.rfile.readline().decode().rstrip("\r\n")
            name, _, told = rest.removeprefix("UID ").partition(" ")
            self.boxes.commands.append(
                rest.split(" ")[0] if not rest.startswith("UID ") else " ".join(rest.split()[:2])
            )
            done: Callable[[str], str] | None = getattr(self, f"on_{name.lower()}", None)
            if done is None or (not self.entered and name.upper() not in {"LOGIN", "CAPABILITY", "LOGOUT"}):
                self.say(f"{tag} BAD not now")
                continue
            self.tag = tag
            self.say(f"{tag} {done(told)}")
            if name.upper() == "LOGOUT":
                return

    def on_capability(self, _told: str) -> str:
        self.say("* CAPABILITY IMAP4rev1 IDLE")
        return "OK done"

    def on_login(self, told: str) -> str:
        words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', told)
        self.entered = (words[1][0] or words[1][1]) == self.boxes.password
        if self.boxes.busy:
            return self.boxes.busy
        return "OK entered" if self.entered else "NO [AUTHENTICATIONFAILED] wrong"

    def on_list(self, told: str) -> str:
        wanted = told.rpartition(" ")[2].strip('"')
        for name in self.boxes.folders:
            if wanted in {"*", name}:
                flags = "\\HasNoChildren \\Sent" if name == "Sent" else "\\HasNoChildren"
                self.say(f'* LIST ({flags}) "/" "{name}"')
        return "OK done"

    def on_examine(self, told: str) -> str:
        self.folder = told.strip('"')
        mails = self.boxes.folders[self.folder]
        self.say(f"* {len(mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.boxes.validity}] as numbered")
        self.say(f"* OK [UIDNEXT {self.boxes.given[self.folder] + 1}] next")
        return "OK [READ-ONLY] open"

    def on_search(self, told: str) -> str:
        mails = self.boxes.folders[self.folder]
        if found := re.match(r"UID (\d+):\*", told):
            first = int(found.group(1))
            # As the protocol has it: the last mail is always among them.
            numbers = [mail.uid for mail in mails if mail.uid >= first or mail is mails[-1]]
        elif found := re.match(r"SINCE (\d\d)-(\w{3})-(\d{4})", told):
            day = datetime(int(found.group(3)), _MONTHS.index(found.group(2)) + 1, int(found.group(1)), tzinfo=UTC)
            numbers = [mail.uid for mail in mails if mail.at >= day]
        elif found := re.match(r'HEADER "?Message-ID"? "?([^"]+)"?', told):
            numbers = [mail.uid for mail in mails if found.group(1) in str(message_from_bytes(mail.raw)["Message-ID"])]
        else:
            return "BAD what?"
        self.say("* SEARCH " + " ".join(map(str, numbers)))
        return "OK done"

    def on_fetch(self, told: str) -> str:
        numbers, _, wanted = told.partition(" ")
        if wanted == "(RFC822.SIZE)":
            sizes = {mail.uid: len(mail.raw) for mail in self.boxes.folders[self.folder]}
            for place, (uid, size) in enumerate(sizes.items(), start=1):
                self.say(f"* {place} FETCH (UID {uid} RFC822.SIZE {size})")
            return "OK done"
        assert "BODY.PEEK[]<0." in wanted, "reading must not mark anything as read"
        most = int(re.search(r"<0\.(\d+)>", wanted).group(1))  # type: ignore[union-attr]
        asked = {int(one) for part in numbers.split(",") for one in _spread(part)}
        for place, mail in enumerate(self.boxes.folders[self.folder], start=1):
            if mail.uid in asked:
                raw = mail.raw[:most]
                when = f"{mail.at.day:02d}-{_MONTHS[mail.at.month - 1]}-{mail.at:%Y %H:%M:%S} +0000"
                head = f'* {place} FETCH (UID {mail.uid} INTERNALDATE "{when}" RFC822.SIZE {len(mail.raw)} BODY[]<0> '
                self.say(head.encode() + b"{%d}\r\n" % len(raw) + raw + b")")
        return "OK done"

    def on_idle(self, _told: str) -> str:
        self.say("+ idling")
        self.boxes.changed.clear()
        self.boxes.idling.set()
        self.request.settimeout(0.05)
        while True:
            if self.boxes.changed.is_set():
                self.boxes.changed.clear()
                self.say(f"* {len(self.boxes.folders[self.folder])} EXISTS")
            try:
                if self.request.recv(100):
                    break
            except TimeoutError:
                continue
        self.request.settimeout(None)
        return "OK done"

    def on_logout(self, _told: str) -> str:
        self.say("* BYE")
        return "OK done"


def _spread(part: str) -> range:
    first, _, last = part.partition(":")
    return range(int(first), int(last or first) + 1)


class _Taking:
    """Takes mails as an SMTP server does; our own address is delivered into the inbox."""

    def __init__(self, boxes: Mailboxes) -> None:
        self.boxes = boxes

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.boxes.refused:
            return self.boxes.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        if self.boxes.answer_to_data:
            return self.boxes.answer_to_data
        self.boxes.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if envelope.mail_from in envelope.rcpt_tos:
            self.boxes.put(envelope.content)
        if self.boxes.lose_next_answer:
            self.boxes.lose_next_answer = False
            server.transport.abort()
            await asyncio.sleep(0)
        return "250 OK"


@contextmanager
def mail_servers() -> Iterator[Mailboxes]:
    """Serve IMAP and SMTP for one mailbox."""
    boxes = Mailboxes()
    session = type("Session", (_Session,), {"boxes": boxes})

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address, daemon_threads = True, True

    def enter(_server: Any, _session: Any, _envelope: Any, _mechanism: str, told: Any) -> AuthResult:
        assert isinstance(told, LoginPassword)
        return AuthResult(success=told.password.decode() == boxes.password, handled=False)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        boxes.smtp_port = probe.getsockname()[1]
    post = Controller(
        _Taking(boxes),
        hostname="127.0.0.1",
        port=boxes.smtp_port,
        authenticator=enter,
        auth_require_tls=False,
        auth_required=True,
    )
    with Server(("127.0.0.1", 0), session) as imap:
        thread = threading.Thread(target=imap.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        post.start()
        boxes.imap_port = imap.server_address[1]
        try:
            yield boxes
        finally:
            post.stop(no_assert=True)
            imap.shutdown()
