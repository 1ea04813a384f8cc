"""What goes out: a row that is committed first, delivered once by a worker, and the attempts at it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class Outgoing(Owned):
    """Something of ours on its way to a network; whose rows it has, says which states there are besides these."""

    HELD, READY, SENDING = "held", "ready", "sending"
    ACCEPTED, REFUSED, UNKNOWN, CANCELLED = "accepted", "refused", "unknown", "cancelled"

    channel = models.ForeignKey("listening.Channel", models.PROTECT, related_name="+")
    # Chosen before it is sent; the network or our look-up recognises it again.
    key = models.CharField(max_length=64, unique=True)
    state = models.CharField(_("state"), max_length=9, default=READY)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_key = models.CharField(max_length=36, blank=True)
    looks = models.PositiveIntegerField(default=0)
    remote_id = models.CharField(max_length=1000, blank=True)
    remote_url = models.CharField(max_length=4000, blank=True)
    accepted_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    # Since when only a person can say how it goes on, who that is, and when they were reminded by mail.
    put_before_person_at = models.DateTimeField(null=True)
    owner = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True)
    # When a person let it go although a crisis stop had held it; stops that begin later hold it again.
    released_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        abstract = True
        # What workers and every page look for; whoever lists indexes of their own begins with these.
        indexes = [
            models.Index(fields=["next_attempt_at"], name="%(class)s_ready", condition=models.Q(state="ready")),
            models.Index(fields=["lease_until"], name="%(class)s_sending", condition=models.Q(state="sending")),
            models.Index(fields=["next_attempt_at"], name="%(class)s_unknown", condition=models.Q(state="unknown")),
            models.Index(
                fields=["next_attempt_at"],
                name="%(class)s_unseen",
                condition=models.Q(state="accepted", seen_at=None),
            ),
            models.Index(
                fields=["organization", "put_before_person_at"],
                name="%(class)s_before_person",
                condition=models.Q(put_before_person_at__isnull=False),
            ),
            models.Index(fields=["organization", "id"], name="%(class)s_held", condition=models.Q(state="held")),
        ]


class Attempt(Owned):
    """One attempt to deliver, one look whether it arrived, or what a person said of it."""

    class Kind(models.TextChoices):
        SEND = "send", _("Sent")
        LOOK = "look", _("Looked up")
        PERSON = "person", _("Settled by a person")

    kind = models.CharField(max_length=6, choices=Kind)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta(Owned.Meta):
        abstract = True
        ordering = ["started_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.started_at:%H:%M:%S}"

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        says = {
            "send accepted": _("Sent: the network took it."),
            "send refused": _("Sent: the network refused it."),
            "send unknown": _("Sent: no answer came, so it may have arrived."),
            "send expired": _("Not taken: the access to the network had run out."),
            "send rate_limited": _("Sent: the network asked to wait, and did not take it."),
            "send not_sent": _("Not sent: no connection to the network came about."),
            "send ": _("Being sent."),
            "look found": _("Looked up: it is there."),
            "look absent": _("Looked up: it is not there."),
            "look failed": _("Looked up: the network did not tell."),
            "person send_again": _("A person had it sent again."),
            "person mark_as_sent": _("A person said that it is there."),
            "person give_up": _("A person gave it up."),
        }
        return str(says.get(f"{self.kind} {self.outcome}", self.get_kind_display()))
