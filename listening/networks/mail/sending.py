"""Answer a mail: one attempt under a Message-ID chosen before, with a copy to ourselves by which it is found."""

from __future__ import annotations

import re
import smtplib
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from listening.networks.mail.box import find, sent_folders
from listening.networks.mail.wire import post_office
from listening.networks.protocols import Accepted, Access, OutgoingReply, RateLimited, Refused, Unreachable, Unreadable
from listening.networks.words import _

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]+@[^\s@<>\"(),:;\\\[\]]+")
WAIT_AFTER_A_DELAY = 300.0


def message_id_of(access: Access, outgoing: OutgoingReply) -> str:
    """The Message-ID that this reply has, whenever it is sent; without brackets."""
    domain = access.account.handle.rpartition("@")[2] or "touchline.invalid"
    return f"touchline.{re.sub(r'[^A-Za-z0-9._-]', '-', outgoing.key)}@{domain}"


def written(access: Access, outgoing: OutgoingReply) -> EmailMessage:
    """The mail that goes out: to whoever wrote, in the thread, under its own id and date."""
    to = outgoing.author.handle or outgoing.author.id
    if not _ADDRESS.fullmatch(to):
        raise Refused(_("The mail names no address that could be answered."))
    message = EmailMessage(policy=SMTP)
    ours = access.account
    message["From"] = Address(display_name=ours.name, addr_spec=ours.handle)
    message["To"] = Address(display_name=" ".join(outgoing.author.name.split()), addr_spec=to)
    title = " ".join(outgoing.title.split())
    message["Subject"] = title if re.match(r"(?i)(?:re|aw|sv|antw)\s*:", title) else f"Re: {title}".strip()
    message["Date"] = format_datetime((outgoing.at or datetime.now(UTC)).astimezone(UTC))
    message["Message-ID"] = f"<{message_id_of(access, outgoing)}>"
    before = [one for one in dict.fromkeys((outgoing.conversation, outgoing.to)) if _is_an_id(one)]
    if before:
        message["In-Reply-To"] = f"<{before[-1]}>"
        message["References"] = " ".join(f"<{one}>" for one in before)
    if outgoing.language:
        message["Content-Language"] = outgoing.language
    message.set_content(outgoing.text.rstrip() + "\n")
    return message


def _is_an_id(text: str) -> bool:
    return bool(re.fullmatch(r"[^<>\s]{1,900}", text)) and not text.endswith("@without-id")


def reply(access: Access, outgoing: OutgoingReply) -> Accepted:
    """Hand the mail over once. Until the last of it has gone, whatever happens means that it was not taken."""
    if not outgoing.text.strip():
        raise Refused(_("An empty mail cannot be sent."))
    try:
        message = written(access, outgoing)
        whole, to = message.as_bytes(), str(message["To"].addresses[0].addr_spec)
        to.encode("ascii")
    except (ValueError, MessageError) as problem:
        raise Refused(_("This address or this text cannot be written into a mail.")) from problem
    with post_office(access) as office:
        _address(office, access.account.handle, to)
        _hand_over(office, whole)
    return Accepted(id=message_id_of(access, outgoing))


def _address(office: smtplib.SMTP, ours: str, to: str) -> None:
    try:
        _agreed(office.mail(ours), ours)
        _agreed(office.rcpt(to), to)
        # A copy to ourselves: what lies in our inbox was surely taken, and a lost answer can be made good by a look.
        office.rcpt(ours)
    except (smtplib.SMTPException, OSError) as problem:
        raise RateLimited(_("The mail server broke off before it had the mail."), wait=60) from problem


def _agreed(answer: tuple[int, bytes], whom: str) -> None:
    code, words = answer
    said = " ".join(words.decode("utf-8", "replace").split())[:200]
    if code // 100 == 4:
        raise RateLimited(
            _("The mail server cannot take mail for %(whom)s just now: %(said)s", whom=whom, said=said),
            wait=WAIT_AFTER_A_DELAY,
        )
    if code // 100 != 2:
        raise Refused(_("The mail server refuses %(whom)s: %(said)s", whom=whom, said=said))


def _hand_over(office: smtplib.SMTP, whole: bytes) -> None:
    try:
        code, words = office.docmd("data")
    except (smtplib.SMTPException, OSError) as problem:
        raise RateLimited(_("The mail server broke off before it had the mail."), wait=60) from problem
    if code != 354:
        _agreed((code if code // 100 != 2 else 554, words), _("this mail"))
    lines = re.sub(rb"(?m)^\.", b"..", re.sub(rb"(?:\r\n|\n|\r(?!\n))", b"\r\n", whole))
    try:
        office.send(lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        answer = office.getreply()
    except (smtplib.SMTPException, OSError) as problem:
        raise Unreachable(_("The mail server broke off while it had the mail.")) from problem
    if answer[0] // 100 not in {2, 4, 5}:
        raise Unreachable(_("The mail server answered in a way that says nothing, after it had the mail."))
    _agreed(answer, _("this mail"))


def find_reply(access: Access, outgoing: OutgoingReply) -> Accepted | None:
    """Look in our own mailbox for the copy of the mail with this key.

    Raises Unreadable where it is not there: a mail may be kept back on its way to us, so that proves nothing.
    """
    wanted = message_id_of(access, outgoing)
    if not find(access, wanted, sent_folders(access)):
        raise Unreadable(_("The mail is not in our own mailbox, or not yet; nobody can tell whether it arrived."))
    return Accepted(id=wanted)
