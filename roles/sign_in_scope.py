"""How far a session reaches: one that began at an organization's provider opens that organization and no other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from roles.actions.sign_in import come_in_by_password
from roles.models import Member

_KEY, _EMERGENCY = "signed_in_for", "past_provider_of"
# What such a session may still open of the person's account: the way out, and the way in again.
OPEN_ACCOUNT = (
    "/accounts/logout/",
    "/accounts/oidc/",
    "/accounts/saml/",
    "/accounts/3rdparty/login/",
    "/accounts/login/",
)


def organization_of(request: HttpRequest) -> int | None:
    """The only organization that the session opens; None where it opens all of the person's."""
    found: int | None = request.session.get(_KEY)
    return found


def is_closed(request: HttpRequest, path: str) -> bool:
    """Whether this is a page of the person's account, which belongs to them and not to an organization's provider."""
    if not path.startswith("/accounts/") or path.startswith(OPEN_ACCOUNT):
        return False
    return request.user.is_authenticated and organization_of(request) is not None


def note_emergency(request: HttpRequest, member: Member, *, at: datetime) -> None:
    """Write down, once for each session, that an owner came in past the provider that everybody else is asked for."""
    known: list[int] = request.session.get(_EMERGENCY, [])
    if member.organization_id in known:
        return
    request.session[_EMERGENCY] = [*known, member.organization_id]
    come_in_by_password(member, by=member, at=at)


@receiver(user_logged_in, dispatch_uid="roles.remember_where_from")
def remember_where_from(sender: Any, *, request: HttpRequest, sociallogin: Any = None, **_rest: object) -> None:
    """Keep in the session at whose provider it began."""
    if sociallogin is None:
        request.session.pop(_KEY, None)
    else:
        request.session[_KEY] = int(sociallogin.account.provider.removeprefix("organization-"))
