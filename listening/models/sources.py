"""Where we listen, and from where we speak."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from listening import networks
from listening.networks.protocols import Limits
from listening.querysets import PollQuerySet
from listening.source_querysets import SILENT_SECONDS, SILENT_TIMES, SourceQuerySet
from roles.tenancy import Owned, OwnedInBulk, OwnedManager

OVERDUE = timedelta(minutes=15)


class Channel(Owned):
    """An account that the organization speaks from, at one network."""

    network = models.CharField(_("network"), max_length=40)
    account_id = models.CharField(max_length=300)
    handle = models.CharField(_("handle"), max_length=200)
    name = models.CharField(_("name"), max_length=200)
    url = models.CharField(max_length=2000, blank=True)
    # What it speaks through; empty at networks that need no connection.
    connection = models.ForeignKey(
        "listening.Connection", models.PROTECT, null=True, blank=True, related_name="channels"
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "network", "account_id"], name="channel_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.handle})"

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the server told of itself through which it speaks; nothing where it needs no connection."""
        return self.connection.facts if self.connection is not None else {}

    @property
    def limits(self) -> Limits:
        """How long a text of it may be, as its server told."""
        return networks.counted(self.network, "", self.facts)[1]


class Source(OwnedInBulk):
    """One thing that is polled: a feed's address, an account's surroundings, a hashtag."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused by a person")
        CLOSED = "closed", _("Closed: the place is gone")

    network = models.CharField(_("network"), max_length=40)
    place = models.CharField(_("place"), max_length=2000, help_text=_("The address of the feed, the account, the tag."))
    # Stands before the ids of networks that number within a source; stays when the place moves or is added anew.
    key = models.CharField(max_length=16, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, blank=True, related_name="sources")
    # What it is read through; empty at networks that need no connection.
    connection = models.ForeignKey(
        "listening.Connection", models.PROTECT, null=True, blank=True, related_name="sources"
    )
    department = models.ForeignKey("roles.Department", models.SET_NULL, null=True, blank=True, related_name="+")
    is_internal = models.BooleanField(
        _("internal"), default=False, help_text=_("What is said here can never be replied to in public.")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    state_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, blank=True, related_name="+")

    folder = models.CharField(
        _("folder"),
        max_length=120,
        blank=True,
        help_text=_("Where it belongs in lists that are imported or exported."),
    )
    quiet_hours = models.PositiveIntegerField(
        _("silent after (hours)"),
        null=True,
        blank=True,
        help_text=_("After this long without anything new it is called silent. Empty: its own rhythm decides."),
    )

    # The place's own words on where to go on: validators or a cursor, stored with the posts that they belong to.
    cursor = models.JSONField(default=dict, blank=True)
    interval_seconds = models.PositiveIntegerField(default=900)
    next_poll_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_key = models.CharField(max_length=36, blank=True)

    # Health.
    last_polled_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_item_at = models.DateTimeField(null=True, blank=True)
    # Within this time nine of ten new items followed the one before; unknown until two were seen.
    usual_seconds = models.PositiveIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    rate_limits_in_row = models.PositiveIntegerField(default=0)
    network_failures_in_row = models.PositiveIntegerField(default=0)
    parse_failures_in_row = models.PositiveIntegerField(default=0)
    moved_in_row = models.PositiveSmallIntegerField(default=0)
    moved_to = models.CharField(max_length=2000, blank=True)

    objects = OwnedManager.from_queryset(SourceQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "network", "place", "connection"],
                name="source_once",
                nulls_distinct=False,
                violation_error_message=_("This place is a source already."),
            )
        ]
        indexes = [
            # The lines in which sources wait for their turn, each by what is due first.
            models.Index(
                F("organization"),
                F("network"),
                IsNull(F("last_polled_at"), True),
                F("next_poll_at"),
                F("id"),
                name="source_turns",
                condition=models.Q(state="active"),
            ),
            models.Index(fields=["organization", "name", "id"], name="source_by_name"),
        ]

    def __str__(self) -> str:
        return self.name or self.place

    @property
    def host(self) -> str:
        """The server's name where the place is a web address, else nothing."""
        if not self.place.startswith(("http://", "https://")):
            return ""
        return (urlsplit(self.place).hostname or "").lower()

    @property
    def failures_in_row(self) -> int:
        """How many polls in a row have failed, for whatever reason."""
        return self.rate_limits_in_row + self.network_failures_in_row + self.parse_failures_in_row

    @property
    def silent_after(self) -> timedelta | None:
        """After how long without anything new it is silent: as a person said, else three times its usual time."""
        if self.quiet_hours:
            return timedelta(hours=self.quiet_hours)
        if self.usual_seconds is None:
            return None
        return timedelta(seconds=max(SILENT_SECONDS, SILENT_TIMES * self.usual_seconds))

    def is_silent(self, at: datetime) -> bool:
        """Whether nothing new came for longer than is to be expected: it may look alive and be dead."""
        since, after = self.last_item_at or self.created_at, self.silent_after
        return self.state == self.State.ACTIVE and after is not None and since < at - after

    def is_overdue(self, at: datetime) -> bool:
        """Whether it should have been polled a while ago, and nobody did."""
        return self.state == self.State.ACTIVE and self.next_poll_at < at - OVERDUE and not self.is_cut_off

    @property
    def is_cut_off(self) -> bool:
        """Whether it is not polled because what it is read through has to be connected again."""
        return self.connection is not None and self.connection.is_withdrawn


class Poll(OwnedInBulk):
    """One visit to a source, with its outcome."""

    class Outcome(models.TextChoices):
        RUNNING = "running", _("Running")
        TAKEN = "taken", _("Taken")
        UNCHANGED = "unchanged", _("Unchanged")
        RATE_LIMITED = "rate_limited", _("Asked to wait")
        UNREACHABLE = "unreachable", _("Unreachable")
        UNREADABLE = "unreadable", _("Unreadable")
        REFUSED = "refused", _("Refused")
        GONE = "gone", _("Gone")
        DIED = "died", _("The worker stopped on the way")

    source = models.ForeignKey(Source, models.CASCADE, related_name="polls", db_index=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.RUNNING)
    status = models.PositiveSmallIntegerField(null=True)
    seen = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    revised = models.PositiveIntegerField(default=0)
    gap = models.BooleanField(default=False)
    problem = models.CharField(max_length=500, blank=True)

    objects = OwnedManager.from_queryset(PollQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["source", "-id"], name="poll_newest")]

    def __str__(self) -> str:
        return f"{self.source} {self.started_at:%Y-%m-%d %H:%M}"


class Host(models.Model):
    """One server that is visited: the politeness and back-off that all its sources share, across organizations."""

    name = models.CharField(max_length=255, unique=True)
    next_visit_at = models.DateTimeField(db_default=Now())
    failures_in_row = models.PositiveIntegerField(default=0)
    closed_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name
