"""What else goes on at a time for which something is planned: known events, and what apps above say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from listening.models import KnownEvent
from roles.statements import Statement

MOST = 50


class Meanwhile(NamedTuple):
    """Something that goes on from a moment until another, or until further notice, for a department or for all."""

    begins_at: datetime
    ends_at: datetime | None
    words: str
    # The departments that it concerns; None: all.
    departments: frozenset[int] | None = None

    def concerns(self, department: int | None, at: datetime) -> bool:
        """Whether what a department says at a moment falls into it."""
        is_then = self.begins_at <= at and (self.ends_at is None or at < self.ends_at)
        return is_then and (self.departments is None or department in self.departments)


Ask = Callable[[datetime, datetime], Iterable[Meanwhile]]
_askers: list[Ask] = []


def goes_on_meanwhile(ask: Ask) -> Ask:
    """Have an app above say what goes on between two moments."""
    _askers.append(ask)
    return ask


def between(begins_at: datetime, ends_at: datetime) -> list[Meanwhile]:
    """What goes on between two moments, in the order in which it begins."""
    found = [one for ask in _askers for one in ask(begins_at, ends_at)]
    return sorted(found, key=lambda one: one.begins_at)


@goes_on_meanwhile
def known_events(begins_at: datetime, ends_at: datetime) -> list[Meanwhile]:
    """Launches, matches, strikes: times in which much is said anyway."""
    said = _("“%(event)s” is at that time.")
    rows = _EVENTS.rows(begins=begins_at, ends=ends_at)
    return [Meanwhile(begins, ends, said % {"event": name}) for begins, ends, name in rows]


def _events(*, begins: datetime, ends: datetime) -> QuerySet[KnownEvent, Any]:
    rows = KnownEvent.objects.filter(starts_at__lt=ends, ends_at__gt=begins).order_by("starts_at")
    found: QuerySet[KnownEvent, Any] = rows.values_list("starts_at", "ends_at", "name")[:MOST]
    return found


_EVENTS = Statement(_events)
