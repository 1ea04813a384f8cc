"""Notes on the time line: what happened then, so that a figure need not be guessed at."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class Annotation(Owned):
    """A note of a person on a day, or on some days: a launch, an outage, a campaign."""

    title = models.CharField(_("what happened"), max_length=120)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    first_day = models.DateField(_("day"))
    last_day = models.DateField(_("until"), null=True, blank=True)
    # Without one: it concerns everybody.
    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day=None) | models.Q(last_day__gte=models.F("first_day")),
                name="annotation_ends_after_it_begins",
                violation_error_message=_("It ends before it begins."),
            )
        ]
        indexes = [models.Index(fields=["organization", "-first_day", "-id"], name="annotation_newest")]

    def __str__(self) -> str:
        return self.title
