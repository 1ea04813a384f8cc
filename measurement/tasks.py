"""What workers do for measurement; messages only say “look now”."""

from __future__ import annotations

from celery import shared_task

from measurement import actions, housekeeping
from measurement.actions import report_mails
from roles import clock
from roles.background import turn_of
from roles.models import Organization

# A worker has few processes: after so long in one of them, others have their turn.
SECONDS_AT_ONCE = 20.0


@shared_task
def refresh_rollups(*, organization_id: int | None = None, **_later: object) -> None:
    """Compute the stale hours of one organization again, or of all."""
    organizations = Organization.objects.order_by("pk")
    for organization in organizations if organization_id is None else organizations.filter(pk=organization_id):
        with turn_of(organization):
            actions.refresh_rollups(at=clock.now(), seconds=SECONDS_AT_ONCE)


@shared_task
def send_due_reports(**_later: object) -> int:
    """Mail the reports of all organizations whose time has come; returns how many."""
    at, sent = clock.now(), 0
    for organization in housekeeping.organizations_with_due_reports(at=at):
        with turn_of(organization):
            sent += report_mails.send_due_reports(at=at)
    housekeeping.forget_pictures(at=at)
    return sent
