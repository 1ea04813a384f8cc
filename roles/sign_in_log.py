"""Lines of the log about ways in: who came in, who did not, and from where; no address that somebody typed."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from roles.limits import address_of

log = logging.getLogger(__name__)


def mark_of(email: str) -> str:
    """A mark by which lines about the same address are known, and from which nobody reads the address."""
    return salted_hmac("touchline.sign_in", email.strip().casefold(), algorithm="sha256").hexdigest()[:12]


def note_refused(request: HttpRequest | None, what: str, *, account: str) -> None:
    """Write down that somebody was not let in."""
    log.warning("Not let in (%s): %s, from %s", what, account, address_of(request) or "nowhere")


@receiver(user_logged_in, dispatch_uid="roles.note_sign_in")
def note_sign_in(sender: Any, *, request: HttpRequest, user: Any, **_rest: object) -> None:
    """Write down that somebody came in, and by what."""
    methods = [str(one.get("method")) for one in get_authentication_records(request, user)]
    by = " and ".join(methods) or "what was known of them"
    log.info("Signed in by %s: user %s, from %s", by, user.pk, address_of(request) or "nowhere")


@receiver(user_logged_out, dispatch_uid="roles.note_sign_out")
def note_sign_out(sender: Any, *, request: HttpRequest, user: Any, **_rest: object) -> None:
    """Write down that a session ended; the answer tells the browser to forget its pages."""
    request.has_signed_out = True  # type: ignore[attr-defined]
    if user is not None:
        log.info("Signed out: user %s, from %s", user.pk, address_of(request) or "nowhere")


@receiver(user_login_failed, dispatch_uid="roles.note_wrong_password")
def note_wrong_password(
    sender: Any, *, credentials: dict[str, Any], request: HttpRequest | None = None, **_rest: object
) -> None:
    """Write down that a password did not fit."""
    note_refused(request, "password", account=f"account {mark_of(str(credentials.get('email', '')))}")
