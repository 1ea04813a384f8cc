"""Read a mail: who wrote it, to which address, what in their own words, and whether a machine did."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses

import nh3

from engagement.consult_tokens import REPLY_TOKEN
from engagement.own_words import own_words

_IN_ADDRESS = re.compile(rf"\+({REPLY_TOKEN.pattern})@")
_IN_MESSAGE_ID = re.compile(rf"touchline\.\d+\.\d+\.({REPLY_TOKEN.pattern})@")
_ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr|/h\d)\b[^>]*>", re.IGNORECASE)
# What programs wrap around what is quoted.
_QUOTES = re.compile(r"<blockquote\b.*</blockquote>|<div[^>]+class=\"?gmail_quote.*", re.IGNORECASE | re.DOTALL)
LONGEST = 200_000


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
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    authors = [address for _name, address in getaddresses(_all(message, "From")) if address]
    whole = _storable(_body(message))
    return Letter(
        # Who signs with several addresses is nobody.
        sender=_storable(authors[0].strip().lower())[:320] if len(authors) == 1 else "",
        subject=" ".join(_storable("".join(_all(message, "Subject"))).split())[:300],
        text=own_words(whole),
        whole=whole,
        tokens=_tokens(message, recipient),
        is_automatic=_is_automatic(message, sender),
    )


def _all(message: EmailMessage, name: str) -> list[str]:
    """All values of a header; one that cannot be read is not there."""
    try:
        return [str(value) for value in message.get_all(name, [])]
    except Exception:  # noqa: BLE001 - the parser of headers fails in many ways on hostile ones
        return []


def _tokens(message: EmailMessage, recipient: str) -> tuple[str, ...]:
    addresses = " ".join([recipient, *(value for name in _ADDRESSED for value in _all(message, name))]).lower()
    answered = " ".join(_all(message, "In-Reply-To")).lower()
    before = " ".join(_all(message, "References")).lower()
    found = _IN_ADDRESS.findall(addresses) + _IN_MESSAGE_ID.findall(answered) + _IN_MESSAGE_ID.findall(before)[::-1]
    return tuple(dict.fromkeys(found))[:20]


def _is_automatic(message: EmailMessage, sender: str | None) -> bool:
    said = " ".join(_all(message, "Auto-Submitted")).strip().lower()
    if said and not said.startswith("no"):
        return True
    if sender == "" or any(value.strip() == "<>" for value in _all(message, "Return-Path")):
        return True
    if message.get_content_type() in {"multipart/report", "message/delivery-status"}:
        return True
    if " ".join(_all(message, "Precedence")).strip().lower() in {"bulk", "junk", "list", "auto_reply"}:
        return True
    if any(
        _all(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Failed-Recipients")
    ):
        return True
    authors = [address for _name, address in getaddresses(_all(message, "From"))]
    return any(_MACHINES.match(address) for address in authors)


def _body(message: EmailMessage) -> str:
    """The words of a mail: its plain text, else what remains of its HTML."""
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    said = _decoded(part)[:LONGEST]
    return said if part.get_content_type() == "text/plain" else _without_markup(said)


def _decoded(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError, ValueError, KeyError):  # an alphabet that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _without_markup(said: str) -> str:
    shorter = _QUOTES.sub("", said)
    broken = _BREAKS.sub("\n", shorter if shorter.strip() else said)
    return html.unescape(nh3.clean(broken, tags=set(), clean_content_tags={"script", "style", "title"}))


def _storable(text: str) -> str:
    """Without the letters that no text in the database can hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
