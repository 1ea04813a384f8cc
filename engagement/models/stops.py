"""When nothing goes out: a coach's word, for everything or a part, until it is lifted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.stop_querysets import SendingStopQuerySet
from roles.tenancy import Owned, OwnedManager


class SendingStop(Owned):
    """Since when, until when and why nothing goes out; without a network or department: nothing at all."""

    network = models.CharField(_("network"), max_length=40, blank=True)
    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey("roles.Member", models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    lifted_by = models.ForeignKey("roles.Member", models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(SendingStopQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "network", "department"],
                name="sending_stop_once",
                condition=models.Q(lifted_at=None),
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="sending_stop_newest")]

    def __str__(self) -> str:
        return self.reason[:80]
