"""Count the time of those whose browser runs no script: the next page says how long they were at the last one."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from maturity.actions.time import go_on
from roles import clock
from roles.activities import activity_of, whose_time

# The cookie of a browser whose pages say themselves that somebody is at them.
COOKIE, COOKIE_SECONDS = f"{settings.COOKIE_PREFIX}says-itself", 900


def time_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Take each page that a person opens, or each form they send, for the end of the time at the page before."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        member = getattr(request, "member", None)
        if member is None or response.status_code >= 400 or not _is_of_a_person(request):
            return response
        if (who := whose_time(member)) is not None:
            go_on(who, activity=activity_of(request), by=who, at=clock.now())
        return response

    return middleware


def _is_of_a_person(request: HttpRequest) -> bool:
    """Whether somebody went to a page, rather than a page of theirs looking again by itself."""
    if COOKIE in request.COOKIES or getattr(request, "htmx", None) or "X-Requested-With" in request.headers:
        return False
    return "text/html" in request.headers.get("Accept", "")
