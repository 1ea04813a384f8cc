"""The tenant and its parts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned, active_organization


class Level(models.TextChoices):
    """How far an organization has come; each level opens what the next column of work needs."""

    PASSIVE = "passive", _("Passive")
    RESPONSIVE = "responsive", _("Responsive")
    ENGAGING = "engaging", _("Engaging")
    CREATING = "creating", _("Creating")

    @property
    def rank(self) -> int:
        """The level's place on the ladder, from 0."""
        return list(Level).index(self)


class Organization(models.Model):
    """The tenant: everything belongs to exactly one."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    level = models.CharField(_("level"), max_length=12, choices=Level, default=Level.PASSIVE)
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    response_minutes = models.PositiveIntegerField(
        _("response target in minutes"),
        default=240,
        help_text=_(
            "Counted around the clock; used where neither a routing rule nor a response target says otherwise."
        ),
    )
    # Built-in roles that nobody uses without a second factor.
    second_factor_roles = ArrayField(models.CharField(max_length=12), default=list, editable=False)
    # Whether only those who come from the identity provider, and owners, get in; kept by whoever sets the provider.
    asks_provider = models.BooleanField(default=False, db_default=False, editable=False)
    # Since when the list of first steps is not shown by itself any more.
    set_up_ended_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(level__in=Level.values), name="organization_level")]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose clocks say when its days begin."""
        return ZoneInfo(self.time_zone)


class Department(Owned):
    """A part of the organization with its own level, rules and people."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("short name"), max_length=60)
    level = models.CharField(
        _("level"),
        max_length=12,
        choices=Level,
        blank=True,
        default="",
        help_text=_("Empty: the level of the organization."),
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of"),
        help_text=_("Positions there count here too."),
    )  # fmt: skip
    # All that lie below it, kept by whoever moves a department; so a position knows how far it reaches.
    below = ArrayField(models.BigIntegerField(), default=list, editable=False)
    calendar = models.ForeignKey(
        "roles.Calendar",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="departments",
        verbose_name=_("business hours"),
        help_text=_("Empty: the default calendar."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Owned.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="department_name_once",
                violation_error_message=_("There is a department with this name already."),
            ),
            models.UniqueConstraint(fields=["organization", "slug"], name="department_slug_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def with_below(self) -> list[int]:
        """Its key and those of all departments that lie below it: what its figures are of."""
        return [self.pk, *self.below]

    @property
    def effective_level(self) -> Level:
        """Its own level, or the organization's where it has none."""
        return Level(self.level or active_organization().level)
