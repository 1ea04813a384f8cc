"""Where the guidelines gave no answer."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from maturity.gap_querysets import GapReportQuerySet
from roles.tenancy import Owned, OwnedManager


class GapReport(Owned):
    """A mention for which somebody found no guideline; closed by a version that has one, or by a reason."""

    mention = models.ForeignKey("listening.Mention", models.CASCADE, related_name="+")
    note = models.CharField(_("what was missing"), max_length=300, blank=True)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("why none is needed"), max_length=500, blank=True)
    version = models.ForeignKey("maturity.GuidelineVersion", models.SET_NULL, null=True, related_name="gaps")

    objects = OwnedManager.from_queryset(GapReportQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["mention", "reported_by"], name="gap_report_once", condition=models.Q(closed_at=None)
            )
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="gap_report_open", condition=models.Q(closed_at=None)),
            models.Index(fields=["organization", "-id"], name="gap_report_newest"),
        ]

    def __str__(self) -> str:
        return self.note or _now("no guideline covers this")

    @property
    def is_open(self) -> bool:
        """Whether no coach has closed it."""
        return self.closed_at is None
