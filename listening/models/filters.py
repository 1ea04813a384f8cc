"""What people look for again and again: saved filters of the stream, and the columns in which they stand."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from listening.filter_querysets import SavedFilterQuerySet
from roles.tenancy import Owned, OwnedManager


class SavedFilter(Owned):
    """A name for a filter of the stream: a member's own, a department's, or everyone's."""

    name = models.CharField(_("name"), max_length=80)
    # The filter as it stands in the address of the stream.
    query = models.CharField(_("filter"), max_length=2000, blank=True)
    owner = models.ForeignKey("roles.Member", models.CASCADE, null=True, blank=True, related_name="saved_filters")
    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, blank=True, related_name="+")
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(SavedFilterQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner=None) | models.Q(department=None), name="saved_filter_for_one_circle"
            )
        ]
        indexes = [models.Index(fields=["organization", "position", "id"], name="saved_filter_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        """Whether others see it too."""
        return self.owner_id is None


class Column(Owned):
    """A saved filter on a member's board, and where it stands there."""

    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="columns")
    saved_filter = models.ForeignKey(SavedFilter, models.CASCADE, related_name="columns")
    position = models.PositiveIntegerField(default=0)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["member", "saved_filter"], name="column_once")]

    def __str__(self) -> str:
        return str(self.saved_filter)
