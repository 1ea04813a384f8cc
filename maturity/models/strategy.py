"""What we want: with whom, how, when and where, and by which figures we shall see that it came."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from maturity.strategy_querysets import GoalQuerySet
from roles.tenancy import Owned, OwnedManager


class Canvas(Owned):
    """The strategy of the whole organization or of a department on one page."""

    # Without one: the whole organization.
    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, blank=True, related_name="+")
    who = models.TextField(_("who"), max_length=2000, blank=True)
    how = models.TextField(_("how"), max_length=2000, blank=True)
    when = models.TextField(_("when"), max_length=2000, blank=True)
    where = models.TextField(_("where"), max_length=2000, blank=True)
    review_on = models.DateField(_("looked at again on"), null=True, blank=True)
    # The day of which coaches were reminded last.
    reminded_of = models.DateField(null=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        verbose_name = _("strategy canvas")
        verbose_name_plural = _("strategy canvases")
        constraints = [
            models.UniqueConstraint(fields=["organization", "department"], name="canvas_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return str(self.department or self.organization)


class Goal(Owned):
    """What is to be reached by a day, with the figure that will show it and the person who answers for it."""

    class Outcome(models.TextChoices):
        REACHED = "reached", _("Reached")
        MISSED = "missed", _("Not reached")
        DROPPED = "dropped", _("Given up")

    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    # The goal of the organization that it serves.
    under = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="parts")
    title = models.CharField(_("goal"), max_length=200)
    # Of `maturity.goal_metrics`.
    metric = models.CharField(_("metric"), max_length=40)
    # In the unit of the metric: a share from 0 to 1, seconds, or a number.
    target = models.FloatField(_("target"))
    # What the figure was when the goal was set; empty where there was nothing to judge by.
    began_at = models.FloatField(null=True)
    owner = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+", verbose_name=_("owner"))
    reach_by = models.DateField(_("by"))
    review_on = models.DateField(_("looked at again on"), null=True, blank=True)
    # The day of which the owner was reminded last.
    reminded_of = models.DateField(null=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome, blank=True)
    lesson = models.CharField(_("what we learned"), max_length=500, blank=True)

    objects = OwnedManager.from_queryset(GoalQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [
            models.Index(
                fields=["organization", "department", "id"], name="goal_open", condition=models.Q(ended_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.title


class GoalFigure(Owned):
    """What the figure of a goal was on a day: kept every week, for nobody can count it later."""

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="figures")
    day = models.DateField()
    # In the unit of the metric; empty where there was nothing to judge by.
    figure = models.FloatField(null=True)

    class Meta(Owned.Meta):
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["goal", "day"], name="goal_figure_once")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.figure}"
