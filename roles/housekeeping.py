"""The few reads that must look across organizations: sign-in, invitations, tokens, background sweeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _

from roles.models import ApiToken, IdempotencyKey, Invitation, Mail, Member, Organization, Position
from roles.models.access import digest
from roles.tenancy import acting_for

if TYPE_CHECKING:
    from roles.models import User


def membership(user: Any, slug: str) -> Member | None:
    """Return the user's active membership in the organization at this address, with positions in the same query."""
    positions = list(
        Position.everywhere.select_related("member__organization", "member__user", "department").filter(
            member__user=user, member__organization__slug=slug, member__is_active=True, member__user__is_active=True
        )
    )
    if positions:
        member = positions[0].member
        member.held_positions = positions
        return member
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
    return IdempotencyKey.everywhere.filter(created_at__lt=before).delete()[0]


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address, in whatever organization."""
    from roles.models import User

    return User.objects.filter(email=email, is_active=True).exists()


MAIL_LEASE = timedelta(seconds=120)

_CLAIM_MAIL = """
WITH died AS (
    -- Whoever held it stopped while sending: it may have gone out, and is not sent again by itself.
    UPDATE roles_mail SET state = 'unknown', lease_until = NULL, lease_key = '', problem = %(died)s
    WHERE state = 'sending' AND lease_until <= %(at)s
)
UPDATE roles_mail SET state = 'sending', lease_until = %(until)s, lease_key = gen_random_uuid()::text,
    attempts = attempts + 1
WHERE id = (
    SELECT id FROM roles_mail WHERE state = 'ready' AND next_attempt_at <= %(at)s
    ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def claim_mail(at: datetime) -> Mail | None:
    """Claim the e-mail that is due first, of whatever organization; nobody else gets it while the lease lasts."""
    died = _("The worker that sent it stopped on the way, so it may have gone out.")
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_MAIL, {"at": at, "until": at + MAIL_LEASE, "died": died})
        row = cursor.fetchone()
    return Mail.everywhere.select_related("member__user", "organization").get(pk=row[0]) if row else None


def settle_mail(
    mail: Mail, *, state: str, at: datetime, problem: str = "", next_attempt_at: datetime | None = None
) -> bool:
    """Write what became of a claimed e-mail; returns whether the claim was still held."""
    held = Mail.everywhere.filter(pk=mail.pk, state=Mail.State.SENDING, lease_key=mail.lease_key)
    return bool(
        held.update(
            state=state,
            problem=problem[:500],
            sent_at=at if state == Mail.State.SENT else None,
            next_attempt_at=next_attempt_at or at,
            lease_until=None,
            lease_key="",
        )
    )


def forget_old_mails(before: datetime) -> int:
    """Remove e-mails that were sent long ago; returns how many."""
    return Mail.everywhere.filter(state=Mail.State.SENT, sent_at__lt=before).delete()[0]


def member_of(organization_id: int, member_id: int) -> Member | None:
    """Return an active member whom a signed link names."""
    rows = Member.everywhere.select_related("organization", "user")
    return rows.filter(pk=member_id, organization=organization_id, is_active=True).first()
