"""Replies on their way out: the row is committed first, a worker delivers it once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.querysets import ReplyQuerySet
from listening.models.outgoing import Attempt, Outgoing
from roles.models import Department
from roles.tenancy import OwnedManager


class Reply(Outgoing):
    """What we answer to a post, and how far it has come."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for approval")
        HELD = "held", _("Held by the crisis stop")
        READY = "ready", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        ACCEPTED = "accepted", _("Sent")
        REFUSED = "refused", _("Refused by the network")
        UNKNOWN = "unknown", _("Outcome unknown")
        CANCELLED = "cancelled", _("Cancelled")
        SENT_BACK = "sent_back", _("Sent back by an approver")

    # Between the writer's word and an end: nobody may send another to the same assignment meanwhile.
    UNDER_WAY = (State.WAITING, State.HELD, State.READY, State.SENDING, State.UNKNOWN)

    assignment = models.ForeignKey("engagement.Assignment", models.PROTECT, related_name="replies")
    post = models.ForeignKey("listening.Post", models.PROTECT, related_name="replies")
    by = models.ForeignKey("roles.Member", models.PROTECT, related_name="+")
    text = models.TextField(_("reply"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.READY)
    resolves = models.BooleanField(default=True)
    # A program wrote it, and nobody has read it before it went out: it is no response that a target promises.
    is_automatic = models.BooleanField(default=False, db_default=False)
    # The assignment's version when this was written: a form drawn before that has not seen it.
    assignment_version = models.PositiveIntegerField(default=0)
    # The post's revision that was read before this was written; 0 where nobody said. Another by now is not answered.
    post_revision = models.PositiveIntegerField(default=0, db_default=0)
    # The key of the newest post of the thread then: an answer of ours that is newer is a reason to stop.
    thread_until = models.BigIntegerField(default=0, db_default=0)
    written_at = models.DateTimeField()
    # What was approved: account, text and post as one digest; compared once more when it goes out.
    approved_digest = models.CharField(max_length=64, blank=True, db_default="")
    # From which saved reply it came, in which version, and whether the writer changed it.
    saved_reply = models.ForeignKey("engagement.SavedReply", models.SET_NULL, null=True, related_name="replies")
    saved_version = models.PositiveIntegerField(null=True)
    is_edited = models.BooleanField(null=True)
    # The same for the same text, whomever it greets; see `engagement.repeating`.
    sameness = models.CharField(max_length=32, blank=True, db_default="")

    objects = OwnedManager.from_queryset(ReplyQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Outgoing.Meta):
        verbose_name_plural = "replies"
        constraints = [
            # Two people can never send two answers by accident: one reply at a time is under way.
            models.UniqueConstraint(
                fields=["assignment"],
                name="reply_one_under_way",
                condition=models.Q(state__in=["waiting", "held", "ready", "sending", "unknown"]),
            ),
        ]
        indexes = [
            *Outgoing.Meta.indexes,
            # Counted on every page.
            models.Index(
                fields=["organization", "assignment"],
                name="reply_in_trouble",
                condition=models.Q(state__in=["refused", "unknown"]),
            ),
            models.Index(
                fields=["saved_reply", "-id"], name="reply_from_saved", condition=models.Q(saved_reply__isnull=False)
            ),
            models.Index(
                fields=["organization", "sameness", "-written_at"],
                name="reply_same_text",
                condition=~models.Q(sameness=""),
            ),
            models.Index(fields=["assignment", "id"], name="reply_of_assignment"),
            # Figures of some days are counted from it alone.
            models.Index(
                fields=["organization", "written_at"], name="reply_written", include=["state", "is_automatic"]
            ),
            models.Index(
                fields=["organization", "remote_id"], name="reply_remote_id", condition=~models.Q(remote_id="")
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def department(self) -> Department:
        """The department whose work this is: where the capability must be held."""
        return self.assignment.department


class Delivery(Attempt):
    """One attempt to deliver a reply, or one look whether it arrived."""

    reply = models.ForeignKey(Reply, models.CASCADE, related_name="deliveries")

    class Meta(Attempt.Meta):
        verbose_name_plural = "deliveries"
