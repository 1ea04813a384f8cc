"""What must look across organizations: which hubs are to be asked, and what they sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from listening.models import Push, Source, Subscription

# So long nobody else asks the same hub for the same thing.
ASKING = timedelta(minutes=5)
NEW_AT_ONCE = 200
LONGEST = 2000


def follow_offers(at: datetime) -> None:
    """Have a subscription for each hub that a source's place named at its last poll, and none for others.

    The offer stands in the source's cursor. Another hub gets another address and another secret.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _TAKEN_BACK:
            cursor.execute(statement)
    offers = Source.everywhere.filter(state=Source.State.ACTIVE, cursor__has_key="hub", subscription=None)
    Subscription.everywhere.bulk_create(
        [
            Subscription(
                organization_id=source.organization_id, source=source, hub=source.cursor["hub"],
                topic=source.cursor["topic"], next_attempt_at=at,
            )
            for source in offers.order_by("pk")[:NEW_AT_ONCE]
            if len(source.cursor["hub"]) <= LONGEST and len(source.cursor["topic"]) <= LONGEST
        ],
        ignore_conflicts=True,
    )  # fmt: skip


_TAKEN_BACK = (
    """
    DELETE FROM listening_push push USING listening_subscription row, listening_source source
    WHERE push.subscription_id = row.id AND source.id = row.source_id
        AND (source.cursor->>'hub', source.cursor->>'topic') IS DISTINCT FROM (row.hub, row.topic)
    """,
    """
    DELETE FROM listening_subscription row USING listening_source source
    WHERE source.id = row.source_id
        AND (source.cursor->>'hub', source.cursor->>'topic') IS DISTINCT FROM (row.hub, row.topic)
    """,
)


def claim_due(at: datetime, *, limit: int = 50) -> list[Subscription]:
    """Take the subscriptions that are to be asked for or renewed; whoever dies on the way leaves them due again."""
    rows = Subscription.everywhere.select_related("source", "organization")
    with transaction.atomic():
        due = rows.filter(next_attempt_at__lte=at, source__state=Source.State.ACTIVE).order_by("next_attempt_at")
        found = list(due.select_for_update(of=("self",), skip_locked=True)[:limit])
        keys = [row.pk for row in found]
        Subscription.everywhere.filter(pk__in=keys).update(next_attempt_at=at + ASKING)
    return found


def by_key(key: str) -> Subscription | None:
    """Return the subscription whose address this is."""
    return Subscription.everywhere.select_related("source", "organization").filter(key=key).first()


def next_waiting(after: int) -> Push | None:
    """Hold the next push that nobody has taken in, until the transaction ends."""
    rows = Push.everywhere.filter(taken_at=None, pk__gt=after).order_by("pk")
    return (
        rows.select_related("subscription__source__channel", "organization")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )


def waiting_too_long(at: datetime) -> int:
    """How many pushes were kept a while ago and not taken in: somebody should look why."""
    return Push.everywhere.filter(Q(taken_at=None), received_at__lt=at - timedelta(minutes=10)).count()
