"""Visit sources: many at once, each ingested as its answer arrives, all within a bounded time.

The database work is done by the calling thread, the network's by an event loop beside it. `at` is when the batch
begins; what happens later is dated by the time that has passed since then.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from listening.access import access_for_source
from listening.connections.rates import over
from listening.connections.tending import ask_for
from listening.housekeeping import Claim, claim_due, hold, settle
from listening.ingest import Arrival, Ingested, ingest_all
from listening.moving import follow_move
from listening.networks import UnknownNetwork, get
from listening.networks.http import Http
from listening.networks.protocols import (
    Access,
    AccessExpired,
    AccessWithdrawn,
    NetworkError,
    Page,
    Reads,
    Refused,
    Unreachable,
    Unreadable,
)
from listening.politeness import note_hosts, turn_at
from listening.verdicts import MOVED_FOR_GOOD, Verdict, next_poll_at, on_error, on_page
from roles.audit import record
from roles.live import look_again
from roles.tenancy import acting_for

log = logging.getLogger(__name__)

SECONDS_FOR_A_BATCH = 60.0
SECONDS_IN_ALL = 100.0
HELD_EVERY = 10.0
CONNECTIONS_TO_ONE_HOST = 16
# What arrives within this time is taken in together: many rows cost a transaction little more than one.
GATHERED_FOR = 0.03


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit to a claimed source gave: a page, or why there is none."""

    claim: Claim
    page: Page | None = None
    error: NetworkError | None = None


def poll_due(at: datetime, *, seconds: float = SECONDS_IN_ALL) -> int:
    """Poll what is due until nothing is left or the time is up; returns how many sources were visited."""
    clock, count = stopwatch(at), 0
    while (clock() - at).total_seconds() < seconds:
        claims = claim_due(clock())
        if not claims:
            break
        poll_batch(claims, at=clock())
        count += len(claims)
    return count


def stopwatch(at: datetime) -> Callable[[], datetime]:
    """Return what tells the time from here on, `at` being the present moment."""
    start = monotonic()
    return lambda: at + timedelta(seconds=monotonic() - start)


def poll_batch(claims: Sequence[Claim], *, at: datetime, seconds: float = SECONDS_FOR_A_BATCH) -> None:
    """Visit claimed sources at the same time and take in what they give."""
    clock = stopwatch(at)
    begun = [(claim, _access(claim, at=at)) for claim in claims]
    locked_out = [Visit(claim, error=access) for claim, access in begun if isinstance(access, NetworkError)]
    if locked_out:
        take_in(locked_out, clock=clock)
    let_in = [(claim, access) for claim, access in begun if isinstance(access, Access)]
    if let_in:
        async_to_sync(_visit_all)(let_in, partial(take_in, clock=clock), clock=clock, seconds=seconds)


def _access(claim: Claim, *, at: datetime) -> Access | NetworkError:
    """The means to read a source, or why there are none."""
    with acting_for(claim.source.organization):
        try:
            return access_for_source(claim.source, at=at)
        except NetworkError as problem:
            return problem


async def _visit_all(
    begun: Sequence[tuple[Claim, Access]],
    take: Callable[[Sequence[Visit]], None],
    *,
    clock: Callable[[], datetime],
    seconds: float,
) -> None:
    loop = asyncio.get_running_loop()
    deadline, started = loop.time() + seconds, clock()
    at_once: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(CONNECTIONS_TO_ONE_HOST))

    async def turn(host: str) -> float:
        return await sync_to_async(turn_at)(host, at=clock())

    allowed, contact = settings.FETCH_ALLOWED_PRIVATE_HOSTS, settings.FETCH_CONTACT_URL
    async with Http(allowed, contact=contact, turns=turn) as http:
        visits = {
            loop.create_task(
                _visit(
                    claim,
                    replace(access, http=over(access.http, http)),
                    at_once[claim.host or f"source {claim.source.pk}"],
                    wait=(claim.visit_at - started).total_seconds(),
                    deadline=deadline,
                )
            ): claim
            for claim, access in begun
        }
        pending, held_at = set(visits), loop.time()
        try:
            while pending:
                under_way = pending
                done, pending = await asyncio.wait(pending, timeout=HELD_EVERY, return_when=asyncio.FIRST_COMPLETED)
                if done and pending:
                    more, pending = await asyncio.wait(pending, timeout=GATHERED_FOR)
                    done |= more
                if loop.time() - held_at >= HELD_EVERY:
                    await sync_to_async(hold)([visits[task] for task in under_way], at=clock())
                    held_at = loop.time()
                # While these are taken in, others arrive: the next round takes them together.
                if done:
                    await sync_to_async(take)([task.result() for task in done])
        finally:
            for task in pending:
                task.cancel()


async def _visit(claim: Claim, access: Access, at_once: asyncio.Semaphore, *, wait: float, deadline: float) -> Visit:
    """Read one source; whatever goes wrong on the way is a reason, not an end."""
    source = claim.source
    try:
        async with asyncio.timeout_at(deadline):
            if wait > 0:
                await asyncio.sleep(wait)
            network = get(source.network)
            if not isinstance(network, Reads):
                return Visit(claim, error=Refused(_("This network cannot be read.")))
            async with at_once:
                return Visit(claim, page=await network.read(access, source.place, source.cursor))
    except NetworkError as error:
        return Visit(claim, error=error)
    except TimeoutError:
        return Visit(claim, error=Unreachable(_("It took too long, so the visit was broken off.")))
    except UnknownNetwork as error:
        return Visit(claim, error=Refused(str(error)))
    except Exception as error:  # noqa: BLE001 - an adapter's mistake must not take the others down
        # Where it happened and what kind it was; its words may name a secret.
        where = "".join(traceback.format_tb(error.__traceback__))
        said = (source.network, source.pk, type(error).__name__, where)
        log.error("The adapter of %s failed on source %s (%s) at\n%s", *said)  # noqa: TRY400
        return Visit(claim, error=Unreadable(_("Touchline could not understand what the place answered.")))


def take_in(visits: Sequence[Visit], *, clock: Callable[[], datetime]) -> None:
    """Store what visits gave: posts by organization and network, all that brought none together."""
    groups: defaultdict[tuple[int, str], list[Visit]] = defaultdict(list)
    quiet = []
    for visit in visits:
        if visit.page is not None and visit.page.posts:
            source = visit.claim.source
            groups[source.organization.pk, source.network].append(visit)
        else:
            quiet.append(visit)
    _settle([(visit, _row(visit, verdict_on(visit, at=clock()), at=clock())) for visit in quiet])
    for group in groups.values():
        _take_posts(group, at=clock())
    note_hosts(((visit.claim, visit.error) for visit in visits), at=clock())
    for visit in visits:
        if visit.claim.source.connection is not None and isinstance(visit.error, AccessExpired | AccessWithdrawn):
            ask_for(visit.claim.source.connection, at=clock())


def verdict_on(visit: Visit, *, at: datetime) -> Verdict:
    """Judge a visit."""
    if visit.page is not None:
        return on_page(visit.claim.source, visit.page, at=at)
    assert visit.error is not None
    return on_error(visit.claim.source, visit.error)


def _take_posts(visits: Sequence[Visit], *, at: datetime) -> None:
    """Take in what sources of one organization and network gave; what cannot be stored stops only its own source."""
    by_source = {visit.claim.source.pk: visit for visit in visits}

    def conclude(arrivals: Sequence[Arrival]) -> None:
        found = [(by_source[arrival.source.pk], arrival.ingested) for arrival in arrivals]
        _settle([(visit, _row(visit, verdict_on(visit, at=at), ingested, at=at)) for visit, ingested in found])

    arrivals = [Arrival(visit.claim.source, visit.page) for visit in visits if visit.page is not None]
    with acting_for(visits[0].claim.source.organization):
        try:
            ingest_all(arrivals, at=at, conclude=conclude)
        except (OperationalError, InterfaceError):
            raise  # the database is not there: the leases run out, and the sources are polled again
        except Exception as problem:
            if len(visits) > 1:
                log.warning("%s sources are taken in one by one: %s", len(visits), problem)
                for visit in visits:
                    _take_posts([visit], at=at)
                return
            log.exception("What source %s gave could not be stored.", visits[0].claim.source.pk)
            error = Unreadable(_("Touchline could not store what the place answered."))
            verdict = on_error(visits[0].claim.source, error)
            _settle([(visits[0], _row(visits[0], verdict, at=at))])


_VERDICT = tuple(field.name for field in fields(Verdict))


def _settle(found: Sequence[tuple[Visit, dict[str, Any]]]) -> None:
    with transaction.atomic():
        held = settle(row for _visit, row in found)
        for visit, row in found:
            if row["poll_id"] in held:
                _afterwards(visit, row)


def _row(visit: Visit, verdict: Verdict, ingested: Ingested | None = None, *, at: datetime) -> dict[str, Any]:
    claim, ingested = visit.claim, ingested or Ingested()
    # A place that dates nothing is heard of when its posts arrive.
    last_item_at = verdict.last_item_at or (at if ingested.new else None)
    return {name: getattr(verdict, name) for name in _VERDICT} | {
        "last_item_at": last_item_at,
        "source_id": claim.source.pk,
        "poll_id": claim.poll_id,
        "lease_key": claim.lease_key,
        "asked_at": claim.source.next_poll_at,
        "at": at,
        "next_poll_at": next_poll_at(verdict, at),
        "new": ingested.new,
        "revised": ingested.revised + ingested.withdrawn,
    }


def _afterwards(visit: Visit, row: dict[str, Any]) -> None:
    """What follows from a poll that counts: a move for good, and pages that should look again."""
    source = visit.claim.source
    with acting_for(source.organization):
        if row["closed"]:
            record("close_source", source, by=None, at=row["at"], after={"reason": row["closed"]})
        if row["moved_in_row"] >= MOVED_FOR_GOOD:
            follow_move(source, row["moved_to"], at=row["at"])
        if row["new"] or row["revised"] or row["problem"] != source.problem or source.last_polled_at is None:
            look_again("sources")
