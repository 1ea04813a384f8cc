"""A mention in somebody's hands."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.rules import Priority
from engagement.models.targets import PromiseKind
from engagement.querysets import AssignmentQuerySet
from roles.tenancy import Owned, OwnedInBulk, OwnedManager


class Assignment(OwnedInBulk):
    """A mention given to a department and, where someone is there, to a member, with a response target."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLAIMED = "claimed", _("Claimed")
        SNOOZED = "snoozed", _("Snoozed")
        RESOLVED = "resolved", _("Resolved")

    class Outcome(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        NO_ANSWER_NEEDED = "no_answer_needed", _("No answer needed")
        MOVED_TO_PRIVATE = "moved_to_private", _("Moved to private")
        PASSED_ON = "passed_on", _("Passed on")
        SPAM = "spam", _("Spam")

    class WakesOn(models.TextChoices):
        """What brings a snoozed assignment back before its time."""

        AUTHOR_WRITES = "author_writes", _("The author writes again")
        POST_EDITED = "post_edited", _("The post is edited")
        CONSULT_ANSWERED = "consult_answered", _("The consult is answered")

    # Every claim writes a new version of the row into all indexes that it belongs to, so there are no more than needed:
    # those below begin with these keys, or the key is looked for only when its row is removed.
    mention = models.ForeignKey("listening.Mention", models.CASCADE, related_name="assignments")
    # That of the mention, which never changes: so the queue is narrowed by it without looking at each mention.
    network = models.CharField(_("network"), max_length=40, default="", db_default="", editable=False)
    department = models.ForeignKey("roles.Department", models.PROTECT, related_name="assignments", db_index=False)
    member = models.ForeignKey(
        "roles.Member", models.SET_NULL, null=True, blank=True, related_name="assignments", db_index=False
    )
    # The key stays when the rule is removed: it tells what happened.
    rule = models.ForeignKey(
        "engagement.RoutingRule", models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    # Why it is here and why this person, as it was known at the time, in parts that the page puts into words.
    reasons = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    target = models.ForeignKey(
        "engagement.ResponseTarget", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # The promise that runs and is due next, and by when: this is what the queue is ordered by. Empty where none runs;
    # `due_at` is then that of the last one.
    promise = models.CharField(
        max_length=14, choices=PromiseKind, blank=True, default=PromiseKind.FIRST_RESPONSE, db_default="first_response"
    )
    promised_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(_("due at"))
    warn_at = models.DateTimeField(null=True)
    # Since when its clock stands still.
    paused_at = models.DateTimeField(null=True)
    # By when the first response was promised, whatever runs now; empty where none was.
    first_due_at = models.DateTimeField(null=True)
    # From capture to first answer in business hours of the department, as they were then.
    answered_in_seconds = models.PositiveIntegerField(null=True)
    # The same to its end; empty while it has none.
    resolved_in_seconds = models.PositiveIntegerField(null=True)
    assigned_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    # When it is escalated unless somebody has claimed it; null: not at all, or it was.
    escalates_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    # What wakes it earlier than that, where something is waited for.
    wakes_on = models.CharField(max_length=16, choices=WakesOn, blank=True, default="", db_default="")
    first_answered_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome, blank=True, default="")
    reopened_count = models.PositiveIntegerField(default=0)
    # A routing rule asks that somebody else sees the reply before it goes out.
    needs_approval = models.BooleanField(default=False, db_default=False)
    # The saved reply that a routing rule named; the key stays when that is removed.
    saved_reply = models.ForeignKey(
        "engagement.SavedReply", models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    # Grows with every change; a form says which version it was drawn from.
    version = models.PositiveIntegerField(default=0)

    objects = OwnedManager.from_queryset(AssignmentQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["mention"], name="assignment_once", condition=~models.Q(state="resolved")),
            models.CheckConstraint(
                condition=models.Q(state="resolved", resolved_at__isnull=False)
                | (~models.Q(state="resolved") & models.Q(resolved_at=None)),
                name="assignment_resolved_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "member", "priority", "due_at", "id"],
                name="assignment_queue",
                condition=models.Q(state__in=["open", "claimed"]),
            ),
            # What waits, in the order of the queue. Department and network ride along, so that what fits no filter is
            # passed over within the index: the rare is found without an index for each of the filters and of their
            # pairs, all of which every claim would have to write.
            models.Index(
                fields=["organization", "priority", "due_at", "id", "department", "network"],
                name="assignment_left_over",
                condition=models.Q(state="open", member=None),
            ),
            models.Index(
                fields=["organization", "priority", "due_at", "id", "department", "network"],
                name="assignment_everyones",
                condition=models.Q(state__in=["open", "claimed"]),
            ),
            models.Index(
                fields=["organization", "snoozed_until"],
                name="assignment_snoozed",
                condition=models.Q(state="snoozed"),
            ),
            models.Index(
                fields=["organization", "wakes_on"],
                name="assignment_wakes_on",
                condition=models.Q(state="snoozed") & ~models.Q(wakes_on=""),
            ),
            models.Index(fields=["organization", "-created_at"], name="assignment_created"),
            models.Index(
                fields=["organization", "member", "-resolved_at", "-id"],
                name="assignment_resolved",
                condition=models.Q(state="resolved"),
            ),
            # What ended in some hours; nothing is written there until it does.
            models.Index(
                fields=["organization", "resolved_at"],
                name="assignment_ended",
                condition=models.Q(resolved_at__isnull=False),
            ),
            models.Index(
                fields=["escalates_at"],
                name="assignment_escalates",
                condition=models.Q(state="open", escalates_at__isnull=False),
            ),
            # Who has waited longest for work: the last time each was given some.
            models.Index(fields=["member", "-assigned_at"], name="assignment_last_given"),
        ]

    def __str__(self) -> str:
        return str(self.mention)

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.state != self.State.RESOLVED

    @property
    def was_joined(self) -> bool:
        """Whether somebody joined a conversation of others here, rather than answered what was said to us."""
        return any(part.get("kind") == "joined" for part in self.reasons)

    def is_late(self, at: datetime) -> bool:
        """Whether the first response came after it was promised, or is overdue."""
        if self.first_due_at is None:
            return False
        if self.first_answered_at is not None:
            return self.first_due_at < self.first_answered_at
        return self.is_open and self.first_due_at < min(at, self.paused_at or at)

    def is_overdue(self, at: datetime) -> bool:
        """Whether the promise that runs was due before now, or before its clock was stopped; put away or not."""
        return self.is_open and self.promise != "" and self.due_at < min(at, self.paused_at or at)
