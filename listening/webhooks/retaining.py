"""How long what programs sent us, and what they were told, is kept once that has come to its end."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from listening.models import InboundBody, OutboundEvent, RetentionRule, Source
from listening.retention import keep


def _bodies(before: datetime) -> QuerySet[InboundBody]:
    """Older bodies that were taken in, or that wait at a source which nobody reads any more."""
    over = Q(taken_at__isnull=False) | ~Q(webhook__source__state=Source.State.ACTIVE)
    return InboundBody.objects.filter(over, received_at__lt=before)


def _events(before: datetime) -> QuerySet[OutboundEvent]:
    """Older events that were taken or given up, or that wait for an address which is switched off."""
    ended = Q(state__in=[OutboundEvent.State.TAKEN, OutboundEvent.State.FAILED])
    return OutboundEvent.objects.filter(ended | Q(webhook__is_active=False), happened_at__lt=before)


def count(before: datetime, most: int) -> int:
    """How many of the active organization's are older than a moment, up to a bound."""
    found = 0
    for rows in (_bodies(before), _events(before)):
        found += len(rows.order_by("pk").values_list("pk", flat=True)[: most - found])
    return found


def remove(before: datetime, most: int) -> int:
    """Remove some of them for good; returns how many."""
    removed = 0
    for rows in (_bodies(before), _events(before)):
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[: most - removed])
        rows.model._default_manager.filter(pk__in=keys).delete()
        removed += len(keys)
    return removed


keep(RetentionRule.Kind.WEBHOOKS, count=count, remove=remove)
