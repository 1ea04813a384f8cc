"""Surge plans: what is prepared for a time in which much more comes, and what became of it."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from listening.models import EarlyWarning
from maturity.surge_querysets import SurgePlanQuerySet
from roles.tenancy import Owned, OwnedManager


class SurgePlan(Owned):
    """What is expected, and who and what comes into force when it comes."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ON = "on", _("In force")
        OVER = "over", _("Over")
        DROPPED = "dropped", _("Dropped")

    class Trigger(models.TextChoices):
        BY_HAND = "by_hand", _("A person switches it on")
        BY_TIME = "by_time", _("It comes into force when it begins")
        BY_WARNING = "by_warning", _("A warning switches it on")

    # Without one: for the whole organization.
    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    title = models.CharField(_("what is expected"), max_length=120)
    note = models.TextField(_("what everybody should know"), max_length=4000, blank=True)
    factor = models.DecimalField(
        _("times as much as usual"), max_digits=4, decimal_places=1, default=Decimal(2),
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )  # fmt: skip
    trigger = models.CharField(_("when"), max_length=10, choices=Trigger, default=Trigger.BY_HAND)
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    severity = models.PositiveSmallIntegerField(
        _("from a warning of"), choices=EarlyWarning.Severity, default=EarlyWarning.Severity.SERIOUS
    )
    # The one tracking query whose warnings count; without one those of everything. The key stays when the query is
    # removed: a plan that waited for one thing must not begin to wait for all.
    query = models.ForeignKey(
        "listening.TrackingQuery", models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False,
        verbose_name=_("only of the query"),
    )  # fmt: skip
    lasts_minutes = models.PositiveIntegerField(_("stays on after the warning (minutes)"), default=120)
    first_response_minutes = models.PositiveIntegerField(
        _("first response within (minutes)"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(527_040)],
    )  # fmt: skip
    capacity = models.PositiveIntegerField(
        _("how many each helper can carry"), default=20, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    holds_content = models.BooleanField(_("what we publish ourselves waits meanwhile"), default=False)

    state = models.CharField(max_length=7, choices=State, default=State.PLANNED)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    on_at = models.DateTimeField(null=True)
    on_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    off_at = models.DateTimeField(null=True)
    off_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    warning = models.ForeignKey("listening.EarlyWarning", models.SET_NULL, null=True, related_name="+")
    # The response target that it changed, and what that promised before; made by the plan where there was none.
    target = models.ForeignKey("engagement.ResponseTarget", models.SET_NULL, null=True, related_name="+")
    minutes_before = models.PositiveIntegerField(null=True)
    made_target = models.BooleanField(default=False)
    lessons = models.TextField(_("what we learned"), max_length=4000, blank=True)

    objects = OwnedManager.from_queryset(SurgePlanQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name = _("surge plan")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_at=None)
                | models.Q(ends_at=None)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="surge_ends_after_it_begins",
                violation_error_message=_("It ends before it begins."),
            ),
            models.CheckConstraint(
                condition=~models.Q(trigger="by_time") | models.Q(starts_at__isnull=False, ends_at__isnull=False),
                name="surge_by_time_has_times",
                violation_error_message=_("Say when it begins and when it ends."),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-id"], name="surge_newest"),
            models.Index(
                fields=["organization", "id"], name="surge_at_work", condition=models.Q(state__in=["planned", "on"])
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_planned(self) -> bool:
        """Whether it waits for its time."""
        return self.state == self.State.PLANNED

    @property
    def is_on(self) -> bool:
        """Whether it is in force."""
        return self.state == self.State.ON


class SurgePart(Owned):
    """One thing that a surge plan brings: a person who helps or is on call, a routing rule, or a saved reply."""

    plan = models.ForeignKey(SurgePlan, models.CASCADE, related_name="parts")
    member = models.ForeignKey("roles.Member", models.CASCADE, null=True, related_name="+")
    rule = models.ForeignKey("engagement.RoutingRule", models.CASCADE, null=True, related_name="+")
    saved_reply = models.ForeignKey("engagement.SavedReply", models.CASCADE, null=True, related_name="+")
    # The person is called first while it is in force; without it they answer.
    is_on_call = models.BooleanField(default=False)
    # Whether the plan brought it, so that its end takes it away again.
    is_brought = models.BooleanField(default=False)
    # The position that a helper was given.
    position = models.ForeignKey("roles.Position", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        verbose_name = _("part of a surge plan")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "member", "is_on_call", "rule", "saved_reply"],
                name="surge_part_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return str(self.member or self.rule or self.saved_reply)
