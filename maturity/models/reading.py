"""Who has said yes to which guidelines, who is reminded, and the address at which anybody may read them."""

from __future__ import annotations

from django.db import models

from maturity.reading_querysets import AcknowledgementQuerySet
from roles.tenancy import Owned, OwnedManager


class Acknowledgement(Owned):
    """A member's yes to what a section said in one version."""

    version = models.ForeignKey("maturity.GuidelineVersion", models.CASCADE, related_name="acknowledgements")
    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    acknowledged_at = models.DateTimeField()

    objects = OwnedManager.from_queryset(AcknowledgementQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["member", "version"], name="acknowledgement_once")]

    def __str__(self) -> str:
        return f"{self.version}, {self.member}"


class ReadingReminder(Owned):
    """When somebody who has not said yes yet is written to next; gone as soon as they have."""

    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    # Empty: written to often enough.
    due_at = models.DateTimeField(null=True)
    sent = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "member"], name="reading_reminder_once")]
        indexes = [
            models.Index(
                fields=["organization", "due_at"], name="reading_reminder_due", condition=models.Q(due_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return str(self.member)


class GuidelineAddress(Owned):
    """An address that nobody can guess, at which anybody may read the guidelines until it is revoked."""

    token = models.CharField(max_length=43, unique=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        verbose_name_plural = "guideline addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], name="guideline_address_one", condition=models.Q(revoked_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.opened_at:%Y-%m-%d}"
