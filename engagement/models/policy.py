"""How work finds a person, and what happened where nobody took it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.assignments import Assignment
from engagement.models.rules import Priority
from engagement.policy_querysets import AssignmentPolicyQuerySet
from roles.tenancy import Owned, OwnedManager


class AssignmentPolicy(Owned):
    """How an organization chooses who gets an assignment; one row at most, and without it the usual."""

    class How(models.TextChoices):
        MUST = "must", _("must fit")
        PREFER = "prefer", _("is preferred")
        IGNORE = "ignore", _("does not matter")

    languages = models.CharField(
        _("The language of a position"), max_length=6, choices=How, default=How.PREFER, db_default=How.PREFER
    )
    skills = models.CharField(
        _("The skill of a position"), max_length=6, choices=How, default=How.PREFER, db_default=How.PREFER
    )
    prefers_seen = models.BooleanField(
        _("Prefer who was seen here in the last ten minutes"),
        default=False,
        help_text=_("It only decides between people who are here anyway, and never keeps work from being given."),
    )
    sticks_days = models.PositiveSmallIntegerField(
        _("An author stays with whom they spoke with for (days)"), default=7, help_text=_("0: not at all.")
    )
    share_hours = models.PositiveSmallIntegerField(
        _("When all else is equal, share fairly over (hours)"), default=8, help_text=_("Up to a week.")
    )
    on_call_takes = models.BooleanField(_("Coaches on call get work when nobody else is here with room"), default=False)
    escalation_minutes = models.PositiveIntegerField(
        _("Escalate what nobody has taken after (minutes)"),
        null=True,
        blank=True,
        default=60,
        help_text=_("Empty: never."),
    )
    escalates_in_business_hours = models.BooleanField(
        _("Count these minutes in business hours only"),
        default=False,
        db_default=False,
        help_text=_("In the calendar of the department."),
    )

    objects = OwnedManager.from_queryset(AssignmentPolicyQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "assignment policies"
        constraints = [models.UniqueConstraint(fields=["organization"], name="assignment_policy_once")]

    def __str__(self) -> str:
        return str(_("The assignment policy"))


class Escalation(Owned):
    """That nobody took an assignment in time: once for each time that it was given a moment by which to be taken."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="escalations")
    # The moment by which somebody should have taken it.
    due_at = models.DateTimeField()
    escalated_at = models.DateTimeField()
    priority_before = models.PositiveSmallIntegerField(choices=Priority)
    told = models.PositiveSmallIntegerField(default=0)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["assignment", "due_at"], name="escalation_once")]

    def __str__(self) -> str:
        return str(self.assignment)
