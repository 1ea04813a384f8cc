"""The few reads that must look across organizations: sign-in, invitations, tokens, background sweeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from roles.models import ApiToken, Invitation, Member, Organization
from roles.models.access import digest
from roles.tenancy import acting_for

if TYPE_CHECKING:
    from roles.models import User


def membership(user: Any, slug: str) -> Member | None:
    """Return the user's active membership in the organization at this address."""
    return (
        Member.everywhere.select_related("organization", "user")
        .filter(user=user, organization__slug=slug, is_active=True, user__is_active=True)
        .first()
    )


def memberships(user: User) -> list[Member]:
    """Return all active memberships of a user, by the organizations' names."""
    rows = Member.everywhere.select_related("organization", "user").filter(user=user, is_active=True)
    return list(rows.order_by("organization__name"))


def token_for(key: str) -> ApiToken | None:
    """Return the live token with this key, its member and organization read along."""
    return (
        ApiToken.everywhere.select_related("member__user", "member__organization", "organization")
        .filter(key_digest=digest(key), revoked_at=None, member__is_active=True, member__user__is_active=True)
        .first()
    )


def invitation_for(token: str) -> Invitation | None:
    """Return the invitation that this link names, open or not."""
    return (
        Invitation.everywhere.select_related("organization", "department", "invited_by__user")
        .filter(token_digest=digest(token))
        .first()
    )


def each_organization() -> Iterator[Organization]:
    """Act for one organization after the other."""
    for organization in Organization.objects.order_by("pk"):
        with acting_for(organization):
            yield organization


def forget_old_idempotency_keys(before: datetime) -> int:
    """Remove remembered answers that nobody will ask for again; returns how many."""
    from roles.models import IdempotencyKey

    return IdempotencyKey.everywhere.filter(created_at__lt=before).delete()[0]


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address, in whatever organization."""
    from roles.models import User

    return User.objects.filter(email=email, is_active=True).exists()
