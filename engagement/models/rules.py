"""Who is meant to answer what: the rules, what they name, and every state that their set was in."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from engagement.conditions import EVERYTHING
from engagement.querysets import RoutingRuleQuerySet
from roles.tenancy import Owned, OwnedManager


class Priority(models.IntegerChoices):
    """How urgent an assignment is; the queue shows the urgent ones first."""

    URGENT = 1, _("Urgent")
    HIGH = 2, _("High")
    NORMAL = 3, _("Normal")
    LOW = 4, _("Low")


def everything() -> dict[str, list[object]]:
    """The condition that every mention fulfils."""
    return dict(EVERYTHING)


class RoutingRule(Owned):
    """A condition and what follows from it; rules are asked in their order until one that fits says stop."""

    name = models.CharField(_("name"), max_length=120)
    position = models.PositiveIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    # A tree in the grammar of `engagement.conditions`; what it names is kept from removal by its `RuleSubject`s.
    condition = models.JSONField(_("condition"), default=everything)

    # Actions; what is empty is left to a later rule, or to the organization's settings.
    department = models.ForeignKey(
        "roles.Department",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="routing_rules",
        verbose_name=_("department"),
    )
    member = models.ForeignKey(
        "roles.Member", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    topic = models.ForeignKey(
        "listening.Topic", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("topic")
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, null=True, blank=True, default=Priority.NORMAL
    )
    target = models.ForeignKey(
        "engagement.ResponseTarget",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("response target"),
    )
    # In short: first response within so many minutes, and all else as in the target that applies.
    response_minutes = models.PositiveIntegerField(
        _("first response within (minutes)"),
        null=True,
        blank=True,
        help_text=_("Empty: as the response target says."),
    )
    needs_approval = models.BooleanField(_("replies need approval"), default=False)
    # Offered first beside the composer.
    saved_reply = models.ForeignKey(
        "engagement.SavedReply", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("saved reply")
    )
    # What is asked of the booth when an assignment is made: of this person, or of the booth of a department.
    consult_question = models.TextField(
        _("question to the booth"), max_length=2000, blank=True, default="", db_default=""
    )
    consult_member = models.ForeignKey(
        "roles.Member", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("asked of")
    )
    consult_department = models.ForeignKey(
        "roles.Department",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked of the booth of"),
    )
    goes_on = models.BooleanField(_("later rules are asked too"), default=False)
    created_at = models.DateTimeField(db_default=Now())

    objects = OwnedManager.from_queryset(RoutingRuleQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(department__isnull=False) | models.Q(goes_on=True),
                name="rule_leads_somewhere",
                violation_error_message=_("Say where it goes, or let later rules be asked too."),
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from=None)
                | models.Q(valid_until=None)
                | models.Q(valid_until__gt=models.F("valid_from")),
                name="rule_ends_after_it_begins",
                violation_error_message=_("It ends before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def asked_of(self) -> object:
        """Of whom it asks its question: a person, or a department; None where it asks nothing."""
        return (self.consult_member or self.consult_department) if self.consult_question else None

    def is_valid_at(self, at: datetime) -> bool:
        """Whether it is asked at this moment."""
        begun = self.valid_from is None or self.valid_from <= at
        return self.is_active and begun and (self.valid_until is None or self.valid_until > at)


class RuleSubject(Owned):
    """A row that a rule's condition names: while the rule stands, the row is not removed."""

    rule = models.ForeignKey(RoutingRule, models.CASCADE, related_name="subjects")
    query = models.ForeignKey("listening.TrackingQuery", models.PROTECT, null=True, related_name="+")
    topic = models.ForeignKey("listening.Topic", models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey("listening.Source", models.PROTECT, null=True, related_name="+")
    channel = models.ForeignKey("listening.Channel", models.PROTECT, null=True, related_name="+")

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "query", "topic", "source", "channel"], name="rule_subject_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        # What a refusal to remove the row names is the rule.
        return str(self.rule)


class RuleSetVersion(Owned):
    """All routing rules as they stood after one change, with who changed what."""

    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True)
    # Each rule's fields in the order in which they are asked, with the names of what they point to.
    rules = models.JSONField(default=list)

    class Meta(Owned.Meta):
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="rule_set_version_once")]

    def __str__(self) -> str:
        return f"{self.number}"
