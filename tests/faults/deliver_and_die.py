"""A worker that delivers one reply after the other, and is killed at the named step of the first."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any


def die(*args: Any, **kwargs: Any) -> Any:
    """End as `kill -9` ends a process: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def after(step: Callable[..., Any]) -> Callable[..., Any]:
    """Do the step, and die."""

    def done(*args: Any, **kwargs: Any) -> Any:
        step(*args, **kwargs)
        die()

    return done


def main(step: str) -> None:
    from engagement import outcomes
    from engagement.outbox import replies_out
    from engagement.tasks import deliver_ready, reconcile_unknown
    from listening.way_out import housekeeping
    from tests.faults import town

    town.install()
    match step:
        case "claimed":
            housekeeping.claim_ready = after(housekeeping.claim_ready)
        case "begun":
            town.FarTown.reply = die  # type: ignore[method-assign]
        case "sent":
            replies_out._accept = die
        case "before commit":
            outcomes.accepted = after(outcomes.accepted)
        case "committed":
            replies_out._accept = after(replies_out._accept)
        case "looked":
            replies_out.hold = die
    if step == "looked":
        reconcile_unknown()
    else:
        deliver_ready()
