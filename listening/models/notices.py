"""Where people want to be told besides by mail, and what they are told there."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class NoticeAddress(Owned):
    """A chat room or a telephone that one member is told through, of the kinds of news that they chose."""

    class Pace(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        HOURLY = "hourly", _("Once an hour, together")
        DAILY = "daily", _("Once a day, together")

    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="notice_addresses")
    name = models.CharField(_("name"), max_length=120)
    # Sealed: the address holds the keys of the service. `service` is what may be shown of it.
    sealed = models.TextField(editable=False)
    service = models.CharField(max_length=80)
    kinds = models.JSONField(_("what about"), default=list)
    pace = models.CharField(_("when"), max_length=7, choices=Pace, default=Pace.AT_ONCE)
    daily_at = models.TimeField(_("daily at"), null=True, blank=True)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    warnings_always = models.BooleanField(_("warnings also in quiet hours"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    # The newest mail of the member of which it was told.
    reached_mail = models.BigIntegerField(default=0, editable=False)
    # Of what no mail is written they are told from here on.
    looks_from = models.DateTimeField(db_default=Now(), editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    lease_key = models.CharField(max_length=36, blank=True, editable=False)

    class Meta(Owned.Meta):
        verbose_name_plural = "notice addresses"
        constraints = [models.UniqueConstraint(fields=["member", "name"], name="notice_address_once")]

    def __str__(self) -> str:
        return self.name


class Notice(Owned):
    """One piece of news on its way to one address; those that are due together go out as one message."""

    class State(models.TextChoices):
        READY = "ready", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    address = models.ForeignKey(NoticeAddress, models.CASCADE, related_name="notices")
    # What it tells of: nobody is told of it twice by one address.
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=300)
    url = models.CharField(max_length=1000)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.READY)
    written_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["address", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["due_at"], name="notice_due", condition=models.Q(state="ready")),
            models.Index(fields=["address", "-id"], name="notice_newest"),
        ]

    def __str__(self) -> str:
        return self.subject
