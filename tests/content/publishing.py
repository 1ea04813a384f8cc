"""What workers do with publications while a test lets time pass."""

from __future__ import annotations

from content import punctuality
from content.first_comments import comments_out
from content.publishing import publications_out
from listening.way_out.housekeeping import LOOKS
from roles.tenancy import acting_for
from tests.engagement.writing import Time


def publish(now: Time) -> None:
    """Publish what is due, as a worker that acts for nobody."""
    with acting_for(None):
        for way in (publications_out, comments_out):
            while way.deliver_next(now=now):
                pass


def look(now: Time, times: int = 1) -> None:
    """Let leases run out and look for what is unknown, so many times."""
    for _time in range(times):
        now.pass_by(LOOKS[-1])
        with acting_for(None):
            for way in (publications_out, comments_out):
                way.expire_leases(at=now())
                while way.look_next(now=now):
                    pass


def look_after(now: Time) -> int:
    """Look after what is late, in the organization that acts."""
    return punctuality.look_after_late(at=now())
