"""Keep what programs send before thanking for it; the source is then due, and is polled like any other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from asgiref.sync import sync_to_async
from django.db import transaction
from django.db.models import F

from listening import networks
from listening.models import InboundBody, InboundWebhook, Source
from listening.networks.pushes import Push, TakesPushes
from listening.networks.webhook import signature
from roles import clock
from roles.background import hint
from roles.live import look_again
from roles.sealing import Unsealable, unseal
from roles.tenancy import acting_for

LARGEST = 1_000_000
# So many may wait at one address; a sender who is told to come later does.
MOST_WAITING = 5_000
AT_LEAST_BETWEEN = timedelta(seconds=10)
# So many bodies that were taken in are kept, to be shown beside the mapping; and so many in which nothing could be
# read, to be read once more.
KEPT_BODIES, KEPT_UNREAD = 5, 500


class TooMany(Exception):
    """More waits at this address than is taken in."""


def is_meant(row: InboundWebhook, headers: Mapping[str, str], body: bytes, *, at: datetime) -> bool:
    """Whether this came from a program that has the secret; where none is asked for, knowing the address is enough."""
    network = _pushing(row)
    if network is not None:
        return any(network.is_signed_push(secret, headers, body) for secret in _secrets(row, at))
    return not row.is_signed or signature.is_signed(_secrets(row, at), headers, body, at=at)


def _pushing(row: InboundWebhook) -> TakesPushes | None:
    network: object = networks.get(row.source.network) if networks.is_installed(row.source.network) else None
    return network if isinstance(network, TakesPushes) else None


def push_in(row: InboundWebhook, headers: Mapping[str, str]) -> Push:
    """Read what the headers say of a body, in the words of whoever sends it."""
    network = _pushing(row)
    if network is not None:
        return network.push_of(headers)
    return Push(headers.get("webhook-id", ""))


def _secrets(row: InboundWebhook, at: datetime) -> list[str]:
    sealed = [row.sealed]
    if row.sealed_before and row.before_until and row.before_until > at:
        sealed.append(row.sealed_before)
    found = []
    for one in sealed:
        try:
            found.append(unseal(one))
        except Unsealable:
            continue
    return found


@transaction.atomic
def keep(row: InboundWebhook, body: bytes, *, key: str, event: str = "", at: datetime) -> bool:
    """Keep what was sent, byte for byte and once; when this is committed it is safe to say thanks."""
    # An id that is longer than we keep is as good as its digest.
    own_key = key if 0 < len(key) <= 128 else sha256(key.encode("utf-8", "replace") if key else body).hexdigest()
    fresh = InboundBody(webhook=row, key=own_key, event=event, body=body, received_at=at)
    before = InboundBody.objects.filter(webhook=row, key=fresh.key).exists()
    waiting = InboundBody.objects.filter(webhook=row, taken_at=None).order_by("pk")
    if not before and waiting[MOST_WAITING - 1 : MOST_WAITING].exists():
        raise TooMany
    InboundBody.objects.bulk_create([fresh], ignore_conflicts=True)
    InboundWebhook.objects.filter(pk=row.pk).update(last_body_at=at)
    last = row.source.last_polled_at if row.source.connection_id is not None else None
    # What is read at a server is not read at every word that it tells.
    Source.objects.filter(pk=row.source_id).make_due(max(at, last + AT_LEAST_BETWEEN) if last else at)
    hint("listening.tasks.poll_due")
    look_again("webhooks")
    return not before


def count_forged(row: InboundWebhook) -> None:
    """Count what came without the right signature; nothing else is done with it."""
    InboundWebhook.objects.filter(pk=row.pk).update(forged=F("forged") + 1)


class WebhookDoor:
    """The door by which the adapter reaches what was sent to one source's address."""

    def __init__(self, source: Source) -> None:
        self.source, self.organization = source, source.organization

    async def waiting(self, *, limit: int) -> tuple[Mapping[str, str], Sequence[tuple[int, bytes]]]:
        """Return the mapping, and the bodies that were not taken in yet, the oldest first."""
        return await sync_to_async(self._waiting)(limit)

    def _waiting(self, limit: int) -> tuple[Mapping[str, str], Sequence[tuple[int, bytes]]]:
        with acting_for(self.organization):
            row = InboundWebhook.objects.filter(source=self.source).first()
            if row is None:
                return {}, []
            bodies = InboundBody.objects.filter(webhook=row, taken_at=None).order_by("pk")[:limit]
            return row.mapping, [(body.pk, bytes(body.body)) for body in bodies]

    async def pushes(self, *, limit: int) -> Sequence[tuple[int, str, bytes]]:
        """Return what was not taken in yet, the oldest first, each with the event that it tells of."""
        return await sync_to_async(self._pushes)(limit)

    def _pushes(self, limit: int) -> Sequence[tuple[int, str, bytes]]:
        with acting_for(self.organization):
            rows = InboundBody.objects.filter(webhook__source=self.source, taken_at=None).order_by("pk")[:limit]
            return [(row.pk, row.event, bytes(row.body)) for row in rows]

    async def taken(self, problems: Mapping[int, str], *, unread: Collection[int] = ()) -> None:
        """Cross off bodies whose posts are stored, each with what could not be read of it; `unread` gave no post."""
        await sync_to_async(self._taken)(problems, unread)

    def _taken(self, problems: Mapping[int, str], unread: Collection[int]) -> None:
        with acting_for(self.organization):
            rows = list(InboundBody.objects.filter(pk__in=problems, webhook__source=self.source, taken_at=None))
            for row in rows:
                row.taken_at, row.problem, row.is_unread = clock.now(), problems[row.pk], row.pk in unread
            InboundBody.objects.bulk_update(rows, ["taken_at", "problem", "is_unread"])
            taken = InboundBody.objects.filter(webhook__source=self.source).exclude(taken_at=None)
            newest = taken.order_by("-pk").values_list("pk", flat=True)
            kept = {*newest[:KEPT_BODIES], *newest.filter(is_unread=True)[:KEPT_UNREAD]}
            # What was taken in stands in its posts, where it can be taken back; here nobody would find it.
            taken.exclude(pk__in=kept).exclude(body=b"").update(body=b"", is_unread=False)
            look_again("webhooks")
