"""How often somebody may try something; counted where all processes see it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

P = ParamSpec("P")
MINUTE = 60
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def limited(
    what: str, *, most: int, seconds: int
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """Answer 429 to an address that opens the view more often than `most` times within `seconds`."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if _count(what, _who(request), seconds) > most:
                response = render(request, "429.html", status=429)
                response.headers["Retry-After"] = str(seconds)
                return response
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def times(what: str, request: HttpRequest, *, seconds: int) -> int:
    """How many times an address has done something within `seconds`, this time included."""
    return _count(what, _who(request), seconds)


def uses(what: str, key: int, *, seconds: int) -> int:
    """How many times something with a key of its own was used within `seconds`, this time included."""
    return _count(what, str(key), seconds)


def is_too_much(user: int) -> bool:
    """Whether somebody who is signed in asks for more pages in a minute than people open; this one is counted."""
    return bool(settings.PAGES_PER_MINUTE) and uses("pages", user, seconds=MINUTE) > settings.PAGES_PER_MINUTE


def address_of(request: HttpRequest | None) -> str:
    """The network address that a request came from; empty where it cannot be told."""
    if request is None:
        return ""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return ""


def _who(request: HttpRequest) -> str:
    return hashlib.sha256(address_of(request).encode()).hexdigest()[:32]


def _count(what: str, who: str, seconds: int) -> int:
    return int(caches["default"].count(f"limit:{what}:{who}", seconds=seconds))  # type: ignore[attr-defined]
