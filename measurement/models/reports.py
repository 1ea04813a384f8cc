"""Reports: chosen blocks about a period, kept under a name, mailed when they are due, open to others by an address."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from measurement.periods import PERIODS
from measurement.report_querysets import ReportAddressQuerySet, ReportQuerySet, ReportReaderQuerySet
from roles.tenancy import Owned, OwnedManager

# In every month.
LAST_DAY = 28
# Why a report could not be mailed: kept while it is tried, and stays where its worker was stopped meanwhile.
STOPPED = "stopped"
# What is known of other problems, by the names of their errors; of all else the log has the words.
_KNOWN = {
    STOPPED: _("The last try has come to no end: it is under way, or its worker was stopped."),
    "SoftTimeLimitExceeded": _("It took too long to draw."),
    "MemoryError": _("There was not enough memory to draw it."),
    "OperationalError": _("The database did not answer."),
}


class Report(Owned):
    """Chosen blocks about a period, kept under a name; what it shows is read anew whenever it is opened or mailed."""

    name = models.CharField(_("name"), max_length=120)
    period = models.CharField(_("period"), max_length=7, choices=list(PERIODS.items()), default="month")
    # Outside or the practice field; empty: the outside, unless something comes on the practice field alone.
    side = models.CharField(
        _("where"), max_length=8, blank=True, default="",
        choices=[("outside", _("Outside")), ("practice", _("Practice field"))],
    )  # fmt: skip
    # Of which part of everything it tells, by `measurement.only`: {"department": 7, "network": "mastodon"}.
    only = models.JSONField(default=dict, blank=True)
    # Of `measurement.blocks`, in the order of reading: {"kind": "network", "metric": "captured", "text": "",
    # "only": {}}; a part of its own is one of the report's part.
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
    # Tries since it is due, why the last one failed (the name of its error), and since when it is due; `next_at` is
    # when it is tried again.
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True, default="")
    due_since = models.DateTimeField(null=True, blank=True)
    composed_at = models.DateTimeField()
    composed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedManager.from_queryset(ReportQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [
            models.Index(
                fields=["organization", "name", "id"], name="report_by_name", condition=models.Q(dropped_at=None)
            ),
            models.Index(fields=["next_at"], name="report_due", condition=models.Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_failing(self) -> bool:
        """Whether it could not be mailed, and is tried again; the first try is none that failed while it lasts."""
        tried = self.failures > 1 or self.problem != STOPPED
        return self.next_at is not None and bool(self.problem) and tried

    @property
    def problem_said(self) -> str:
        """Why it could not be mailed, in words that anybody may read; empty where it is not failing."""
        if not self.is_failing:
            return ""
        name = self.problem.partition(":")[0]
        unknown = _("Something went wrong here (%(name)s): the log of the workers says what.")
        return str(_KNOWN.get(name) or unknown % {"name": name})


class ReportReader(Owned):
    """A member to whom a report is mailed, as long as they want it: nobody but they can take that back."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="readers")
    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    wants_it = models.BooleanField(default=True)

    objects = OwnedManager.from_queryset(ReportReaderQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["report", "member"], name="report_reader_once")]

    def __str__(self) -> str:
        return str(self.member)


class ReportPicture(Owned):
    """A picture of a report as it was mailed: kept once for all of its readers, for as long as mails may be sent."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="+")
    png = models.BinaryField()
    drawn_at = models.DateTimeField()

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["drawn_at"], name="report_picture_old")]

    def __str__(self) -> str:
        return f"{self.report}, {self.drawn_at:%Y-%m-%d}"


class ReportAddress(Owned):
    """An address that nobody can guess, at which anybody may read a report until a day, or until it is revoked."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="addresses")
    token = models.CharField(max_length=43, unique=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    # When somebody opened it last; to within some minutes.
    read_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(ReportAddressQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "report addresses"
        constraints = [
            models.UniqueConstraint(fields=["report"], name="report_address_one", condition=models.Q(revoked_at=None))
        ]
        indexes = [
            models.Index(
                fields=["organization", "-id"], name="report_address_open", condition=models.Q(revoked_at=None)
            )
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
