"""What we measure ourselves by, and what it was worth: KPIs, and the assumptions behind a return."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned
from roles.wording import labelled


class Kind(models.TextChoices):
    """The five kinds of outcome."""

    ENGAGEMENT = "engagement", _("Activity and engagement")
    REVENUE = "revenue", _("Revenue and business development")
    SAVINGS = "savings", _("Cost savings")
    AWARENESS = "awareness", _("Awareness")
    LEARNING = "learning", _("Learning")


class Kpi(Owned):
    """A metric that matters: what it should be, for whom, and who answers for it."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    # Of `measurement.metrics`.
    metric = models.CharField(_("metric"), max_length=60)
    # In the unit of the metric: a share from 0 to 1, seconds, or a number.
    target = models.FloatField(_("target"))
    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    owner = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+", verbose_name=_("owner"))
    added_at = models.DateTimeField()
    added_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        verbose_name = "KPI"
        verbose_name_plural = "KPIs"
        indexes = [
            models.Index(fields=["organization", "kind", "id"], name="kpi_kept", condition=models.Q(dropped_at=None))
        ]

    def __str__(self) -> str:
        return self.name


class Assumption(Owned):
    """A number that a return rests on, from a day on: what an hour costs, or what something brings in."""

    class About(models.TextChoices):
        HOUR = "hour", _("an hour of work costs")
        EACH = "each", _("each one brings in or saves")
        SUM = "sum", _("came in, or was saved, in these days")

    about = models.CharField(_("what"), max_length=4, choices=About)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    currency = models.CharField(_("currency"), max_length=3)
    # Of what each is worth so much: one of the metrics that count. Empty for hours and sums.
    metric = models.CharField(_("each of what"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, blank=True)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"), null=True, blank=True)
    # Without one: the whole organization.
    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    source = models.CharField(_("how we know"), max_length=300)
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day=None) | models.Q(last_day__gte=models.F("first_day")),
                name="assumption_ends_after_it_begins",
                violation_error_message=_("It ends before it begins."),
            ),
            models.CheckConstraint(
                condition=~models.Q(about="sum") | models.Q(last_day__isnull=False),
                name="assumption_sum_has_days",
                violation_error_message=_("Say in which days it came in."),
            ),
        ]
        indexes = [models.Index(fields=["organization", "-first_day", "-id"], name="assumption_newest")]

    def __str__(self) -> str:
        # Just after it was made the amount may be a number without places.
        amount = formats.number_format(self.amount, decimal_pos=2, use_l10n=True, force_grouping=True)
        return labelled(self.get_about_display(), f"{amount} {self.currency}")
