"""How e-mails leave: each is claimed under a lease, attempted once, and ends sent, failed or unknown.

A server that could not be reached, or that asked to come back later, has not taken the mail: it is tried again, later
and later, for two days. Where the connection broke after the mail was handed over, nobody knows; such a mail is not
sent again by itself, for everything that a mail tells of also stands in the application.
"""

from __future__ import annotations

import logging
import re
import smtplib
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from email.mime.image import MIMEImage
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.translation import gettext as _

from roles.housekeeping import claim_mail, settle_mail
from roles.links import reply_address
from roles.models import Mail
from roles.models.mail import ANSWERED, BROKE_OFF, UNREACHABLE

log = logging.getLogger(__name__)
State = Mail.State
MOST_AT_ONCE = 200
FIRST_WAIT, LONGEST_WAIT = 60.0, 4 * 3600.0
GIVEN_UP_AFTER = timedelta(days=2)
# No writer of ours puts a quotation mark into a mail that is not escaped, so only templates write this.
_PICTURE = re.compile(r'src="kept:([0-9]{1,18})"')
# Pictures of an organization by their keys, as far as they are there.
Keeper = Callable[[int, Collection[int]], Mapping[int, bytes]]
_keepers: list[Keeper] = []


def keep_pictures_with(keeper: Keeper) -> None:
    """Let an app above keep pictures, once for all mails in which they stand: those name them as `kept:` and a key."""
    _keepers[:] = [keeper]


class _WithPictures(EmailMultiAlternatives):
    """A mail whose attachments are shown in its text."""

    mixed_subtype = "related"


def send_due(*, now: Callable[[], datetime]) -> int:
    """Send the e-mails of all organizations that are due, over one connection; returns how many were sent."""
    connection: Any = None
    sent = 0
    try:
        for _turn in range(MOST_AT_ONCE):
            mail = claim_mail(now())
            if mail is None:
                break
            if not mail.member.is_active:
                settle_mail(mail, state=State.FAILED, problem=_("The member has left."), at=now())
                continue
            if connection is None:
                connection = get_connection()
            sent += _send(mail, connection, now=now)
    finally:
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.close()
    return sent


def _send(mail: Mail, connection: Any, *, now: Callable[[], datetime]) -> bool:
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as problem:
        _later(mail, UNREACHABLE % {"problem": problem}, at=now())
        return False
    try:
        connection.send_messages([_message(mail)])
    except smtplib.SMTPRecipientsRefused as problem:
        code, said = next(iter(problem.recipients.values()))
        _answered(mail, code, said, at=now())
    except smtplib.SMTPResponseException as problem:
        _answered(mail, problem.smtp_code, problem.smtp_error, at=now())
    except (OSError, smtplib.SMTPException) as problem:
        settle_mail(mail, state=State.UNKNOWN, problem=BROKE_OFF % {"problem": problem}, at=now())
    else:
        settle_mail(mail, state=State.SENT, at=now())
        return True
    with suppress(OSError, smtplib.SMTPException):
        connection.close()  # opened anew for the next
    return False


def _message(mail: Mail) -> EmailMultiAlternatives:
    # The same id at every attempt, so that a program that gets it twice can tell.
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    token = f".{mail.reply_token}" if mail.reply_token else ""
    own_id = f"<touchline.{mail.organization_id}.{mail.pk}{token}@{host}>"
    headers = {"Message-ID": own_id, "Auto-Submitted": "auto-generated"}
    if mail.reply_token and (address := reply_address(mail.reply_token)):
        headers["Reply-To"] = address
    if mail.unsubscribe_url:
        headers |= {
            "List-Unsubscribe": f"<{mail.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    html, pictures = _with_pictures(mail, own_id.strip("<>"))
    kind = _WithPictures if pictures else EmailMultiAlternatives
    message = kind(mail.subject, mail.text, None, [mail.recipient], headers=headers)
    message.attach_alternative(html, "text/html")
    for picture in pictures:
        message.attach(picture)
    return message


def _with_pictures(mail: Mail, own_id: str) -> tuple[str, list[MIMEImage]]:
    """Attach the pictures that a mail names: programs show those, and fetch nothing from elsewhere.

    Where one is there no more, its words stand for it.
    """
    pictures: list[MIMEImage] = []
    wanted = {int(key) for key in _PICTURE.findall(mail.html)}
    kept = _keepers[0](mail.organization.pk, wanted) if wanted and _keepers else {}

    def attached(found: re.Match[str]) -> str:
        if (content := kept.get(int(found[1]))) is None:
            return 'src=""'
        name = f"{len(pictures) + 1}.{own_id}"
        picture = MIMEImage(content, "png")
        picture.add_header("Content-ID", f"<{name}>")
        picture.add_header("Content-Disposition", "inline", filename=f"picture-{len(pictures) + 1}.png")
        pictures.append(picture)
        return f'src="cid:{name}"'

    return _PICTURE.sub(attached, mail.html), pictures


def _answered(mail: Mail, code: int, said: bytes | str, *, at: datetime) -> None:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    problem = ANSWERED % {"problem": f"{code}: {words}"}
    if 400 <= code < 500:
        _later(mail, problem, at=at)
    else:
        settle_mail(mail, state=State.FAILED, problem=problem, at=at)


def _later(mail: Mail, problem: str, *, at: datetime) -> None:
    if at - mail.written_at > GIVEN_UP_AFTER:
        settle_mail(mail, state=State.FAILED, problem=problem, at=at)
        return
    wait = min(FIRST_WAIT * 2.0 ** min(mail.attempts - 1, 10), LONGEST_WAIT)
    settle_mail(mail, state=State.READY, problem=problem, at=at, next_attempt_at=at + timedelta(seconds=wait))
