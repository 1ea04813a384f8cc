"""What workers do for measurement; messages only say “look now”."""

from __future__ import annotations

from celery import shared_task

from measurement import actions
from roles import clock
from roles.background import for_organization
from roles.housekeeping import each_organization


@shared_task
def refresh_rollups(*, organization_id: int | None = None, **_later: object) -> None:
    """Compute the stale hours of one organization again, or of all."""
    if organization_id is not None:
        for_organization(actions.refresh_rollups)(organization_id=organization_id, at=clock.now())
        return
    for _organization in each_organization():
        actions.refresh_rollups(at=clock.now())
