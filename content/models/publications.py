"""Pieces on their way out: the row is committed first, a worker publishes it once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.publication_querysets import PublicationQuerySet
from roles.models import Department
from roles.tenancy import Owned, OwnedManager

UNDER_WAY = ("waiting", "held", "ready", "by_hand", "sending", "unknown")


class Publication(Owned):
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
    # Of exactly what was planned.
    digest = models.CharField(max_length=64)
    # Chosen before it is sent; the network or our look-up recognises it again.
    key = models.CharField(max_length=64, unique=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.READY)
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

    objects = OwnedManager.from_queryset(PublicationQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            # A variant can never go out twice by accident: one publication at a time is under way.
            models.UniqueConstraint(
                fields=["variant"],
                name="publication_one_under_way",
                condition=models.Q(state__in=["waiting", "held", "ready", "by_hand", "sending", "unknown"]),
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="publication_ready", condition=models.Q(state="ready")),
            models.Index(fields=["lease_until"], name="publication_sending", condition=models.Q(state="sending")),
            models.Index(fields=["next_attempt_at"], name="publication_unknown", condition=models.Q(state="unknown")),
            models.Index(
                fields=["next_attempt_at"],
                name="publication_unseen",
                condition=models.Q(state="accepted", seen_at=None),
            ),
            models.Index(
                fields=["organization", "put_before_person_at"],
                name="publication_before_person",
                condition=models.Q(put_before_person_at__isnull=False),
            ),
            models.Index(
                fields=["due_at"],
                name="publication_kept_back",
                condition=models.Q(state__in=["waiting", "held", "by_hand"]),
            ),
            # The calendar.
            models.Index(fields=["organization", "due_at", "id"], name="publication_calendar"),
            models.Index(fields=["variant", "-id"], name="publication_of_variant"),
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
