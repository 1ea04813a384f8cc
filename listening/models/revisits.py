"""Which posts are read again at their network, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from roles.tenancy import Owned, OwnedInBulk

# When a post is read again, counted from when it was said or answered: ever more seldom, as edits grow ever rarer.
AFTER = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
)


class Revisit(OwnedInBulk):
    """A post that is read again at its network, for edits and deletions of which lists of what is new say nothing."""

    post = models.OneToOneField("listening.Post", models.CASCADE, related_name="revisit")
    # From when the times are counted: when it was said, or when it was answered last.
    since = models.DateTimeField()
    is_answered = models.BooleanField(default=False)
    due_at = models.DateTimeField()

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["due_at"], name="revisit_due")]

    def __str__(self) -> str:
        return f"{self.post} {self.due_at:%Y-%m-%d %H:%M}"


def next_revisit(since: datetime, at: datetime) -> datetime | None:
    """When a post is read again after a moment; None when that was the last time."""
    return next((since + after for after in AFTER if since + after > at), None)
