"""Hours a week that are planned, and the efforts of today that they replace."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from maturity.budget_querysets import BudgetedTimeQuerySet
from roles.activities import Activity
from roles.tenancy import Owned, OwnedManager

WEEK_HOURS = 168


class Line(models.TextChoices):
    """The two lines of work: talking with people, and making what is worth talking about."""

    ENGAGEMENT = "engagement", _("Engagement")
    CONTENT = "content", _("Content")


class BudgetedTime(Owned):
    """Hours a week that a department, or a person in it, has for one activity of a line."""

    # Without one: the whole organization, beside what its departments have.
    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, blank=True, related_name="+")
    # Without one: whoever does it.
    member = models.ForeignKey("roles.Member", models.CASCADE, null=True, blank=True, related_name="+")
    line = models.CharField(_("line"), max_length=10, choices=Line, default=Line.ENGAGEMENT)
    activity = models.CharField(_("activity"), max_length=10, choices=Activity)
    hours = models.DecimalField(
        _("hours a week"),
        max_digits=5,
        decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(WEEK_HOURS)],
    )

    objects = OwnedManager.from_queryset(BudgetedTimeQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name = _("budgeted time")
        verbose_name_plural = _("budgeted time")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "department", "member", "line", "activity"],
                name="budgeted_time_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(hours__gt=0), name="budgeted_time_is_some"),
        ]

    def __str__(self) -> str:
        return f"{self.get_activity_display()}: {self.hours} h"


class Effort(Owned):
    """Something that is done today, and what becomes of it: so that the new is an “or” and not one more “and”."""

    class Fate(models.TextChoices):
        REPLACED = "replaced", _("Replaced: its hours become free")
        REUSED = "reused", _("Reused: the same work serves twice")
        KEPT = "kept", _("Stays as it is")

    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    title = models.CharField(_("what is done today"), max_length=120)
    hours = models.DecimalField(
        _("hours a week"),
        max_digits=5,
        decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(1000)],
    )
    fate = models.CharField(_("what becomes of it"), max_length=8, choices=Fate, default=Fate.KEPT)
    note = models.CharField(_("how"), max_length=300, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        verbose_name = _("effort")
        indexes = [models.Index(fields=["organization", "department", "id"], name="effort_of_department")]

    def __str__(self) -> str:
        return self.title
