"""Programs that tell us what we should hear, and programs that we tell what happens here."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


def _key() -> str:
    return secrets.token_urlsafe(24)


class InboundWebhook(Owned):
    """An address of ours to which a program sends posts; the source that it feeds has the name and the health."""

    source = models.OneToOneField("listening.Source", models.CASCADE, related_name="webhook")
    # Part of the address: who does not know it cannot find it.
    key = models.CharField(max_length=64, unique=True, default=_key, editable=False)
    is_signed = models.BooleanField(_("signed"), default=True)
    # Sealed; the one before is accepted until its time ends, so that a program can be changed without a loss.
    sealed = models.TextField(editable=False)
    sealed_before = models.TextField(blank=True, editable=False)
    before_until = models.DateTimeField(null=True, editable=False)
    # Where each thing stands in the JSON, as expressions; see listening.networks.webhook.mapping.FIELDS.
    mapping = models.JSONField(default=dict)
    last_body_at = models.DateTimeField(null=True)
    # How often something came without the right signature.
    forged = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.source)

    @property
    def is_pushed(self) -> bool:
        """Whether a network's own server sends here, in its own form: then there is nothing to map."""
        return self.source.connection_id is not None


class InboundBody(Owned):
    """What a program sent, byte for byte, kept before it was thanked for."""

    webhook = models.ForeignKey(InboundWebhook, models.CASCADE, related_name="bodies")
    # The sender's own id of the message, else a digest of it: the same comes often and is kept once.
    key = models.CharField(max_length=128)
    # What the sender calls it, where that stands beside the body and not in it.
    event = models.CharField(max_length=80, blank=True, db_default="")
    body = models.BinaryField()
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    # Nothing in it could be read: it is kept longer than others, to be read once more.
    is_unread = models.BooleanField(default=False, db_default=False)

    class Meta(Owned.Meta):
        verbose_name_plural = "inbound bodies"
        constraints = [models.UniqueConstraint(fields=["webhook", "key"], name="inbound_once")]
        indexes = [
            models.Index(fields=["webhook", "id"], name="inbound_waiting", condition=models.Q(taken_at=None)),
            models.Index(fields=["received_at"], name="inbound_by_age"),
            models.Index(fields=["webhook", "id"], name="inbound_unread", condition=models.Q(is_unread=True)),
        ]

    def __str__(self) -> str:
        return f"{self.webhook} {self.received_at:%Y-%m-%d %H:%M}"


class OutboundWebhook(Owned):
    """An address of somebody else's that is told what happens here."""

    name = models.CharField(_("name"), max_length=120)
    url = models.CharField(_("address"), max_length=2000)
    events = models.JSONField(_("events"), default=list)
    # Sealed; the one before signs as well until its time ends, so that a program can be changed without a loss.
    sealed = models.TextField(editable=False)
    sealed_before = models.TextField(blank=True, default="", db_default="", editable=False)
    before_until = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Why it was switched off, where nobody did it by hand.
    off_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    # The newest line of the audit log and the newest mention of which it was told.
    reached_entry = models.BigIntegerField(default=0, editable=False)
    reached_mention = models.BigIntegerField(default=0, editable=False)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="outbound_webhook_once")]

    def __str__(self) -> str:
        return self.name


class OutboundEvent(Owned):
    """One thing that happened, on its way to one address; tried until it is taken or the schedule is at its end."""

    class State(models.TextChoices):
        READY = "ready", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        TAKEN = "taken", _("Taken")
        FAILED = "failed", _("Given up")

    webhook = models.ForeignKey(OutboundWebhook, models.CASCADE, related_name="told")
    # Stands in the header `webhook-id`, the same at each attempt, so that the receiver can tell.
    key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(_("event"), max_length=60)
    payload = models.JSONField()
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.READY)
    happened_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_key = models.CharField(max_length=36, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    taken_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta(Owned.Meta):
        indexes = [
            models.Index(fields=["webhook", "-id"], name="outbound_newest"),
            models.Index(fields=["next_attempt_at"], name="outbound_ready", condition=models.Q(state="ready")),
            models.Index(fields=["lease_until"], name="outbound_sending", condition=models.Q(state="sending")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.webhook}"

    def is_late(self, at: datetime) -> bool:
        """Whether it should have gone out a while ago, and nobody tried."""
        return self.state == self.State.READY and (at - self.next_attempt_at).total_seconds() > 600
