"""Reads of crisis stops, and the lock that lets none of them come too late."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import connection
from django.db.models import Q

from roles.tenancy import OwnedQuerySet, active_organization_id

if TYPE_CHECKING:
    from engagement.models import SendingStop  # noqa: F401

STOP_LOCK = 7253  # the first half of the advisory lock's key; the second is the organization's


class SendingStopQuerySet(OwnedQuerySet["SendingStop"]):
    """Crisis stops of the active organization."""

    def in_force(self) -> Self:
        """Those that nobody has lifted."""
        return self.filter(lifted_at=None)

    def covering(self, network: str, department_id: int | None) -> Self:
        """Those in force that hold back what goes out on the network for the department."""
        return self.in_force().reaching(network, department_id)

    def reaching(self, network: str, department_id: int | None) -> Self:
        """Those that hold, or held, back what goes out on the network for the department."""
        return self.filter(Q(network="") | Q(network=network), Q(department=None) | Q(department=department_id))

    def in_force_since(self, at: datetime) -> Self:
        """Those that were in force at a moment, or began after it."""
        return self.filter(Q(lifted_at=None) | Q(lifted_at__gte=at))

    def begun_after(self, at: datetime | None) -> Self:
        """Those that began after a moment; all where there is none."""
        return self.filter(started_at__gt=at) if at else self


def go_through() -> None:
    """Be one of those who let something out, until the transaction ends; a stop waits for them, and they for it.

    Taken before any row. Who holds it and then reads the stops sees each that was committed before.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [STOP_LOCK, active_organization_id() % 2**31])


def close_the_door() -> None:
    """Wait until nobody is letting anything out, and let nobody begin, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [STOP_LOCK, active_organization_id() % 2**31])
