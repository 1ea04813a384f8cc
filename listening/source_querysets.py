"""Reads of sources that have a name: by how they fare, by kind, by words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db.models import BigIntegerField, Case, Count, DurationField, ExpressionWrapper, F, Max, Q, Value, When
from django.db.models.functions import Coalesce, Extract, Greatest
from django.db.models.lookups import GreaterThan

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from listening.models import Source  # noqa: F401

# A source is silent after three times the time within which something usually comes, and not within a day.
SILENT_TIMES = 3
SILENT_SECONDS = 86_400


TROUBLE = (
    Q(rate_limits_in_row__gt=0)
    | Q(network_failures_in_row__gt=0)
    | Q(parse_failures_in_row__gt=0)
    | Q(state="closed")
    | Q(connection__state="withdrawn")
)


def silent_at(at: datetime) -> Q:
    """The condition on sources that they are silent; `Source.is_silent` says the same of one."""
    after = Case(
        When(quiet_hours__gt=0, then=F("quiet_hours") * Value(3600)),
        default=Greatest(F("usual_seconds") * Value(SILENT_TIMES), Value(SILENT_SECONDS)),
        output_field=BigIntegerField(),
    )
    known = Q(quiet_hours__gt=0) | Q(usual_seconds__isnull=False)
    quiet = ExpressionWrapper(Value(at) - Coalesce("last_item_at", "created_at"), DurationField())
    return Q(known, GreaterThan(Extract(quiet, "epoch"), after), state="active")


class SourceQuerySet(OwnedQuerySet["Source"]):
    """Sources of the active organization."""

    def active(self) -> Self:
        """Those that are polled."""
        return self.filter(state="active")

    def polled(self) -> Self:
        """Those that are polled, and whose access has not been withdrawn."""
        return self.active().exclude(connection__state="withdrawn")

    def make_due(self, at: datetime) -> int:
        """Have them polled from now on; returns how many that concerns.

        What is due already keeps its place in the line. What is being polled may have looked too early: it is polled
        once more.
        """
        return self.filter(Q(next_poll_at__gt=at) | Q(lease_until__gt=at)).update(next_poll_at=at)

    def by_name(self) -> Self:
        """In the order of names."""
        return self.order_by("name", "pk")

    def after(self, name: str, key: int) -> Self:
        """Those that come after this one in the order of names."""
        return self.filter(Q(name__gt=name) | Q(name=name, pk__gt=key))

    def in_trouble(self) -> Self:
        """Those whose last polls failed, and those that were closed."""
        return self.filter(TROUBLE)

    def silent(self, at: datetime) -> Self:
        """Those that brought nothing new for longer than is to be expected of them."""
        return self.filter(silent_at(at))

    def stopped(self) -> Self:
        """Those that are not polled: somebody paused them."""
        return self.filter(state="paused")

    def internal(self) -> Self:
        """Those of which nothing may be answered in public."""
        return self.filter(is_internal=True)

    def called(self, words: str) -> Self:
        """Those with all of these words in name, address or folder."""
        rows = self
        for word in words.split()[:10]:
            rows = rows.filter(Q(name__icontains=word) | Q(place__icontains=word) | Q(folder__icontains=word))
        return rows

    def heard(self, at: datetime) -> dict[str, Any]:
        """How many are polled, how many of these are neither in trouble nor silent, and when the newest came."""
        polled = Q(state="active")
        return self.aggregate(
            polled=Count("pk", filter=polled),
            well=Count("pk", filter=polled & ~TROUBLE & ~silent_at(at)),
            newest=Max("last_item_at"),
        )

    def counts(self, at: datetime) -> dict[str, int]:
        """How many there are of each kind, asked once."""
        return self.aggregate(
            all=Count("pk"),
            trouble=Count("pk", filter=TROUBLE),
            silent=Count("pk", filter=silent_at(at)),
            paused=Count("pk", filter=Q(state="paused")),
            internal=Count("pk", filter=Q(is_internal=True)),
        )
