"""Mail in: stored as it came under a key of its own, then read by a worker, each once.

What can be read goes to the organization whose it is; what belongs to none, or cannot be read, stays with the reason
for whoever runs the installation. Nothing is thrown away.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from engagement import housekeeping
from engagement.actions.received import keep_received
from engagement.consult_tokens import is_reply_token, request_key
from engagement.letters import Letter, key_of, read_letter
from engagement.models import ConsultRequest, IncomingMail
from roles.models import Organization
from roles.tenancy import acting_for

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 5
LARGEST = 25 * 2**20


class TooLarge(ValueError):
    """The mail is larger than any answer; the mail server is told so and tells the sender."""


def store(raw: bytes, *, sender: str | None, recipient: str, at: datetime) -> bool:
    """Keep a mail as it came; returns whether it is new."""
    if len(raw) > LARGEST:
        raise TooLarge(_("The mail is larger than %(most)s MB.") % {"most": LARGEST // 2**20})
    row = IncomingMail(
        key=key_of(raw), raw=raw, sender=None if sender is None else sender[:320], recipient=recipient[:320],
        received_at=at,
    )  # fmt: skip
    before = IncomingMail.objects.filter(key=row.key).exists()
    IncomingMail.objects.bulk_create([row], ignore_conflicts=True)
    return not before


def take_next(*, at: datetime, after: int = 0) -> int | None:
    """Read one mail that nobody has read, with a key beyond `after`; returns its key, None where there is none."""
    with transaction.atomic():
        waiting = IncomingMail.objects.select_for_update(skip_locked=True).filter(processed_at=None, pk__gt=after)
        row = waiting.order_by("pk").first()
        if row is None:
            return None
        try:
            with transaction.atomic():
                row.problem = _place(row, at=at)
        except Exception as problem:
            log.exception("A mail could not be read; it is kept as number %s.", row.pk)
            row.attempts += 1
            row.problem = str(problem)[:500]
        if row.attempts in {0, MOST_ATTEMPTS}:
            row.processed_at = at
        row.save(update_fields=["attempts", "problem", "processed_at"])
        return row.pk


def _place(row: IncomingMail, *, at: datetime) -> str:
    """Give the mail to its organization; returns why it has none."""
    letter = read_letter(bytes(row.raw), sender=row.sender, recipient=row.recipient)
    request = _request_in(letter)
    organization = request.organization if request is not None else _organization_of(letter)
    if organization is None:
        return _("Nothing in it says for which organization it is.")
    with acting_for(organization):
        keep_received(row, letter, request=request, at=at)
    return ""


def _request_in(letter: Letter) -> ConsultRequest | None:
    """The request whose token the mail carries, if we gave it out."""
    for token in letter.tokens:
        request = housekeeping.request_of(request_key(token))
        if request is not None and is_reply_token(token, request):
            return request
    return None


def _organization_of(letter: Letter) -> Organization | None:
    """Where the sender is a member, if that is one place only."""
    found = housekeeping.organizations_of(letter.sender) if letter.sender else []
    return found[0] if len(found) == 1 else None
