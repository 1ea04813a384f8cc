"""What the organization listens for."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from listening.querysets import TrackingQueryQuerySet
from roles.tenancy import Owned, OwnedManager


class TrackingQuery(Owned):
    """What the organization listens for, in the query language of the guide."""

    name = models.CharField(_("name"), max_length=120)
    expression = models.TextField(_("expression"), max_length=4000)
    department = models.ForeignKey("roles.Department", models.SET_NULL, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(db_default=Now())

    objects = OwnedManager.from_queryset(TrackingQueryQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "tracking queries"
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="query_name_once",
                violation_error_message=_("There is a query with this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class LookBack(Owned):
    """The wish to ask a query of what was captured before it was written; a worker does it, a part at a time."""

    class State(models.TextChoices):
        RUNNING = "running", _("Looking")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    query = models.ForeignKey(TrackingQuery, models.CASCADE, related_name="look_backs")
    # What the query said when this was asked; another expression is another look.
    expression = models.TextField()
    since = models.DateTimeField()
    # Posts with greater keys than this one's, up to that one's, in the order of their keys.
    from_post = models.BigIntegerField()
    until_post = models.BigIntegerField()
    reached_post = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    found = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["query"], name="look_back_once", condition=models.Q(state="running"))
        ]

    def __str__(self) -> str:
        return str(self.query)

    @property
    def percent(self) -> int:
        """How far it has come, from 0 to 100."""
        if self.state == self.State.DONE:
            return 100
        return round(100 * (self.reached_post - self.from_post) / max(1, self.until_post - self.from_post))
