"""Workers that deliver one after the other and are killed wherever they are, until nothing is due."""

from __future__ import annotations

import os
import random
import signal
import threading

from engagement import outbox
from listening.way_out.housekeeping import LOOKS
from roles.tenancy import acting_for
from tests.engagement.writing import Time
from tests.faults.forked import killed

SHORTEST, LONGEST, MOST = 0.5, 4.0, 12


def deliver_and_die(now: Time, dice: random.Random) -> int:
    """Let workers deliver and look until one comes to its end, or enough were killed; returns how many."""
    kills = 0
    while kills < MOST and killed(lambda: _work(now, dice.uniform(SHORTEST, LONGEST))):
        kills += 1
        # Until the lease of the dead has run out, nobody touches what it had.
        now.pass_by(LOOKS[-1])
    return kills


def _work(now: Time, seconds: float) -> None:
    end = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL))
    end.daemon = True
    end.start()
    with acting_for(None):
        outbox.expire_leases(at=now())
        while outbox.deliver_next(now=now):
            pass
        now.pass_by(LOOKS[-1])
        while outbox.look_next(now=now):
            pass
    end.cancel()
