"""Reports: chosen blocks about a period, kept under a name, mailed when they are due, open to others by an address."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from measurement.periods import PERIODS
from roles.tenancy import Owned

# In every month.
LAST_DAY = 28


class Report(Owned):
    """Chosen blocks about a period, kept under a name; what it shows is read anew whenever it is opened or mailed."""

    name = models.CharField(_("name"), max_length=120)
    period = models.CharField(_("period"), max_length=7, choices=list(PERIODS.items()), default="month")
    # Outside or the practice field; empty: the outside, unless something comes on the practice field alone.
    side = models.CharField(
        _("where"), max_length=8, blank=True, default="",
        choices=[("outside", _("Outside")), ("practice", _("Practice field"))],
    )  # fmt: skip
    # Of `measurement.blocks`, in the order of reading: {"kind": "network", "metric": "captured", "text": ""}.
    blocks = models.JSONField(default=list)
    owner = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+", verbose_name=_("owner"))
    # On which days of the week it is mailed (0 is Monday), or on which day of the month; none: it is not.
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    month_day = models.PositiveSmallIntegerField(
        _("day of the month"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(LAST_DAY)]
    )
    at_time = models.TimeField(_("at"), null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_to = models.PositiveIntegerField(default=0)
    composed_at = models.DateTimeField()
    composed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta(Owned.Meta):
        indexes = [
            models.Index(fields=["organization", "id"], name="report_kept", condition=models.Q(dropped_at=None)),
            models.Index(fields=["next_at"], name="report_due", condition=models.Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class ReportReader(Owned):
    """A member to whom a report is mailed."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="readers")
    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["report", "member"], name="report_reader_once")]

    def __str__(self) -> str:
        return str(self.member)


class ReportAddress(Owned):
    """An address that nobody can guess, at which anybody may read a report until a day, or until it is revoked."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="addresses")
    token = models.CharField(max_length=43, unique=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        verbose_name_plural = "report addresses"
        constraints = [
            models.UniqueConstraint(fields=["report"], name="report_address_one", condition=models.Q(revoked_at=None))
        ]

    def __str__(self) -> str:
        return str(self.report)


class ReportSetting(Owned):
    """Whether reports of the organization may be opened to others at all; no row: they may not."""

    allows_addresses = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="report_setting_one")]

    def __str__(self) -> str:
        return str(self.allows_addresses)
