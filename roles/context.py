"""What every page of the shell shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from roles.activities import activity_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the organization, the member and the navigation of the person who looks."""
    member = getattr(request, "member", None)
    if member is None:
        return {"organization": None, "member": None, "nav": []}
    from roles.navigation import alarms, navigation
    from roles.setting_up import way

    return {
        "organization": request.organization,  # type: ignore[attr-defined]
        "member": member,
        # A part of a page shows neither, and what waits behind the navigation is not counted for it.
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "alarms": SimpleLazyObject(lambda: alarms(request)),
        "events_url": SimpleLazyObject(lambda: _events_url(request)),
        "activity": activity_of(request),
        "way": SimpleLazyObject(lambda: way(member)),
    }


def _events_url(request: HttpRequest) -> str:
    from roles import clock
    from roles.middleware import events_origin
    from roles.tickets import ticket

    member = request.member  # type: ignore[attr-defined]
    return f"{events_origin(request)}/events?ticket={ticket(member.pk, member.organization_id, at=clock.now())}"
