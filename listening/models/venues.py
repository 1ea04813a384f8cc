"""Where the community talks, as it stood when somebody looked."""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class VenueMap(Owned):
    """Where was talked in a span of time, how much, about what and who led; drawn by a worker and kept."""

    since = models.DateTimeField()
    until = models.DateTimeField()
    asked_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    # Empty until it is drawn. Authors stand in it by their keys, so that who is forgotten is gone from it too.
    content = models.JSONField(default=dict)
    drawn_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        indexes = [
            models.Index(fields=["organization", "-id"], name="venue_map_newest"),
            models.Index(fields=["id"], name="venue_map_wanted", condition=models.Q(drawn_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d} – {self.until:%Y-%m-%d}"
