"""Who is told by mail that a delivery waits for them, once for each reply."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from engagement.mailing import remind_of_delivery
from engagement.models import Reply
from engagement.owners import owner_of

AT_ONCE = 200


def remind(*, at: datetime) -> int:
    """Write to the owner of each delivery that has waited for a person too long; returns how many were told.

    An owner who is no longer here gives it to somebody who is. The row says that it was told, so that however many
    look at once and whatever dies, each is told of once.
    """
    since = at - timedelta(minutes=settings.DELIVERY_REMINDER_MINUTES)
    waiting = Reply.objects.before_a_person().filter(reminded_at=None, put_before_person_at__lte=since)
    told = 0
    for key in list(waiting.order_by("put_before_person_at", "pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            rows = Reply.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).with_everything()
            row = rows.before_a_person().filter(pk=key, reminded_at=None).select_related("owner__user").first()
            if row is None:  # somebody acted, or another worker tells it
                continue
            if row.owner is None or not row.owner.is_available(at):
                row.owner = owner_of(row, at=at)
            row.reminded_at = at
            row.save(update_fields=["owner", "reminded_at"])
            remind_of_delivery(row, row.owner, at=at)
            told += 1
    return told
