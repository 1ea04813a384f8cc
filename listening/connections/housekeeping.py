"""What must look across organizations: which connections are to be tended, and whose sign-in has come back.

A connection is tended by whoever holds its lease, so that what can be renewed only once is renewed once.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database

from listening.models import Connection, NetworkSignIn
from roles.models import Organization

LEASE = timedelta(minutes=3)
SIGN_IN_LIVES = timedelta(minutes=15)

_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM listening_connection
    WHERE state <> 'withdrawn' AND {which} AND (lease_until IS NULL OR lease_until <= %(at)s)
    ORDER BY LEAST(check_due_at, renew_due_at), id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE listening_connection AS row SET lease_until = %(until)s, lease_key = %(lease)s
FROM due WHERE row.id = due.id
RETURNING row.id, row.organization_id, row.lease_key, row.renew_due_at IS NOT NULL AND row.renew_due_at <= %(at)s
"""
_DUE = "(check_due_at <= %(due)s OR renew_due_at <= %(due)s)"
_ONE = "id = %(one)s"


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to tend a connection until its lease ends, and whether it is to be renewed."""

    connection_id: int
    organization: Organization
    lease_key: str
    renews: bool


def claim_due(*, due: datetime, at: datetime) -> Turn | None:
    """Take one connection that was to be checked or renewed by a moment, of whatever organization."""
    return _claim(_DUE, due=due, at=at)


def claim_one(row: Connection, *, at: datetime) -> Turn | None:
    """Take one connection although it is not due; None while somebody tends it."""
    return _claim(_ONE, at=at, one=row.pk)


def _claim(which: str, *, at: datetime, due: datetime | None = None, one: int = 0) -> Turn | None:
    params: dict[str, Any] = {"at": at, "until": at + LEASE, "lease": str(uuid.uuid4()), "one": one, "due": due or at}
    with database.cursor() as cursor:
        cursor.execute(_CLAIM.replace("{which}", which), params)
        found = cursor.fetchone()
    if found is None:
        return None
    key, organization, lease, renews = found
    return Turn(key, Organization.objects.get(pk=organization), lease, renews)


def digest_of(state: str) -> str:
    """Return under what a sign-in is found by what the network hands back."""
    return hashlib.sha256(state.encode()).hexdigest()


def organization_of_sign_in(state: str) -> Organization | None:
    """Return whose a sign-in is, by what the network handed back."""
    if not state:
        return None
    row = NetworkSignIn.everywhere.filter(state_digest=digest_of(state)).select_related("organization").first()
    return row.organization if row is not None else None


def forget_old_sign_ins(*, at: datetime) -> int:
    """Remove sign-ins from which nobody comes back any more; returns how many."""
    return NetworkSignIn.everywhere.filter(begun_at__lt=at - timedelta(days=1)).delete()[0]
