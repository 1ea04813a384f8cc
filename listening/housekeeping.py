"""What must look across organizations: which sources are due, and what became of their polls.

A source is polled by whoever holds its lease. A lease that ran out is free again, for reading twice does no harm; who
lost it stores nothing more. A server that several sources share is one row, whoever visits it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_noop

from listening.models import BulkDecision, Channel, Connection, EarlyWarning, Fingerprint, Source
from listening.networks.guard import Guard
from roles.models import Member, Organization

# Held again every few seconds while a visit is under way: what a worker that was killed held is soon free again.
LEASE = timedelta(seconds=60)
# How far ahead visits to one server are promised within one claim.
AHEAD = timedelta(seconds=10)
CLAIMED_AT_ONCE = 100
DIED = gettext_noop("The worker that polled this stopped on the way. Nothing is lost: the source is polled again.")


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to poll a source until its lease ends, and the moment from which its server may be visited."""

    source: Source
    poll_id: int
    lease_key: str
    visit_at: datetime
    host: str = ""
    is_own: bool = False


def claim_due(at: datetime, *, limit: int = CLAIMED_AT_ONCE) -> list[Claim]:
    """Claim sources that are due, of whatever organization, each in its turn; nobody else gets them."""
    return _claim(_DUE, at=at, limit=limit)


def claim_one(source: Source, at: datetime) -> Claim | None:
    """Claim one source although it is not due; None while somebody polls it or its server wants to be left alone."""
    return next(iter(_claim(_ONE, at=at, limit=1, source=source.pk)), None)


def hold(claims: Iterable[Claim], *, at: datetime) -> None:
    """Lengthen the leases of visits that are under way; one that was lost stays lost."""
    with connection.cursor() as cursor:
        rows = [{"id": claim.source.pk, "lease_key": claim.lease_key} for claim in claims]
        cursor.execute(_HOLD, {"rows": orjson.dumps(rows).decode(), "lease_until": at + LEASE})


_HOLD = """
WITH held AS (
    SELECT source.id FROM listening_source source
    JOIN jsonb_to_recordset(%(rows)s::jsonb) AS item (id bigint, lease_key text)
        ON item.id = source.id AND item.lease_key = source.lease_key
    ORDER BY source.id FOR UPDATE OF source SKIP LOCKED
)
UPDATE listening_source source SET lease_until = %(lease_until)s FROM held WHERE source.id = held.id
"""


def _claim(which: str, *, at: datetime, limit: int, **values: Any) -> list[Claim]:
    rate = settings.FETCH_REQUESTS_PER_HOST_PER_SECOND
    names, blocks = _own_hosts()
    values |= {
        "at": at,
        "limit": limit,
        "lease_until": at + LEASE,
        "gap": timedelta(seconds=1 / rate if rate > 0 else 0),
        "promised": max(1, int(AHEAD.total_seconds() * rate)) if rate > 0 else limit,
        "own_names": names,
        "own_blocks": blocks,
        "is_address": IS_ADDRESS,
        "died": DIED,
    }
    with connection.cursor() as cursor:
        statement = _CLAIM.replace("{which}", which).replace("{host}", _HOST).replace("{is_own}", _IS_OWN)
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    sources = _with_what_they_belong_to([row[0] for row in rows])
    return [Claim(sources[key], *rest) for key, *rest in rows if key in sources]


def _with_what_they_belong_to(keys: list[int]) -> dict[int, Source]:
    """Sources by key; those of one organization, channel or connection share it, so that it is read once."""
    sources = Source.everywhere.in_bulk(keys)
    organizations = Organization.objects.in_bulk({source.organization_id for source in sources.values()})
    wanted = {source.channel_id for source in sources.values() if source.channel_id is not None}
    channels = Channel.everywhere.in_bulk(wanted) if wanted else {}
    through = {source.connection_id for source in sources.values() if source.connection_id is not None}
    through |= {channel.connection_id for channel in channels.values() if channel.connection_id is not None}
    connections = Connection.everywhere.in_bulk(through) if through else {}
    for channel in channels.values():
        if channel.connection_id is not None:
            channel.connection = connections[channel.connection_id]
    for source in sources.values():
        source.organization = organizations[source.organization_id]
        if source.channel_id is not None:
            source.channel = channels[source.channel_id]
        if source.connection_id is not None:
            source.connection = connections[source.connection_id]
    return sources


def is_own(host: str) -> bool:
    """Whether a server is one of the operator's own."""
    names, blocks = _own_hosts()
    try:
        address = ip_address(host)
    except ValueError:
        return host in names
    return host in names or any(address in ip_network(block) for block in blocks)


def _own_hosts() -> tuple[list[str], list[str]]:
    """The operator's own servers, for which politeness is not ours to judge: by name, and by block of addresses."""
    exceptions = Guard.allowing(settings.FETCH_ALLOWED_PRIVATE_HOSTS).exceptions
    return [line.name for line in exceptions if line.name], [str(line.block) for line in exceptions if line.block]


# The server's name in a place that is an address; null for networks that have no server.
_HOST = r"lower(btrim(substring(source.place FROM '^https?://(\[[^\]/]*\]|[^/:?#]+)'), '[]'))"

# What PostgreSQL reads as an address; it says so itself from version 16 on. An address in two notations is none here.
_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_GROUP = "[0-9a-f]{1,4}"
_ADDRESSES = [
    rf"({_BYTE}\.){{3}}{_BYTE}",
    f"({_GROUP}:){{7}}{_GROUP}",
    *(f"({_GROUP}:){{1,{n}}}(:{_GROUP}){{1,{7 - n}}}" for n in range(1, 7)),
    f"({_GROUP}:){{1,7}}:",
    f":((:{_GROUP}){{1,7}}|:)",
]
IS_ADDRESS = f"^({'|'.join(_ADDRESSES)})$"

_IS_OWN = """
    COALESCE(
        host = ANY (%(own_names)s)
        OR CASE WHEN host ~ %(is_address)s THEN host::inet <<= ANY (%(own_blocks)s::inet[]) END,
        false
    )
"""

# What waits in one line is of one organization and one network, and was visited before or never. The lines take turns:
# each gives its oldest, then each its next, so that two thousand new feeds keep none of the others waiting. A line is
# read no further than it may come to be wanted, and gives a server no more visits than are promised at once.
_DUE = """
    WITH RECURSIVE line AS (
        (
            SELECT organization_id, network, last_polled_at IS NULL AS is_new
            FROM listening_source WHERE state = 'active'
            ORDER BY organization_id, network, (last_polled_at IS NULL) LIMIT 1
        )
        UNION ALL
        SELECT next.organization_id, next.network, next.is_new
        FROM line CROSS JOIN LATERAL (
            SELECT organization_id, network, last_polled_at IS NULL AS is_new
            FROM listening_source
            WHERE state = 'active' AND (organization_id, network, (last_polled_at IS NULL))
                > (line.organization_id, line.network, line.is_new)
            ORDER BY organization_id, network, (last_polled_at IS NULL) LIMIT 1
        ) AS next
    ), waiting AS (
        SELECT line.*, GREATEST(1, %(limit)s / 10, 4 * %(limit)s / count(*) OVER ()) AS most FROM line
        WHERE EXISTS (
            SELECT 1 FROM listening_source source
            WHERE source.state = 'active' AND source.organization_id = line.organization_id
                AND source.network = line.network AND (source.last_polled_at IS NULL) = line.is_new
                AND source.next_poll_at <= %(at)s
        )
    ), oldest AS MATERIALIZED (
        SELECT source.*
        FROM waiting CROSS JOIN LATERAL (
            SELECT source.id, source.organization_id, source.network, waiting.is_new, source.next_poll_at,
                source.lease_key, {host} AS host
            FROM listening_source source
            WHERE source.state = 'active' AND source.organization_id = waiting.organization_id
                AND source.network = waiting.network AND (source.last_polled_at IS NULL) = waiting.is_new
                AND source.next_poll_at <= %(at)s
                AND (source.lease_until IS NULL OR source.lease_until <= %(at)s)
                -- Asked of each in its turn, and not of all that wait.
                AND (
                    SELECT through.state FROM listening_connection through WHERE through.id = source.connection_id
                ) IS DISTINCT FROM 'withdrawn'
                AND (
                    SELECT GREATEST(host.closed_until, host.next_visit_at) > %(at)s
                    FROM listening_host host WHERE host.name = {host}
                ) IS NOT TRUE
            ORDER BY source.next_poll_at, source.id
            LIMIT waiting.most
            FOR UPDATE OF source SKIP LOCKED
        ) AS source
    )
    SELECT id, next_poll_at, lease_key, host
    FROM (
        SELECT turns.*, {is_own} AS is_own,
            row_number() OVER (PARTITION BY host ORDER BY turn, next_poll_at, id) AS number
        FROM (
            SELECT oldest.*, row_number() OVER (
                    PARTITION BY organization_id, network, is_new ORDER BY next_poll_at, id
                ) AS turn
            FROM oldest
        ) AS turns
    ) AS welcome
    WHERE host IS NULL OR is_own OR number <= %(promised)s
    ORDER BY turn, next_poll_at, id
    LIMIT %(limit)s
"""

_ONE = """
    SELECT source.id, source.next_poll_at, source.lease_key, {host} AS host
    FROM listening_source source
    WHERE source.id = %(source)s AND source.state = 'active'
        AND (source.lease_until IS NULL OR source.lease_until <= %(at)s)
    FOR UPDATE OF source SKIP LOCKED
"""

_CLAIM = """
WITH free AS MATERIALIZED ({which}), candidate AS (
    SELECT id, next_poll_at, lease_key, host, {is_own} AS is_own,
        row_number() OVER (PARTITION BY host ORDER BY next_poll_at, id) AS number
    FROM free
), visit AS (
    -- Workers that want the same server wait for each other here, so that its visits stand in one line.
    INSERT INTO listening_host AS host (name, next_visit_at, failures_in_row, reason)
    SELECT host, %(at)s + LEAST(count(*), %(promised)s) * %(gap)s, 0, ''
    FROM candidate WHERE host IS NOT NULL AND NOT is_own
    GROUP BY host ORDER BY host
    ON CONFLICT (name) DO UPDATE
    SET next_visit_at = GREATEST(host.next_visit_at, %(at)s) + (excluded.next_visit_at - %(at)s)
    WHERE host.next_visit_at <= %(at)s + %(promised)s * %(gap)s
        AND (host.closed_until IS NULL OR host.closed_until <= %(at)s)
    RETURNING name, next_visit_at
), promise AS (
    SELECT visit.name, visit.next_visit_at, LEAST(count(*), %(promised)s) AS visits
    FROM visit JOIN candidate ON candidate.host = visit.name
    GROUP BY visit.name, visit.next_visit_at
), chosen AS (
    SELECT candidate.id, candidate.lease_key, COALESCE(candidate.host, '') AS host, candidate.is_own,
        candidate.next_poll_at, candidate.number,
        COALESCE(promise.next_visit_at - (promise.visits - candidate.number + 1) * %(gap)s, %(at)s) AS visit_at
    FROM candidate LEFT JOIN promise ON promise.name = candidate.host
    WHERE candidate.host IS NULL OR candidate.is_own OR candidate.number <= promise.visits
), died AS (
    UPDATE listening_poll poll SET outcome = 'died', finished_at = %(at)s, problem = %(died)s
    FROM chosen WHERE chosen.lease_key <> '' AND poll.source_id = chosen.id AND poll.outcome = 'running'
), leased AS (
    UPDATE listening_source source
    SET lease_until = %(lease_until)s, lease_key = gen_random_uuid()::text
    FROM chosen WHERE source.id = chosen.id
    RETURNING source.id, source.organization_id, source.lease_key
), poll AS (
    INSERT INTO listening_poll (organization_id, source_id, started_at, outcome, seen, new, revised, gap, problem)
    SELECT organization_id, id, %(at)s, 'running', 0, 0, 0, false, '' FROM leased
    RETURNING id, source_id
)
SELECT chosen.id, poll.id, leased.lease_key, chosen.visit_at, chosen.host, chosen.is_own
FROM chosen JOIN leased ON leased.id = chosen.id JOIN poll ON poll.source_id = chosen.id
ORDER BY chosen.next_poll_at, chosen.id
"""


def settle(rows: Iterable[Mapping[str, Any]]) -> set[int]:
    """Store what became of polls, and give their leases back; returns the polls whose lease was still held."""
    listed = list(rows)
    if not listed:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"rows": orjson.dumps(listed).decode()})
        return {key for (key,) in cursor.fetchall()}


_SETTLE = """
WITH item AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (
        source_id bigint, poll_id bigint, lease_key text, at timestamptz, asked_at timestamptz,
        next_poll_at timestamptz, interval_seconds int, cursor jsonb, problem text, succeeded boolean,
        rate_limits int, network_failures int, parse_failures int, moved_in_row int, moved_to text,
        closed text, name text, last_item_at timestamptz, usual_seconds int,
        outcome text, status int, seen int, new int, revised int, gap boolean
    )
), held AS (
    SELECT source.id FROM listening_source source JOIN item ON item.source_id = source.id
    WHERE source.lease_key = item.lease_key
    ORDER BY source.id FOR UPDATE OF source
), done AS (
    UPDATE listening_source source
    SET cursor = COALESCE(item.cursor, source.cursor), interval_seconds = item.interval_seconds,
        -- Somebody may have asked for another look while this one was under way.
        next_poll_at = CASE WHEN source.next_poll_at = item.asked_at THEN item.next_poll_at
            ELSE LEAST(source.next_poll_at, item.next_poll_at) END,
        lease_until = NULL, lease_key = '', last_polled_at = item.at, problem = item.problem,
        last_success_at = CASE WHEN item.succeeded THEN item.at ELSE source.last_success_at END,
        last_item_at = GREATEST(source.last_item_at, item.last_item_at),
        usual_seconds = COALESCE(item.usual_seconds, source.usual_seconds),
        rate_limits_in_row = item.rate_limits, network_failures_in_row = item.network_failures,
        parse_failures_in_row = item.parse_failures, moved_in_row = item.moved_in_row, moved_to = item.moved_to,
        name = CASE WHEN source.name = '' THEN item.name ELSE source.name END,
        state = CASE WHEN item.closed <> '' AND source.state = 'active' THEN 'closed' ELSE source.state END,
        state_reason = CASE WHEN item.closed <> '' AND source.state = 'active' THEN item.closed
            ELSE source.state_reason END
    FROM item JOIN held ON held.id = item.source_id
    WHERE source.id = item.source_id
    RETURNING source.id
)
UPDATE listening_poll poll
SET finished_at = item.at, outcome = item.outcome, status = item.status, seen = item.seen, new = item.new,
    revised = item.revised, gap = item.gap, problem = item.problem
FROM item JOIN done ON done.id = item.source_id
WHERE poll.id = item.poll_id
RETURNING poll.id
"""


def forget_old_fingerprints(before: datetime) -> int:
    """Remove what no new telling is compared with any more; returns how many."""
    return Fingerprint.everywhere.filter(captured_at__lt=before, is_stale=False).delete()[0]


def warning_of_link(organization_id: int, warning_id: int, member_id: int) -> tuple[EarlyWarning, Member] | None:
    """Return the warning and the member of a link in a mail, while the member is still here."""
    warning = EarlyWarning.everywhere.select_related("organization", "acknowledged_by__user", "story").filter(
        pk=warning_id, organization=organization_id
    )
    member = Member.everywhere.select_related("user").filter(
        pk=member_id, organization=organization_id, is_active=True, user__is_active=True
    )
    found = warning.first(), member.first()
    return found if found[0] and found[1] else None  # type: ignore[return-value]


def bulk_under_way() -> list[tuple[int, int]]:
    """The decisions on many mentions that are not at their end, of whatever organization: its key and theirs."""
    states = [BulkDecision.State.WAITING, BulkDecision.State.UNDOING]
    return list(BulkDecision.everywhere.filter(state__in=states).order_by("pk").values_list("organization_id", "pk"))


def own_feed_of(key: str) -> Channel | None:
    """Return the feed of ours that this address opens, while it is switched on."""
    rows = Channel.everywhere.select_related("organization")
    return rows.filter(network="own-feed", account_id=key, is_active=True).first()
