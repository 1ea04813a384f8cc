"""From the bytes of a mail to posts: the mail itself, or the pages that an alert tells of."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from listening.networks.mail.alerts import finds_in, is_alert
from listening.networks.mail.message import (
    addresses_in,
    attachments_of,
    body_of,
    is_automatic,
    markup_of,
    read_message,
    storable,
    values_of,
)
from listening.networks.mail.own_words import own_words
from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.words import _

_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")
LONGEST_TITLE = 500


def parse(raw: bytes, *, received_at: datetime | None = None) -> list[RemotePost]:
    """Read one mail; `received_at` is when the mailbox took it, for mails that do not say when they were written."""
    message = read_message(raw)
    people = addresses_in(message, "From")
    name, address = people[0] if people else ("", "")
    own_id = message_id(message) or _made_up(raw)
    problems = [] if message_id(message) else [_("It has no Message-ID, so one was made from its content.")]
    written_at = _date(message)
    if written_at is None:
        problems.append(_("It does not say when it was written; the mailbox's time was taken."))
    at = written_at or received_at
    if is_alert(address) and _is_who_it_says(message) and (finds := finds_in(markup_of(message))):
        return [
            RemotePost(
                id=_short(f"{own_id}#{find.url}"),
                text=find.text,
                title=find.title,
                url=find.url[:4000],
                published_at=at,
            )
            for find in finds
        ]
    if is_automatic(message):
        problems.append(_("A program sent it."))
    text = own_words(body_of(message))
    attached = attachments_of(message)
    if attached:
        text = f"{text}\n\nAttached: {', '.join(attached)}".strip()
    answered, thread = _thread(message)
    return [
        RemotePost(
            id=own_id,
            text=text,
            title=" ".join(storable("".join(values_of(message, "Subject"))).split())[:LONGEST_TITLE],
            author=RemoteAuthor(id=address, handle=address, name=name[:300]),
            published_at=at,
            language=_language(message),
            in_reply_to=answered,
            conversation=thread if answered else own_id,
            addressed_to=tuple(dict.fromkeys(found for _name, found in addresses_in(message, "To", "Cc")))[:50],
            problems=tuple(problems),
        )
    ]


def _is_who_it_says(message: EmailMessage) -> bool:
    """Whether the mailbox's own server, where it says something of the kind, found the sender to be true."""
    said = values_of(message, "Authentication-Results")
    return not said or bool(re.search(r"\b(?:dkim|dmarc)\s*=\s*pass\b", said[0], re.IGNORECASE))


def message_id(message: EmailMessage) -> str:
    """The mail's own Message-ID, without its brackets."""
    found = _MESSAGE_ID.search(" ".join(values_of(message, "Message-ID")))
    return storable(found.group(1)) if found else ""


def _thread(message: EmailMessage) -> tuple[str, str]:
    """The mail that this one answers, and the first of the thread; nothing where only the answered one is named."""
    line = _MESSAGE_ID.findall(storable(" ".join(values_of(message, "References"))))
    answered = _MESSAGE_ID.findall(storable(" ".join(values_of(message, "In-Reply-To"))))[:1] or line[-1:]
    first = [one for one in line if one not in answered][:1] or line[:1]
    return "".join(answered), "".join(first)


def _date(message: EmailMessage) -> datetime | None:
    for value in values_of(message, "Date")[:1]:
        try:
            moment = parsedate_to_datetime(value)
            # A zone of "-0000" says that none is known; such a time is in UTC.
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _language(message: EmailMessage) -> str:
    said = " ".join(values_of(message, "Content-Language")).split(",")[0].strip()
    return said.split("-")[0].lower() if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", said) else ""


def _made_up(raw: bytes) -> str:
    return hashlib.sha256(raw.replace(b"\r\n", b"\n").strip()).hexdigest()[:40] + "@without-id"


def _short(made: str) -> str:
    return made if len(made) <= 900 else hashlib.sha256(made.encode()).hexdigest()
