"""Claims what is due, a few at a time, and tells when each server is to be visited: a process of its own.

It says when it is ready, and begins when it is told to.
"""

from __future__ import annotations

import sys
import time

import django

django.setup()

from listening.housekeeping import claim_due  # noqa: E402
from listening.models import Source  # noqa: E402
from roles import clock  # noqa: E402

if __name__ == "__main__":
    print("ready", flush=True)
    sys.stdin.readline()
    deadline = time.monotonic() + 60
    # Nobody is asked for here: the rows of all organizations are the work.
    while Source.everywhere.filter(lease_until=None).exists() and time.monotonic() < deadline:
        for claim in claim_due(clock.now(), limit=2):
            print(claim.source.pk, claim.visit_at.isoformat(), flush=True)
        time.sleep(0.02)
