"""How long mails that came are kept: whole until their time has come; then only that the same mail came stays known."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from engagement.models import IncomingMail, ReceivedMail
from listening.models import RetentionRule
from listening.retention import keep

# A mail of which nobody knows whose it is concerns no rule of anybody's.
OF_NOBODY = timedelta(days=30)


def _settled(before: datetime) -> QuerySet[ReceivedMail]:
    """Older ones at which nobody has to look any more."""
    return ReceivedMail.objects.filter(received_at__lt=before).exclude(state=ReceivedMail.State.FOR_A_PERSON)


def count(before: datetime, most: int) -> int:
    """How many of the active organization's mails are older than a moment, up to a bound."""
    return len(_settled(before).order_by("pk").values_list("pk", flat=True)[:most])


def remove(before: datetime, most: int) -> int:
    """Remove some of the active organization's older mails for good, raw ones with them; returns how many."""
    keys = list(_settled(before).order_by("pk").values_list("pk", flat=True)[:most])
    _empty(list(IncomingMail.objects.filter(received__in=keys).values_list("pk", flat=True)))
    ReceivedMail.objects.filter(pk__in=keys).delete()
    return len(keys)


def forget_mails_of_nobody(*, at: datetime, most: int = 1000) -> int:
    """Empty old mails that belong to no organization; returns how many."""
    rows = IncomingMail.objects.filter(received=None, processed_at__lt=at - OF_NOBODY).exclude(raw=b"")
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:most])
    _empty(keys)
    return len(keys)


def _empty(keys: list[int]) -> None:
    # The key stays: handed over once more, it is not a new mail.
    IncomingMail.objects.filter(pk__in=keys).update(raw=b"", sender=None, recipient="")


keep(RetentionRule.Kind.MAILS, count=count, remove=remove)
