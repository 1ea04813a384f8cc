"""One decision on many mentions: how far it has come, and what it found, so that it can be undone."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class BulkDecision(Owned):
    """One decision on many mentions: on those that were ticked, or on all that a filter finds."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Under way")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    verb = models.CharField(max_length=20)
    code = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    department = models.ForeignKey("roles.Department", models.SET_NULL, null=True, related_name="+")
    # Which mentions: the filter as it stands in the address, no newer than this one; empty and 0 for ticked ones.
    query = models.CharField(max_length=2000, blank=True)
    newest_id = models.BigIntegerField(default=0)
    # The stories that were decided as a whole, later arrivals included, and what was decided for each before.
    story_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    followed_before = models.JSONField(default=list, blank=True)
    # How many it was thought to be, how far down it has come, and what came of it.
    expected = models.PositiveIntegerField(default=0)
    next_id = models.BigIntegerField(default=0)
    decided = models.PositiveIntegerField(default=0)
    left_alone = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        verbose_name = _("bulk decision")
        indexes = [
            models.Index(fields=["id"], name="bulk_under_way", condition=models.Q(state__in=["waiting", "undoing"]))
        ]

    def __str__(self) -> str:
        return f"{self.verb} ({self.decided})"

    @property
    def is_under_way(self) -> bool:
        """Whether there is still something to do."""
        return self.state in {self.State.WAITING, self.State.UNDOING}


class BulkStep(Owned):
    """Some of the mentions of a bulk decision, with what each was before."""

    bulk = models.ForeignKey(BulkDecision, models.CASCADE, related_name="steps")
    before = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        verbose_name = _("bulk step")

    def __str__(self) -> str:
        return f"{self.bulk}, {len(self.before)}"
