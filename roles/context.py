"""What every page of the shell shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the organization, the member and the navigation of the person who looks."""
    member = getattr(request, "member", None)
    if member is None:
        return {"organization": None, "member": None, "nav": []}
    from roles.middleware import events_origin
    from roles.navigation import navigation
    from roles.tickets import ticket

    return {
        "organization": request.organization,  # type: ignore[attr-defined]
        "member": member,
        # Parts of pages have no navigation, and do not count what waits behind it.
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "events_url": f"{events_origin(request)}/events?ticket={ticket(member.pk, member.organization_id)}",
    }
