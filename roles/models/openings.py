"""What was opened before its level, and why."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.querysets import EarlyOpeningQuerySet
from roles.tenancy import Owned, OwnedManager


class EarlyOpening(Owned):
    """A capability that a coach opened before the level that opens it, in one department or everywhere."""

    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, blank=True, related_name="+")
    capability = models.CharField(_("what"), max_length=60)
    reason = models.CharField(_("why"), max_length=500)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(EarlyOpeningQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "department", "capability"],
                name="early_opening_once",
                condition=models.Q(closed_at=None),
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="early_opening_newest")]

    def __str__(self) -> str:
        from roles.capability_words import LABELS

        return str(LABELS.get(self.capability, self.capability))
