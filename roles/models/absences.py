"""When people are away: what was, what is, and what is planned."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.absence_querysets import AbsenceQuerySet
from roles.models.people import Member
from roles.tenancy import Owned, OwnedManager


class Absence(Owned):
    """A span of time in which a member is away; one that is planned begins by itself, one that is past stays.

    While it goes on, the member's own row says so too: that is what routing reads.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="absences")
    begins_at = models.DateTimeField(_("begins at"))
    # Empty: until further notice.
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    # Who gets meanwhile what would have gone to them.
    stand_in = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("stands in")
    )
    is_begun = models.BooleanField(default=False, editable=False)

    objects = OwnedManager.from_queryset(AbsenceQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        ordering = ["begins_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("begins_at")),
                name="absence_ends_after_it_begins",
            ),
            # A plan has an end: somebody who is planned away for ever is leaving.
            models.CheckConstraint(
                condition=models.Q(is_begun=True) | models.Q(ends_at__isnull=False), name="absence_planned_ends"
            ),
        ]
        indexes = [
            models.Index(fields=["member", "begins_at"], name="absence_of_member"),
            models.Index(fields=["begins_at"], name="absence_due", condition=models.Q(is_begun=False)),
        ]

    def __str__(self) -> str:
        return str(self.member)
