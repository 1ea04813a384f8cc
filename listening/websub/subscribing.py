"""Ask hubs to tell us what is new, see to it that they mean us, and renew what runs out."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from listening.models import Source, Subscription
from listening.networks.http import Bounds, Http
from listening.networks.protocols import NetworkError
from listening.websub import housekeeping
from roles.tenancy import acting_for

log = logging.getLogger(__name__)
State = Subscription.State
# As they are kept; whoever reads them reads their own language (`listening.translating`).
_REFUSES, _NO_REASON = gettext_noop("The hub refuses (%(status)s)."), gettext_noop("The hub gave no reason.")
WANTED_DAYS = 10
LONGEST_LEASE = timedelta(days=30)
SHORTEST_LEASE = timedelta(minutes=5)
# A hub that does not confirm, or fails, is asked again after so long, then later and later.
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=10), timedelta(days=3)
DENIED_RETRY = timedelta(days=7)


def can_be_called() -> bool:
    """Whether hubs can reach this installation: it must have an address that others can open."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    return settings.WEBSUB and (bool(settings.FETCH_ALLOWED_PRIVATE_HOSTS) or host not in {"127.0.0.1", "localhost"})


def callback(row: Subscription) -> str:
    """Return the address that the hub calls; nobody can guess it."""
    return f"{settings.SITE_URL}/websub/{row.key}/"


def ask_due(at: datetime) -> int:
    """Ask the hubs of all organizations whose turn it is; returns how many."""
    if not can_be_called():
        return 0
    housekeeping.follow_offers(at)
    due = housekeeping.claim_due(at)
    http = Http(settings.FETCH_ALLOWED_PRIVATE_HOSTS, settings.FETCH_CONTACT_URL, Bounds(total=10, redirects=0))
    for row in due:
        with acting_for(row.organization):
            _ask(row, http, at=at)
    return len(due)


def _ask(row: Subscription, http: Http, *, at: datetime) -> None:
    asked = {
        "hub.mode": "subscribe",
        "hub.topic": row.topic,
        "hub.callback": callback(row),
        "hub.secret": row.secret,
        "hub.lease_seconds": str(WANTED_DAYS * 86_400),
    }
    try:
        answer = http.request(
            "POST", row.hub, body=urlencode(asked).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        problem = "" if 200 <= answer.status < 300 else _REFUSES % {"status": answer.status}
    except NetworkError as error:
        problem = str(error)
    with transaction.atomic():
        now = Subscription.objects.select_for_update().filter(pk=row.pk).first()
        if now is None:
            return
        # The hub may have confirmed before its answer arrived: what it confirmed stands.
        confirmed = now.state == State.ACTIVE and now.lease_until != row.lease_until
        if problem or not confirmed:
            now.failures_in_row += 1
            wait = min(FIRST_RETRY * 2 ** min(now.failures_in_row - 1, 12), LONGEST_RETRY)
            now.next_attempt_at = at + wait
        if problem:
            now.problem = problem[:300]
        elif now.state in {State.WANTED, State.DENIED}:
            now.state, now.problem = State.ASKED, ""
        now.save(update_fields=["state", "problem", "failures_in_row", "next_attempt_at"])


@transaction.atomic
def confirm(row: Subscription, *, mode: str, topic: str, lease: str, reason: str, at: datetime) -> bool:
    """Answer a hub that asks whether we meant it; only what we asked for is confirmed."""
    now = Subscription.objects.select_for_update(of=("self",)).select_related("source").filter(pk=row.pk).first()
    if now is None or topic != now.topic:
        return False
    if mode == "denied":
        now.state, now.problem = State.DENIED, (reason or _NO_REASON)[:300]
        now.next_attempt_at = at + DENIED_RETRY
        now.save(update_fields=["state", "problem", "next_attempt_at"])
        return True
    if mode != "subscribe" or now.source.state != Source.State.ACTIVE:
        return False
    seconds = int(lease) if lease.isascii() and lease.isdigit() and len(lease) < 10 else 86_400
    promised = max(SHORTEST_LEASE, min(timedelta(seconds=seconds), LONGEST_LEASE))
    now.state, now.problem, now.failures_in_row = State.ACTIVE, "", 0
    now.lease_until = at + promised
    # Renewed well before it runs out, so that a hub that is away for a while does not leave a gap.
    now.next_attempt_at = at + promised * 0.8
    now.save(update_fields=["state", "problem", "failures_in_row", "lease_until", "next_attempt_at"])
    return True
