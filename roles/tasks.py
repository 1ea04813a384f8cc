"""What the team's rooms do in the background."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from roles import clock, housekeeping, postbox
from roles.actions import absences, identity, terms, tokens
from roles.background import turn_of
from roles.live import beat_once


@shared_task
def heartbeat(*, queue: str = "celery", **later: object) -> None:
    """Leave a sign that beat sends and that a worker takes from this queue."""
    beat_once(queue, at=clock.now())


@shared_task
def send_mails(**_later: object) -> int:
    """Send the e-mails that are due; returns how many were sent."""
    return postbox.send_due(now=clock.now)


@shared_task
def keep_terms(**_later: object) -> int:
    """Begin and end positions and absences whose moment has come, tell of tokens that end soon; returns how many."""
    at, done = clock.now(), 0
    for organization in housekeeping.organizations_with_terms(at=at):
        with turn_of(organization):
            done += terms.keep_terms(at=at)
        with turn_of(organization):
            done += absences.keep_absences(at=at)
        with turn_of(organization):
            done += tokens.tell_of_ends(at=at)
    return done


@shared_task
def renew_metadata(**_later: object) -> int:
    """Read again what identity providers say of themselves; returns how many said something new."""
    at, done = clock.now(), 0
    for provider in housekeeping.claim_metadata(at):
        with turn_of(provider.organization):
            done += identity.renew_metadata(provider, at=at)
    return done


@shared_task
def forget_old_mails(**_later: object) -> int:
    """Remove e-mails that were sent three months ago; returns how many."""
    return housekeeping.forget_old_mails(clock.now() - timedelta(days=90))


@shared_task
def forget_old_keys(**_later: object) -> int:
    """Remove answers of the API that were kept for a repetition for three days; returns how many."""
    return housekeeping.forget_old_idempotency_keys(clock.now() - timedelta(days=3))
