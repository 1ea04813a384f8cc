"""Keep what hubs send before thanking for it, and take it in as if it had been polled."""

from __future__ import annotations

import hmac
import logging
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from listening.ingest import Arrival, ingest_all
from listening.models import Push, Source, Subscription
from listening.networks.feed.parse import parse_feed
from listening.networks.protocols import NetworkError, Page
from listening.websub import housekeeping
from roles.background import hint
from roles.live import look_again
from roles.tenancy import acting_for

log = logging.getLogger(__name__)
LARGEST = 5_000_000
_METHODS = {"sha1", "sha256", "sha384", "sha512"}


def is_signed(row: Subscription, body: bytes, signature: str) -> bool:
    """Whether the hub, which alone knows the secret, signed this."""
    method, _sep, said = signature.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    return hmac.compare_digest(hmac.new(row.secret.encode(), body, method.lower()).hexdigest(), said.strip().lower())


@transaction.atomic
def keep(row: Subscription, body: bytes, *, content_type: str, at: datetime) -> bool:
    """Keep what was sent, word for word and once; when this returns it is safe to thank the hub."""
    fresh = Push(
        subscription=row, digest=sha256(body).hexdigest(), body=body, content_type=content_type[:200], received_at=at
    )
    before = Push.objects.filter(subscription=row, digest=fresh.digest).exists()
    Push.objects.bulk_create([fresh], ignore_conflicts=True)
    Subscription.objects.filter(pk=row.pk).update(last_push_at=at)
    hint("listening.tasks.take_pushes")
    return not before


def count_forged(row: Subscription) -> None:
    """Count what came without the right signature; nothing else is done with it."""
    Subscription.objects.filter(pk=row.pk).update(forged=F("forged") + 1)


def take_waiting(at: datetime, *, limit: int = 500) -> int:
    """Take in what waits, of whatever organization, each in one transaction; returns how many pushes."""
    taken = last = 0
    while taken < limit:
        with transaction.atomic():
            push = housekeeping.next_waiting(last)
            if push is None:
                break
            last = push.pk
            with acting_for(push.organization):
                _take(push, at=at)
        taken += 1
    return taken


def _take(push: Push, *, at: datetime) -> None:
    source = push.subscription.source
    try:
        feed = parse_feed(bytes(push.body), content_type=push.content_type, base=push.subscription.topic, at=at)
        # The cursor is the polls' own: what a hub sends says nothing about where they stand.
        page = Page(posts=tuple(feed.posts), title=feed.title, status=200)
        if source.state == Source.State.ACTIVE:
            with transaction.atomic():
                ingest_all([Arrival(source, page)], at=at, conclude=lambda arrivals: _heard(source, arrivals, at))
    except NetworkError as problem:
        push.problem = str(problem)[:300]
    except Exception:  # what one hub sent must not keep the others waiting
        log.exception("What a hub sent for source %s could not be taken in.", source.pk)
        push.problem = gettext_noop("It could not be stored.")
    if push.problem:
        # A hint it is all the same: the place itself is asked now.
        Source.objects.filter(pk=source.pk).make_due(at)
    push.taken_at = at
    push.save(update_fields=["taken_at", "problem"])


def _heard(source: Source, arrivals: object, at: datetime) -> None:
    if isinstance(arrivals, list) and any(arrival.ingested.new or arrival.ingested.revised for arrival in arrivals):
        Source.objects.filter(pk=source.pk).update(last_item_at=at)
        look_again("sources")
