"""Stories that grew since the rules were asked."""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class GrownStory(Owned):
    """A story that is told more often than when the rules were asked about it: they are to be asked again."""

    # One for each time that it grew: whoever counts stories waits for nobody who asks the rules.
    story = models.ForeignKey("listening.Story", models.CASCADE, related_name="+")
    grown_at = models.DateTimeField()

    class Meta(Owned.Meta):
        verbose_name_plural = "grown stories"

    def __str__(self) -> str:
        return str(self.story)
