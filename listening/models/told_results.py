"""What came of something of ours at its network, and when the network is asked again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from roles.tenancy import Owned

# When the network is asked, counted from when it took it: ever more seldom, as figures move ever less.
LOOKS_AFTER = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 3 * 24, 7 * 24, 30 * 24))


class ToldResult(Owned):
    """How something was liked, passed on and answered, as its network said when it was asked last.

    A number is empty where the network does not tell it, or has not been asked yet: that is not 0.
    """

    likes = models.PositiveIntegerField(null=True)
    reposts = models.PositiveIntegerField(null=True)
    answers = models.PositiveIntegerField(null=True)
    # How old the numbers are.
    fetched_at = models.DateTimeField(null=True)
    # When the network is asked next; empty when the last look is done.
    next_look_at = models.DateTimeField(null=True)
    # How many times in a row it did not answer, and why not.
    failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)

    class Meta(Owned.Meta):
        abstract = True


def next_look(accepted_at: datetime, at: datetime) -> datetime | None:
    """When results are looked at after a moment; None when there is no look left."""
    return next((accepted_at + after for after in LOOKS_AFTER if accepted_at + after > at), None)
