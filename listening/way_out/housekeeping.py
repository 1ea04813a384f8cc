"""Claims of what goes out, of whatever organization.

A claim is one statement. Two workers never get the same row, and a row whose worker died is found by its lease.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from listening.models.outgoing import Outgoing
from roles.models import Organization

# When a worker looks whether it arrived, in seconds after the look before; then it waits for a person.
LOOKS = (10, 20, 60, 300, 1800)
# So many looks for what was accepted, until it is said that it cannot be seen.
SEEN_LOOKS = 3
# So many are asked for at once, where a network can tell of many.
TOGETHER = 50

# MATERIALIZED: the row is chosen and locked once, whatever plan is made.
_CLAIM_READY = """
WITH due AS MATERIALIZED (
    SELECT id FROM {table} WHERE state = 'ready' AND next_attempt_at <= %(at)s
    ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE {table} AS outgoing SET state = 'sending', lease_until = %(until)s, lease_key = %(lease)s
FROM due WHERE outgoing.id = due.id
RETURNING outgoing.id, outgoing.organization_id, outgoing.lease_key
"""
# A lease that ran out while something may have been said outside: nobody knows, so it is looked up, never sent again.
_EXPIRE = """
WITH dead AS MATERIALIZED (
    SELECT id FROM {table} WHERE state = 'sending' AND lease_until < %(at)s
    ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
)
UPDATE {table} AS outgoing
SET state = 'unknown', looks = 0, next_attempt_at = %(settled)s, lease_until = NULL
FROM dead WHERE outgoing.id = dead.id
RETURNING outgoing.id, outgoing.organization_id, outgoing.lease_key
"""
# As if a worker had them in its hands and died: what the statement above says of those is right for these.
_DOUBT = """
UPDATE {table} SET state = 'sending', lease_until = %(before)s, lease_key = gen_random_uuid()::text
WHERE state = 'ready' AND next_attempt_at <= %(at)s
"""
_CLAIM_LOOK = """
WITH due AS MATERIALIZED (
    SELECT id FROM {table}
    WHERE next_attempt_at <= %(at)s AND (
        state = 'unknown' AND (looks < %(most)s OR put_before_person_at IS NULL)
        OR state = 'accepted' AND seen_at IS NULL AND looks < %(seen)s
    )
    ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE {table} AS outgoing
SET looks = looks + 1,
    next_attempt_at = %(at)s + make_interval(secs => (%(delays)s::float[])[least(looks + 2, %(most)s)])
FROM due WHERE outgoing.id = due.id
RETURNING outgoing.id, outgoing.organization_id, outgoing.lease_key
"""
# Those that the same network can be asked for together with one that was taken.
_CLAIM_ALIKE = """
WITH due AS MATERIALIZED (
    SELECT id FROM {table}
    WHERE channel_id = %(channel)s AND next_attempt_at <= %(at)s
        AND state = 'accepted' AND seen_at IS NULL AND looks < %(seen)s AND remote_id <> ''
    ORDER BY next_attempt_at, id LIMIT %(together)s FOR UPDATE SKIP LOCKED
)
UPDATE {table} AS outgoing
SET looks = looks + 1,
    next_attempt_at = %(at)s + make_interval(secs => (%(delays)s::float[])[least(looks + 2, %(most)s)])
FROM due WHERE outgoing.id = due.id
RETURNING outgoing.id, outgoing.organization_id, outgoing.lease_key
"""
_WAITING_FOR_A_PERSON = """
SELECT DISTINCT organization_id FROM {table} WHERE put_before_person_at <= %(since)s AND reminded_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that one worker has in its hands; the lease key tells its attempt from any other."""

    key: int
    organization: Organization
    lease_key: str


def claim_ready(rows: type[Outgoing], *, at: datetime) -> Claimed | None:
    """Take one row that is to be sent, for the length of a lease."""
    until = at + timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
    found = _claimed(_CLAIM_READY, rows, {"at": at, "until": until, "lease": str(uuid.uuid4())})
    return found[0] if found else None


def expire_leases(rows: type[Outgoing], *, at: datetime) -> list[Claimed]:
    """Mark rows whose worker has died as unknown; returns them."""
    return _claimed(_EXPIRE, rows, {"at": at, "settled": at + timedelta(seconds=LOOKS[0])})


def doubt_ready(rows: type[Outgoing], *, at: datetime) -> int:
    """Take what is due as attempted by somebody who died; returns how many rows."""
    with connection.cursor() as cursor:
        cursor.execute(_on(_DOUBT, rows), {"at": at, "before": at - timedelta(seconds=1)})
        return int(cursor.rowcount)


def claim_look(rows: type[Outgoing], *, at: datetime) -> Claimed | None:
    """Take one row that is to be looked for: unknown, or accepted and not yet seen at the network."""
    found = _claimed(_CLAIM_LOOK, rows, _looking(at))
    return found[0] if found else None


def claim_alike(rows: type[Outgoing], *, channel: int, at: datetime) -> list[Claimed]:
    """Take others of an account that were accepted and not yet seen; they count as looked for."""
    return _claimed(_CLAIM_ALIKE, rows, _looking(at) | {"channel": channel, "together": TOGETHER - 1})


def _looking(at: datetime) -> dict[str, Any]:
    return {"at": at, "most": len(LOOKS), "seen": SEEN_LOOKS, "delays": list(LOOKS)}


def organizations_waiting(rows: type[Outgoing], *, at: datetime) -> list[Organization]:
    """Return those where something has waited so long for a person that they are told by mail."""
    since = at - timedelta(minutes=settings.DELIVERY_REMINDER_MINUTES)
    with connection.cursor() as cursor:
        cursor.execute(_on(_WAITING_FOR_A_PERSON, rows), {"since": since})
        keys = [key for (key,) in cursor.fetchall()]
    return list(Organization.objects.filter(pk__in=keys).order_by("pk")) if keys else []


def _on(sql: str, rows: type[Outgoing]) -> str:
    return sql.replace("{table}", rows._meta.db_table)


def _claimed(sql: str, rows: type[Outgoing], params: dict[str, Any]) -> list[Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(_on(sql, rows), params)
        found = cursor.fetchall()
    organizations = Organization.objects.in_bulk({organization for _key, organization, _lease in found})
    return [Claimed(key, organizations[organization], lease) for key, organization, lease in found]
