"""E-mail on its way out."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from roles.tenancy import Owned

# What a worker keeps of a mail that did not go out, in English, with what was answered; see `Mail.problem_said`.
UNREACHABLE = gettext_noop("The mail server could not be reached: %(problem)s")
BROKE_OFF = gettext_noop("The connection broke while it was sent, so it may have gone out: %(problem)s")
ANSWERED = gettext_noop("The mail server answered %(problem)s")


class Mail(Owned):
    """One e-mail to one member, or in their name to somebody outside: sent by a worker, once."""

    class State(models.TextChoices):
        READY = "ready", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")
        UNKNOWN = "unknown", _("Outcome unknown")

    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="mails")
    # Where it goes if not to the member: to somebody outside whom they ask for something.
    to_address = models.EmailField(blank=True, default="", db_default="")
    # What it tells of, such as “warning 12”: nobody is told of it twice.
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField()
    html = models.TextField()
    # The page of the application that it is about, with no key in it; shown where others may look on.
    url = models.CharField(max_length=1000, blank=True, default="", db_default="")
    # Where the recipient can say that no more of the kind should come.
    unsubscribe_url = models.CharField(max_length=1000, blank=True)
    # What makes a reply to this mail findable: it stands in its Message-ID and in the address to reply to.
    reply_token = models.CharField(max_length=40, blank=True, default="", db_default="")
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.READY)
    written_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_key = models.CharField(max_length=36, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "member", "key"], name="mail_once")]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="mail_ready", condition=models.Q(state="ready")),
            models.Index(fields=["lease_until"], name="mail_sending", condition=models.Q(state="sending")),
            models.Index(fields=["organization", "state", "-id"], name="mail_newest"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def problem_said(self) -> str:
        """Why it was not sent, in the reader's language; what a server answered stays as it came."""
        for words in (UNREACHABLE, BROKE_OFF, ANSWERED):
            before = words % {"problem": ""}
            if self.problem.startswith(before):
                return _now(words) % {"problem": self.problem.removeprefix(before)}
        return _now(self.problem) if self.problem.endswith(".") else self.problem

    @property
    def recipient(self) -> str:
        """The address that it goes to."""
        return self.to_address or str(self.member.user.email)
