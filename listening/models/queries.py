"""What the organization listens for."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from listening.querysets import TrackingQueryQuerySet
from roles.tenancy import Owned, OwnedManager


class TrackingQuery(Owned):
    """What the organization listens for, in the query language of the guide."""

    name = models.CharField(_("name"), max_length=120)
    expression = models.TextField(_("expression"), max_length=4000)
    department = models.ForeignKey("roles.Department", models.SET_NULL, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(db_default=Now())

    objects = OwnedManager.from_queryset(TrackingQueryQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "tracking queries"
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="query_name_once",
                violation_error_message=_("There is a query with this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
