"""What is left of limits: asked before every call and fed after it, one row for all workers.

Nothing sleeps. Where nothing is left the call is not made: RateLimited says how long to wait, and what wanted it is put
off by that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from asgiref.sync import sync_to_async
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from listening import networks
from listening.models import Connection, RateLimit, Source
from listening.networks.http import Answer, Bounds, Http
from listening.networks.limits import MONEY, Left, Quota, budget, limits_said
from listening.networks.protocols import Charges, RateLimited
from roles import clock

# Windows that end within so long of each other are one: servers say seconds, and take some to say them.
SAME_WINDOW = timedelta(seconds=5)
# Where a limit does not say when it is full again.
SUPPOSED_WINDOW = 60.0
LONGEST = timedelta(days=31)
TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom a limit counts: a connection, or whoever asks a server from here."""

    network: str
    connection_id: int | None = None
    host: str = ""

    def rows(self, bucket: str) -> QuerySet[RateLimit]:
        """The limits that a call of this bucket takes from."""
        return RateLimit.objects.filter(
            network=self.network, connection=self.connection_id, host=self.host, bucket=bucket
        )

    def row(self, bucket: str, policy: str, **known: Any) -> RateLimit:
        """A limit that was not known yet."""
        return RateLimit(
            network=self.network,
            connection_id=self.connection_id,
            host=self.host,
            bucket=bucket,
            policy=policy,
            **known,
        )


@transaction.atomic
def ask(whose: Whose, *, bucket: str = "", cost: float = 1, quota: Quota | None = None, at: datetime) -> None:
    """Take what a call costs from all limits that it counts against; raises RateLimited where one has too little."""
    if quota is not None:
        new = whose.row(bucket, "", most=quota.most, remaining=quota.most, told_at=at)
        new.window_seconds, new.resets_at = quota.window or None, at + timedelta(seconds=quota.resets_in(at))
        RateLimit.objects.bulk_create([new], ignore_conflicts=True)
    rows = list(whose.rows(bucket).select_for_update().order_by("pk"))
    if bucket == MONEY and quota is not None:
        _grow(rows, quota)
    waits = [row.opens_at(at, cost=cost) for row in rows]
    if latest := max((wait for wait in waits if wait is not None), default=None):
        raise RateLimited(_("The network's limit is used up for now."), wait=max((latest - at).total_seconds(), 1.0))
    for row in rows:
        _take(row, cost, quota, at=at)
    RateLimit.objects.bulk_update(rows, ["most", "remaining", "resets_at", "closed_until"])


@transaction.atomic
def spend(whose: Whose, most: int, *, least: int, budget: Quota, at: datetime) -> int:
    """Take money from what may be spent this month, as much as there is between two sums; give it back below nothing.

    Raises RateLimited, with the time until the next month, where not even the least is there.
    """
    row = whose.rows(MONEY).select_for_update().first()
    left = float(budget.most)
    if row is not None:
        _grow([row], budget)
        left = float(budget.most if row.is_full_again(at) else row.remaining or 0.0)
    taken = max(min(most, int(left)), least) if most > 0 else most
    try:
        ask(whose, bucket=MONEY, cost=taken, quota=budget, at=at)
    except RateLimited as problem:
        raise RateLimited(_("What may be spent here this month is used up."), wait=problem.wait) from None
    return taken


def _grow(rows: Sequence[RateLimit], quota: Quota) -> None:
    """Somebody has said another sum since: what is left is more or less by as much."""
    for row in rows:
        if row.most is not None and row.most != quota.most:
            row.remaining = max((row.remaining or 0.0) + quota.most - row.most, 0.0)
            row.most = float(quota.most)


def _take(row: RateLimit, cost: float, quota: Quota | None, *, at: datetime) -> None:
    row.closed_until = None
    if row.is_full_again(at):
        row.remaining = row.most
        seconds = quota.resets_in(at) if quota is not None else row.window_seconds
        row.resets_at = at + timedelta(seconds=seconds) if seconds else None
    if row.remaining is not None and not row.is_share:
        row.remaining = max(row.remaining - cost, 0.0)
        if cost < 0 and row.most is not None:
            row.remaining = min(row.remaining, row.most)


@transaction.atomic
def feed(whose: Whose, said: Sequence[Left], *, bucket: str = "", wait: float | None = None, at: datetime) -> None:
    """Keep what an answer said of limits; a wait that was asked for closes the bucket until then."""
    if wait is not None:
        said = said or [Left(0.0, resets_in=wait)]
    if not said:
        return
    new = [whose.row(bucket[:80], left.name[:80], told_at=at) for left in said]
    RateLimit.objects.bulk_create(new, ignore_conflicts=True)
    rows = {row.policy: row for row in whose.rows(bucket).select_for_update().order_by("pk")}
    for left in said:
        _hear(rows[left.name[:80]], left, at=at)
    if wait is not None:
        for row in rows.values():
            row.closed_until = max(row.closed_until or at, at + min(timedelta(seconds=wait), LONGEST))
    fields = ["most", "remaining", "resets_at", "window_seconds", "is_share", "closed_until", "told_at"]
    RateLimit.objects.bulk_update(rows.values(), fields)


def _hear(row: RateLimit, left: Left, *, at: datetime) -> None:
    """Others' calls are under way of which the server did not know when it answered: in one window the least counts."""
    seconds = left.resets_in if left.resets_in is not None else left.window or SUPPOSED_WINDOW
    resets_at = at + timedelta(seconds=min(seconds, LONGEST.total_seconds()))
    is_same = row.resets_at is not None and row.resets_at > at and abs(resets_at - row.resets_at) <= SAME_WINDOW
    if left.resets_in is None and row.resets_at is not None and row.resets_at > at:
        is_same, resets_at = True, row.resets_at
    known = row.remaining if is_same and not left.is_share else None
    row.is_share = left.is_share
    row.remaining = left.left if known is None else min(known, left.left)
    if not is_same:
        row.resets_at = resets_at
    row.most = left.most if left.most is not None else row.most
    row.window_seconds = min(left.window, LONGEST.total_seconds()) if left.window else row.window_seconds
    row.told_at = at


@dataclass
class CountedHttp:
    """The HTTP client for one credential: asks before each call whether something is left, and keeps what is said."""

    http: Http
    whose: Whose
    quotas: Mapping[str, Quota] = field(default_factory=dict)

    @property
    def guard(self) -> Any:
        """Which addresses may be fetched."""
        return self.http.guard

    async def __aenter__(self) -> Self:
        await self.http.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.http.__aexit__(*error)

    def within(self, bounds: Bounds) -> CountedHttp:
        """Return the same count over the client with other bounds."""
        return replace(self, http=self.http.within(bounds))

    def lines(self, url: str, **options: Any) -> AsyncIterator[bytes]:
        """Stay connected and return each line as it comes, which is no call of a limit."""
        return self.http.lines(url, **options)

    def socket(self, url: str, **options: Any) -> AbstractAsyncContextManager[Any]:
        """Hold a conversation over a WebSocket, which is none either."""
        return self.http.socket(url, **options)

    async def get(self, url: str, **options: Any) -> Answer:
        """Read an address."""
        return await self.send("GET", url, **options)

    async def send(self, method: str, url: str, *, bucket: str = "", cost: int = 1, **options: Any) -> Answer:
        """Send one request, if the limits let it."""
        await sync_to_async(self._ask)(bucket, cost)
        answer = await self.http.send(method, url, **options)
        if heard := _heard(answer):
            await sync_to_async(self._feed)(bucket, *heard)
        return answer

    def request(self, method: str, url: str, *, bucket: str = "", cost: int = 1, **options: Any) -> Answer:
        """Send one request and wait for its answer, from code that is not asynchronous, if the limits let it."""
        self._ask(bucket, cost)
        answer = self.http.request(method, url, **options)
        if heard := _heard(answer):
            self._feed(bucket, *heard)
        return answer

    def spend(self, most: int, *, least: int | None = None) -> int:
        """Take what a call costs at most from what may be spent, or as much of it as is there; returns how much."""
        least = most if least is None else least
        return spend(self.whose, most, least=least, budget=self.quotas.get(MONEY, budget(0)), at=clock.now())

    async def aspend(self, most: int, *, least: int | None = None) -> int:
        """Do the same in code that awaits."""
        return await sync_to_async(self.spend)(most, least=least)

    def note(self, left: Left, *, bucket: str = "") -> None:
        """Keep what an adapter read of a limit in an answer's body."""
        self._feed(bucket, [left], None)

    async def anote(self, left: Left, *, bucket: str = "") -> None:
        """The same from code that awaits."""
        await sync_to_async(self.note)(left, bucket=bucket)

    def _ask(self, bucket: str, cost: int) -> None:
        ask(self.whose, bucket=bucket, cost=cost, quota=self.quotas.get(bucket), at=clock.now())

    def _feed(self, bucket: str, said: Sequence[Left], wait: float | None) -> None:
        feed(self.whose, said, bucket=bucket, wait=wait, at=clock.now())


def counted(
    network: str, http: Any, *, connection_id: int | None = None, host: str = "", spends: int | None = None
) -> Any:
    """Return the client that counts for a connection, or for whoever asks a server from here.

    `spends` is how much money it may spend in a month, at a network that takes some.
    """
    return CountedHttp(http, Whose(network, connection_id, host[:255]), _quotas(network, spends))


def _quotas(network: str, spends: int | None) -> Mapping[str, Quota]:
    if not networks.is_installed(network):
        return {}
    found = networks.get(network)
    own: Mapping[str, Quota] = getattr(found, "quotas", {})
    return {**own, MONEY: budget(spends)} if isinstance(found, Charges) else own


def money_left(connection: Connection, *, at: datetime) -> int:
    """How much may still be spent through a connection this month, in thousandths of a US dollar."""
    row = Whose(connection.network, connection.pk).rows(MONEY).first()
    if row is None:
        return connection.budget or 0
    _grow([row], budget(connection.budget))
    return int(row.left(at) or 0.0)


def host_of_limits(source: Source) -> str:
    """At which server a network limits whoever asks it for this source from here; empty where it does not."""
    if not networks.is_installed(source.network):
        return ""
    network = networks.get(source.network)
    return str(getattr(network, "limited_at", "")) or (source.host if getattr(network, "limits_by_host", False) else "")


def over(counting: Any, http: Http) -> Any:
    """Return the same count over another client, which a batch of calls shares."""
    return replace(counting, http=http) if isinstance(counting, CountedHttp) else http


def _heard(answer: Answer) -> tuple[Sequence[Left], float | None] | None:
    """What an answer says of limits; None where it says nothing."""
    said = limits_said(answer.headers, answer.received_at)
    asks = answer.status == TOO_MANY or (answer.status >= 500 and "Retry-After" in answer.headers)
    wait = (answer.wait if answer.wait is not None else SUPPOSED_WINDOW) if asks else None
    return (said, wait) if said or wait is not None else None
