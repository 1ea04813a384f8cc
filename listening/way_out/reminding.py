"""Who is told by mail that something did not go out and waits for them, once for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from listening.way_out.looking import Row
from listening.way_out.way import WayOut
from roles.models import Member

AT_ONCE = 200


def remind(way: WayOut[Row], *, write: Callable[[Row, Member], None], at: datetime) -> int:
    """Write to the owner of each row that has waited for a person too long; returns how many were told.

    An owner who is no longer here gives it to somebody who is. The row says that it was told, so that however many
    look at once and whatever dies, each is told of once.
    """
    since = at - timedelta(minutes=settings.DELIVERY_REMINDER_MINUTES)
    waiting = way.whole().filter(reminded_at=None, put_before_person_at__lte=since)
    told = 0
    for key in list(waiting.order_by("put_before_person_at", "pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            rows = waiting.select_for_update(skip_locked=True, no_key=True, of=("self",))
            row = rows.filter(pk=key).select_related("owner__user").first()
            if row is None:  # somebody acted, or another worker tells it
                continue
            if row.owner is None or not row.owner.is_available(at):
                row.owner = way.owner_of(row, at=at)
            row.reminded_at = at
            row.save(update_fields=["owner", "reminded_at"])
            write(row, row.owner)
            told += 1
    return told
