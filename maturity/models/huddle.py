"""The huddle: what coaches tell each other, and when they get it by mail."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from maturity.huddle_querysets import HuddleEntryQuerySet
from roles.tenancy import Owned, OwnedManager


class HuddleEntry(Owned):
    """Something that a coach brings back to the other coaches, perhaps with the mention that it came from."""

    class Kind(models.TextChoices):
        CHALLENGE = "challenge", _("Challenge")
        INFORMATION = "information", _("Information")
        SUCCESS = "success", _("Success")
        PRACTICE = "practice", _("Best practice")
        DECISION = "decision", _("Decision")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    text = models.TextField(_("what there is to tell"), max_length=2000)
    department = models.ForeignKey(
        "roles.Department", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    mention = models.ForeignKey("listening.Mention", models.SET_NULL, null=True, blank=True, related_name="+")
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(HuddleEntryQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = _("huddle entries")
        indexes = [
            models.Index(fields=["organization", "-id"], name="huddle_newest", condition=models.Q(withdrawn_at=None)),
            models.Index(
                fields=["organization", "kind", "-id"], name="huddle_of_kind", condition=models.Q(withdrawn_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class HuddleDigest(Owned):
    """When coaches get the next digest of the huddle, and up to when the last one told."""

    next_at = models.DateTimeField()
    made_to = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="huddle_digest_one")]

    def __str__(self) -> str:
        return f"{self.next_at:%Y-%m-%d}"


class HuddleReader(Owned):
    """Whether a coach wants the digest, where they have said so."""

    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    wants_it = models.BooleanField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "member"], name="huddle_reader_once")]

    def __str__(self) -> str:
        return str(self.member)
