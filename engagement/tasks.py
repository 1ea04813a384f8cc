"""What workers do when told to look; the work is in the rows, so each may run at any time and any number of times."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from engagement import assigning, housekeeping, outbox
from engagement.actions.assignments import wake
from engagement.actions.outcomes import follow_up_next
from engagement.models import Assignment
from engagement.refusals import Refusal
from roles import clock
from roles.tenancy import acting_for

AT_ONCE = 200


@shared_task
def sweep_left_overs(**_later: object) -> None:
    """Give left-overs to whoever is here with room."""
    for organization in housekeeping.organizations_with_left_overs():
        with acting_for(organization), transaction.atomic():
            assigning.sweep_left_overs(at=clock.now())


@shared_task
def wake_snoozed(**_later: object) -> None:
    """Bring back what was snoozed until now."""
    at = clock.now()
    for organization in housekeeping.organizations_with_snoozed(at=at):
        with acting_for(organization):
            for row in Assignment.objects.asleep_until(at)[:AT_ONCE]:
                try:
                    wake(row, by=None, at=at)
                except Refusal:  # somebody woke or resolved it meanwhile
                    continue


@shared_task
def follow_up(**_later: object) -> None:
    """Look again at what was resolved with the promise to do so now."""
    at = clock.now()
    for organization in housekeeping.organizations_to_follow_up(at=at):
        with acting_for(organization):
            for _turn in range(AT_ONCE):
                if not follow_up_next(at=at):
                    break


@shared_task
def deliver_ready(**_later: object) -> None:
    """Deliver what waits in the outbox."""
    for _turn in range(AT_ONCE):
        if not outbox.deliver_next(now=clock.now):
            break


@shared_task
def reconcile_unknown(**_later: object) -> None:
    """Find what dead workers left, and look for replies whose outcome is unknown or that nobody has seen yet."""
    outbox.expire_leases(at=clock.now())
    for _turn in range(AT_ONCE):
        if not outbox.look_next(now=clock.now):
            break
