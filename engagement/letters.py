"""Read a mail: who wrote it, to which address, what in their own words, and whether a machine did."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import getaddresses

from engagement.consult_tokens import REPLY_TOKEN
from listening.networks.mail.message import body_of, is_automatic, read_message, storable, values_of
from listening.networks.mail.own_words import own_words

_IN_ADDRESS = re.compile(rf"\+({REPLY_TOKEN.pattern})@")
_IN_MESSAGE_ID = re.compile(rf"touchline\.\d+\.\d+\.({REPLY_TOKEN.pattern})@")
_ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")


@dataclass(frozen=True)
class Letter:
    """What a mail says of itself; `tokens` are candidates, the likeliest first."""

    sender: str
    subject: str
    text: str
    whole: str
    tokens: tuple[str, ...]
    is_automatic: bool


def key_of(raw: bytes) -> str:
    """Return the same key for the same mail, by whatever way and however often it comes."""
    head, _gap, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    message = message_from_bytes(head + b"\n\n")
    named = "\n".join(str(message.get(name, "")).strip() for name in ("Message-ID", "From", "Date"))
    own = hashlib.sha256(named.encode("utf-8", "surrogateescape"))
    own.update(body.strip())
    return own.hexdigest()


def read_letter(raw: bytes, *, sender: str | None, recipient: str) -> Letter:
    """Read a mail with its envelope; an empty envelope sender is a bounce, None is one that nobody told."""
    message = read_message(raw)
    authors = [address for _name, address in getaddresses(values_of(message, "From")) if address]
    whole = body_of(message)
    return Letter(
        # Who signs with several addresses is nobody.
        sender=storable(authors[0].strip().lower())[:320] if len(authors) == 1 else "",
        subject=" ".join(storable("".join(values_of(message, "Subject"))).split())[:300],
        text=own_words(whole),
        whole=whole,
        tokens=_tokens(message, recipient),
        is_automatic=is_automatic(message, sender=sender),
    )


def _tokens(message: EmailMessage, recipient: str) -> tuple[str, ...]:
    addresses = " ".join([recipient, *(value for name in _ADDRESSED for value in values_of(message, name))]).lower()
    answered = " ".join(values_of(message, "In-Reply-To")).lower()
    before = " ".join(values_of(message, "References")).lower()
    found = _IN_ADDRESS.findall(addresses) + _IN_MESSAGE_ID.findall(answered) + _IN_MESSAGE_ID.findall(before)[::-1]
    return tuple(dict.fromkeys(found))[:20]
