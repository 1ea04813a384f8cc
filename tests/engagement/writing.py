"""A clock that a test moves, and what workers do in between."""

from __future__ import annotations

from datetime import datetime, timedelta

from engagement import outbox
from listening.way_out.housekeeping import LOOKS
from roles import clock
from roles.tenancy import acting_for


class Time:
    """The moment, until the test lets time pass."""

    def __init__(self) -> None:
        self.at = clock.now()

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def deliver(now: Time) -> None:
    """Deliver everything that is due, as a worker that acts for nobody."""
    with acting_for(None):
        while outbox.deliver_next(now=now):
            pass


def look(now: Time, times: int = 1) -> None:
    """Let leases run out and look for what is unknown, so many times."""
    for _ in range(times):
        now.pass_by(LOOKS[-1])
        with acting_for(None):
            outbox.expire_leases(at=now())
            outbox.look_next(now=now)
