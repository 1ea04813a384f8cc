"""Positions that begin on a day to come."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.models.people import Member, Role
from roles.tenancy import Owned
from roles.wording import listed


class PlannedPosition(Owned):
    """A position that a member is given when its moment has come; until then it gives nothing."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="planned_positions")
    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, related_name="+")
    role = models.CharField(_("role"), max_length=12, choices=Role, blank=True)
    custom_role = models.ForeignKey("roles.CustomRole", models.PROTECT, null=True, related_name="+")
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    capacity = models.PositiveIntegerField(default=20)
    begins_at = models.DateTimeField(_("begins at"))
    ends_at = models.DateTimeField(_("ends at"), null=True)

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["begins_at"], name="planned_position_due")]

    def __str__(self) -> str:
        where = str(self.department) if self.department else str(_("whole organization"))
        return listed([self.custom_role or self.get_role_display(), where])
