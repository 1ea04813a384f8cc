"""Questions to the booth about an assignment, whom they were put to, and what came by mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.consult_querysets import ConsultQuerySet, ConsultRequestQuerySet, ReceivedMailQuerySet
from roles.tenancy import Owned, OwnedManager

# So long a link or a reply to the mail is an answer.
ANSWERABLE = timedelta(days=30)


class ConsultPolicy(Owned):
    """When somebody who was asked is reminded, and when somebody else is asked instead."""

    remind_after_minutes = models.PositiveIntegerField(_("remind after (minutes)"), default=240)
    replace_after_minutes = models.PositiveIntegerField(_("ask the deputy after (minutes)"), default=480)
    in_business_hours = models.BooleanField(_("count business hours only"), default=True)

    class Meta(Owned.Meta):
        verbose_name_plural = "consult policies"
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="consult_policy_one"),
            models.CheckConstraint(
                condition=models.Q(
                    remind_after_minutes__gte=1, replace_after_minutes__gt=models.F("remind_after_minutes")
                ),
                name="consult_policy_in_order",
                violation_error_message=_("The deputy is asked after the reminder, and each after a minute at least."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("Consult policy"))


class Consult(Owned):
    """A question to the booth about an assignment."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for an answer")
        ANSWERED = "answered", _("Answered")
        RETURNED = "returned", _("Nobody answered")
        CLOSED = "closed", _("Closed")

    assignment = models.ForeignKey("engagement.Assignment", models.CASCADE, related_name="consults")
    question = models.TextField(_("question"), max_length=2000)
    # Empty where a routing rule asks.
    asked_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    deputy = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    needs_all = models.BooleanField(_("everybody must answer"), default=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    ended_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(ConsultQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [
            models.Index(fields=["assignment", "id"], name="consult_of_assignment"),
            models.Index(
                fields=["organization", "asked_at", "id"], name="consult_waiting", condition=models.Q(state="waiting")
            ),
            models.Index(fields=["organization", "-id"], name="consult_newest"),
        ]

    def __str__(self) -> str:
        return self.question[:80]

    @property
    def about(self) -> str:
        """How a pause of the clock names it."""
        return f"consult {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether an answer can still be given or corrected."""
        return self.state != self.State.CLOSED and self.assignment.is_open


class ConsultRequest(Owned):
    """A consult as one person has it: asked, reminded, answered, or passed on to a deputy."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ANSWERED = "answered", _("Answered")
        REPLACED = "replaced", _("Passed to the deputy")
        SILENT = "silent", _("No answer")

    class Way(models.TextChoices):
        """By which door an answer came."""

        LINK = "link", _("by the link in the mail")
        MAIL = "mail", _("by a reply to the mail")
        PAGE = "page", _("in Touchline")

    consult = models.ForeignKey(Consult, models.CASCADE, related_name="requests")
    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="consult_requests")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    # When the sweep looks at it next: to remind, then to replace; empty when there is nothing more to do.
    next_look_at = models.DateTimeField(null=True)
    # As it stands now; what it said before is in the audit log.
    answer = models.TextField(_("answer"), max_length=10_000, blank=True)
    way = models.CharField(max_length=4, choices=Way, blank=True)
    answered_at = models.DateTimeField(null=True)
    corrected_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(ConsultRequestQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["consult", "member"], name="consult_request_once")]
        indexes = [
            models.Index(
                fields=["next_look_at"], name="consult_request_look", condition=models.Q(next_look_at__isnull=False)
            ),
            models.Index(fields=["organization", "member", "-id"], name="consult_request_of_member"),
            models.Index(
                fields=["organization", "member"], name="consult_request_waits", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return str(self.consult)

    def can_be_answered(self, at: datetime) -> bool:
        """Whether an answer is taken or corrected now."""
        return self.consult.is_open and at < self.asked_at + ANSWERABLE


class IncomingMail(models.Model):
    """A mail as the mail server handed it over, before anyone knows whose it is; of no organization."""

    # The same mail handed over twice has the same key.
    key = models.CharField(max_length=64, unique=True)
    raw = models.BinaryField()
    # The envelope, where the mail server tells it: an empty sender is a bounce.
    sender = models.CharField(max_length=320, null=True)
    recipient = models.CharField(max_length=320, blank=True)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Why it was given to no organization; such mail waits for whoever runs the installation.
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="incoming_mail_new", condition=models.Q(processed_at=None))]

    def __str__(self) -> str:
        return self.key[:12]


class ReceivedMail(Owned):
    """A mail that reached the organization: taken as an answer, said by a machine, or kept for a person to look at."""

    class State(models.TextChoices):
        TAKEN = "taken", _("Taken as an answer")
        FOR_A_PERSON = "for_a_person", _("Somebody must look")
        AUTOMATIC = "automatic", _("Written by a machine")
        PUT_ASIDE = "put_aside", _("Put aside")

    class Reason(models.TextChoices):
        """Why it was not taken by itself."""

        NO_TOKEN = "no_token", _("It does not say which question it answers.")
        WRONG_TOKEN = "wrong_token", _("Its address was not given out by us.")
        WRONG_SENDER = "wrong_sender", _("It comes from another address than the one that was asked.")
        TOO_LATE = "too_late", _("The question was closed already.")
        NO_WORDS = "no_words", _("It holds no words of its own.")
        TOO_LONG = "too_long", _("It is too long to be an answer.")

    incoming = models.OneToOneField(IncomingMail, models.SET_NULL, null=True, related_name="received")
    request = models.ForeignKey(ConsultRequest, models.SET_NULL, null=True, related_name="mails")
    sender = models.CharField(_("sender"), max_length=320, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    received_at = models.DateTimeField()
    settled_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(ReceivedMailQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["organization", "state", "-id"], name="received_mail_newest")]

    def __str__(self) -> str:
        return self.subject or self.sender
