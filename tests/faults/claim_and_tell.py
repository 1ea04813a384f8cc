"""Claims what is due, a few at a time, and notes when each server is to be visited: a process of its own.

It leaves a sign when it is ready, and begins when one is left for it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

READY, GO, TOLD = "ready", "go", "told"


def main(folder: str, per_second: str) -> None:
    from django.conf import settings

    from listening.housekeeping import claim_due
    from listening.models import Source
    from roles import clock

    settings.FETCH_REQUESTS_PER_HOST_PER_SECOND = float(per_second)
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    place = Path(folder)
    # Nobody is asked for here: the rows of all organizations are the work.
    work = Source.everywhere.filter(lease_until=None)
    assert work.exists()
    (place / f"{READY}-{os.getpid()}").touch()
    deadline = time.monotonic() + 60
    while not (place / GO).exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    with (place / f"{TOLD}-{os.getpid()}").open("w") as told:
        while work.exists() and time.monotonic() < deadline:
            for claim in claim_due(clock.now(), limit=2):
                told.write(f"{claim.source.pk} {claim.visit_at.isoformat()}\n")
            time.sleep(0.02)
