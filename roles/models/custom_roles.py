"""Roles that an organization composes itself."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class CustomRole(Owned):
    """A duty beside the built-in ones: what its holders may do was chosen from the table of capabilities."""

    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("what for"), max_length=300, blank=True)
    capabilities = ArrayField(models.CharField(max_length=60), verbose_name=_("may"), default=list)
    needs_second_factor = models.BooleanField(_("asks for a second factor"), default=False, editable=False)
    created_at = models.DateTimeField()

    class Meta(Owned.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="custom_role_name_once",
                violation_error_message=_("There is a role with this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
