"""How long a session lasts: so many hours from its beginning, and fewer without a sign of life."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

BEGAN, SEEN = "began", "seen"
HOUR = 3600


def session_age_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """End a session that is too old before anything is done in it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # A page that is the same for everybody asks for no session, so that caches may keep it.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and "_auth_user_id" in request.session:
            _look_at(request, int(time.time()))
        return get_response(request)

    return middleware


def _look_at(request: HttpRequest, now: int) -> None:
    idle = settings.SESSION_IDLE_HOURS * HOUR
    # A session of before this was counted begins now.
    began, seen = request.session.get(BEGAN, now), request.session.get(SEEN, 0)
    if now - began >= settings.SESSION_HOURS * HOUR or (seen and now - seen >= idle):
        logout(request)
    elif now - seen >= idle // 50:
        # Not at every page: a session is written as a whole, over what another page writes at the same time.
        request.session[BEGAN], request.session[SEEN] = began, now


@receiver(user_logged_in, dispatch_uid="roles.begin_session")
def begin_session(sender: Any, *, request: HttpRequest, **_rest: object) -> None:
    """Count from when somebody came in."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())
