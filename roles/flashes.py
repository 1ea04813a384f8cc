"""Where a sentence waits for the next page: in a cookie of our own name."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class OwnCookie(CookieStorage):
    """A cookie that no other name of the same domain can set."""

    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class Flashes(FallbackStorage):
    """The cookie, and the session for what does not fit into it."""

    storage_classes = (OwnCookie, SessionStorage)
