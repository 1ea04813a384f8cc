"""Where we are, where we should be, and where our people speak of their own accord."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from maturity.presence_querysets import PresenceQuerySet
from roles.tenancy import Owned, OwnedManager


class Presence(Owned):
    """One place of the inventory: an account of ours, one that we should have, or one that an employee runs."""

    class Kind(models.TextChoices):
        OWNED = "owned", _("We are there")
        NEEDED = "needed", _("We should be there")
        EMPLOYEE = "employee", _("One of us speaks there")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.OWNED)
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=500, blank=True)
    # The place of the venue map in which it lies: a whole network, or one source. Neither: a place not listened to.
    network = models.CharField(_("network"), max_length=40, blank=True)
    source = models.ForeignKey("listening.Source", models.SET_NULL, null=True, blank=True, related_name="+")
    department = models.ForeignKey(
        "roles.Department", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    # Who looks after it; where an employee speaks, that is who.
    member = models.ForeignKey("roles.Member", models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(_("what for"), max_length=300, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    # When somebody last said that this still holds.
    checked_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(PresenceQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [
            models.Index(
                fields=["organization", "kind", "name"], name="presence_by_kind", condition=models.Q(dropped_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.name
