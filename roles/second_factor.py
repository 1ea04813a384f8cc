"""Who must have a second factor, and whether they have."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator

from roles.models import Member

# Recovery codes alone are none: they are what is left when the factor is lost.
COUNTS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_asked_of(member: Member) -> bool:
    """Whether one of the member's roles must not be used without a second factor; asks the database nothing."""
    asked = set(member.organization.second_factor_roles)
    return any(
        position.custom_role.needs_second_factor if position.custom_role is not None else position.role in asked
        for position in member.held_positions
    )


def has_one(user: Any) -> bool:
    """Whether the person has an authenticator app, a security key or a passkey."""
    return bool(Authenticator.objects.filter(user=user, type__in=COUNTS).exists())


def without_one() -> list[Member]:
    """Members of the active organization who must have one and have none, by name."""
    found = Member.objects.active().with_positions().prefetch_related("user__authenticator_set").by_name()
    without = []
    for member in found:
        member.held_positions = list(member.positions.all())
        has_one = any(row.type in COUNTS for row in member.user.authenticator_set.all())  # type: ignore[attr-defined]
        if not has_one and is_asked_of(member):
            without.append(member)
    return without


def is_missing(member: Member) -> bool:
    """Whether the member must have a second factor and has none."""
    return is_asked_of(member) and not has_one(member.user)
