"""Who has to see a reply before it goes out, and what they said about exactly this text."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.approval_querysets import ApprovalPolicyQuerySet, ApprovalQuerySet
from roles.models import AskedStep, NamedStep
from roles.tenancy import Owned, OwnedManager


class ApprovalPolicy(Owned):
    """Which replies need somebody else's yes: every stated condition must hold; all policies that fit count."""

    class Whose(models.TextChoices):
        EVERYONE = "everyone", _("everybody's")
        IN_TRAINING = "in_training", _("of people in training")
        ASKED_FOR = "asked_for", _("for which a routing rule asks it")

    name = models.CharField(_("name"), max_length=120)
    position = models.PositiveIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    whose = models.CharField(_("replies"), max_length=12, choices=Whose, default=Whose.EVERYONE)
    topic = models.ForeignKey(
        "listening.Topic", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("topic")
    )
    network = models.CharField(_("network"), max_length=40, blank=True)
    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    created_at = models.DateTimeField()

    objects = OwnedManager.from_queryset(ApprovalPolicyQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "approval policies"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class ApprovalStep(NamedStep):
    """One step of a policy: who is asked, and how many of them must say yes."""

    policy = models.ForeignKey(ApprovalPolicy, models.CASCADE, related_name="steps")

    class Meta(NamedStep.Meta):
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="approval_step_once")]

    def __str__(self) -> str:
        return f"{self.policy} {self.number}"


class Approval(AskedStep):
    """One step on the way of one reply: who is asked for it, for which text, and how it ended."""

    reply = models.ForeignKey("engagement.Reply", models.CASCADE, related_name="approvals")
    # Of exactly this account, text and post.
    digest = models.CharField(max_length=64)

    objects = OwnedManager.from_queryset(ApprovalQuerySet)()  # type: ignore[assignment,misc]

    class Meta(AskedStep.Meta):
        constraints = [
            # One step at a time is asked for.
            models.UniqueConstraint(fields=["reply"], name="approval_one_waiting", condition=models.Q(state="waiting")),
        ]
        indexes = [
            models.Index(fields=["reply", "id"], name="approval_of_reply"),
            models.Index(
                fields=["organization", "asked_at", "id"],
                name="approval_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["organization", "asked_at"],
                name="approval_asked",
                condition=models.Q(asked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.reply)


class ApprovalDecision(Owned):
    """What one person said about one step."""

    class Kind(models.TextChoices):
        APPROVE = "approve", _("approved")
        SEND_BACK = "send_back", _("sent it back")

    approval = models.ForeignKey(Approval, models.CASCADE, related_name="decisions")
    by = models.ForeignKey("roles.Member", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["approval", "by"], name="approval_decision_once")]

    def __str__(self) -> str:
        return f"{self.by} {self.get_kind_display()}"
