"""What coaches attest, and what was judged when."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from maturity.assessment_querysets import AssessmentQuerySet, AttestationQuerySet
from roles.models import Level
from roles.tenancy import Owned, OwnedManager


class Attestation(Owned):
    """A coach's word that something is done which no figure can show; it lapses on a day."""

    practice = models.CharField(_("practice"), max_length=40)
    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    note = models.TextField(_("how we know"), max_length=1000)
    lapses_on = models.DateField(_("lapses on"))
    attested_at = models.DateTimeField()
    attested_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(AttestationQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["organization", "practice", "-id"], name="attestation_newest")]

    def __str__(self) -> str:
        from maturity.practices import BY_KEY

        practice = BY_KEY.get(self.practice)
        return str(practice.title) if practice else self.practice


class Assessment(Owned):
    """The practices judged at one moment, as they were then, and the level that follows; it is never changed."""

    # Without one: the whole organization.
    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, blank=True, related_name="+")
    assessed_at = models.DateTimeField()
    # Empty: the application did it, once a week.
    assessed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    level = models.CharField(_("level"), max_length=12, choices=Level)
    suggested = models.CharField(_("suggested level"), max_length=12, choices=Level)
    # Of each practice its words, verdict, figure and threshold, or who attested it until when.
    verdicts = models.JSONField(default=list)

    objects = OwnedManager.from_queryset(AssessmentQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["organization", "department", "-id"], name="assessment_newest")]

    def __str__(self) -> str:
        return f"{self.department or self.organization} {self.assessed_at:%Y-%m-%d}"
