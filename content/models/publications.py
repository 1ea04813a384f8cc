"""Pieces on their way out: the row is committed first, a worker publishes it once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.publication_querysets import PublicationQuerySet
from listening.models.outgoing import Attempt, Outgoing
from roles.models import Department
from roles.tenancy import OwnedManager

UNDER_WAY = ("waiting", "held", "ready", "by_hand", "sending", "unknown")


class Publication(Outgoing):
    """One time at which a variant is to be said, and how far it has come.

    A person names a day and what a clock shows there (`on_day`, `at_time`, `zone`); `due_at` is that moment.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for review")
        HELD = "held", _("Held back")
        READY = "ready", _("Planned")
        BY_HAND = "by_hand", _("To be posted by hand")
        SENDING = "sending", _("Being published")
        ACCEPTED = "accepted", _("Published")
        REFUSED = "refused", _("Refused by the network")
        UNKNOWN = "unknown", _("Outcome unknown")
        MISSED = "missed", _("Missed")
        CANCELLED = "cancelled", _("Cancelled")

    variant = models.ForeignKey("content.Variant", models.PROTECT, related_name="publications")
    channel = models.ForeignKey("listening.Channel", models.PROTECT, related_name="publications")
    planned_by = models.ForeignKey("roles.Member", models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    on_day = models.DateField(_("day"))
    at_time = models.TimeField(_("time"))
    zone = models.CharField(_("time zone"), max_length=64)
    due_at = models.DateTimeField()
    # So many minutes late it may still go out; after that it is missed, and people are told.
    grace_minutes = models.PositiveIntegerField(_("may be late by (minutes)"), default=60)
    # Of exactly what was planned; once it began, of exactly what goes out.
    digest = models.CharField(max_length=64)
    # When it was first tried: its date at networks, and the same each time it is tried under its key.
    begun_at = models.DateTimeField(null=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.READY)
    # Its address in one spelling, by which it is known where it is heard again.
    page = models.CharField(max_length=40, blank=True, db_default="", default="")

    objects = OwnedManager.from_queryset(PublicationQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Outgoing.Meta):
        constraints = [
            # A variant can never go out twice by accident: one publication at a time is under way.
            models.UniqueConstraint(
                fields=["variant"],
                name="publication_one_under_way",
                condition=models.Q(state__in=["waiting", "held", "ready", "by_hand", "sending", "unknown"]),
            ),
        ]
        indexes = [
            *Outgoing.Meta.indexes,
            models.Index(
                fields=["due_at"],
                name="publication_kept_back",
                condition=models.Q(state__in=["waiting", "held", "by_hand"]),
            ),
            # What is coming.
            models.Index(
                fields=["organization", "due_at", "id"],
                name="publication_coming",
                condition=models.Q(state__in=["waiting", "held", "ready"]),
            ),
            # The calendar.
            models.Index(fields=["organization", "due_at", "id"], name="publication_calendar"),
            models.Index(fields=["variant", "-id"], name="publication_of_variant"),
            models.Index(
                fields=["organization", "-accepted_at", "-id"],
                name="publication_newest",
                condition=models.Q(state="accepted"),
            ),
            # What else its channel says at about that time.
            models.Index(fields=["channel", "due_at"], name="publication_beside"),
            # Where it is heard again: by its address, and by its id, which may be too long for a tree.
            models.Index(fields=["organization", "page"], name="publication_page", condition=~models.Q(page="")),
            HashIndex(fields=["remote_id"], name="publication_remote_id", condition=~models.Q(remote_id="")),
            # What was accepted just now, of whatever organization.
            models.Index(fields=["-accepted_at"], name="publication_new_page", condition=~models.Q(page="")),
        ]

    def __str__(self) -> str:
        return str(self.variant)

    @property
    def department(self) -> Department | None:
        """The department of its piece: where the capability must be held."""
        return self.variant.department

    @property
    def is_under_way(self) -> bool:
        """Whether it may still go out, or may have gone out without our knowing."""
        return self.state in UNDER_WAY

    @property
    def missed_at(self) -> datetime:
        """The moment after which it does not go out any more."""
        return self.due_at + timedelta(minutes=self.grace_minutes)


class PublicationDelivery(Attempt):
    """One attempt to publish, or one look whether it arrived."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="deliveries")

    class Meta(Attempt.Meta):
        verbose_name = "publishing attempt"


class FirstComment(Outgoing):
    """What is said below a publication of ours right after it was taken."""

    class State(models.TextChoices):
        HELD = "held", _("Held back")
        READY = "ready", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        ACCEPTED = "accepted", _("Sent")
        REFUSED = "refused", _("Refused by the network")
        UNKNOWN = "unknown", _("Outcome unknown")
        CANCELLED = "cancelled", _("Given up")

    publication = models.OneToOneField(Publication, models.CASCADE, related_name="comment")
    text = models.TextField(_("first comment"))
    written_at = models.DateTimeField()
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.READY)

    class Meta(Outgoing.Meta):
        verbose_name = "first comment"
        indexes = [*Outgoing.Meta.indexes]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def department(self) -> Department | None:
        """The department of its piece: where the capability must be held."""
        return self.publication.department


class FirstCommentDelivery(Attempt):
    """One attempt to say a first comment, or one look whether it arrived."""

    comment = models.ForeignKey(FirstComment, models.CASCADE, related_name="deliveries")

    class Meta(Attempt.Meta):
        verbose_name = "first comment's attempt"
