"""What every page of the shell shows."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from roles.activities import activity_of
from roles.respond import MemberRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the organization, the member and the navigation of the person who looks."""
    if getattr(request, "member", None) is None:
        return {"organization": None, "member": None, "nav": []}
    return _inside(cast(MemberRequest, request))


def _inside(request: MemberRequest) -> dict[str, Any]:
    from roles.navigation import alarms, navigation
    from roles.setting_up import way

    return {
        "organization": request.organization,
        "member": request.member,
        # A part of a page shows neither, and what waits behind the navigation is not counted for it.
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "alarms": SimpleLazyObject(lambda: alarms(request)),
        "events_url": SimpleLazyObject(lambda: _events_url(request)),
        # Who acts as another is at nothing of that person's.
        "activity": "" if request.member.acted_by else activity_of(request),
        "way": SimpleLazyObject(lambda: way(request.member)),
    }


def _events_url(request: MemberRequest) -> str:
    from roles import clock
    from roles.middleware import events_origin
    from roles.tickets import ticket

    key = ticket(request.member.pk, request.organization.pk, at=clock.now())
    return f"{events_origin(request)}/events?ticket={key}"
