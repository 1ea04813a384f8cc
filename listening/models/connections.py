"""How the organization is known at networks: connections, and sign-ins there that somebody has begun."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from listening import networks
from listening.connection_querysets import ConnectionQuerySet
from listening.networks.protocols import Limits, RemoteAuthor
from roles.tenancy import Owned, OwnedManager


class Connection(Owned):
    """Credentials of the organization at a network, with what the network told about itself; channels and sources
    go through it."""

    class State(models.TextChoices):
        WORKS = "works", _("Works")
        TROUBLE = "trouble", _("In trouble")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    network = models.CharField(_("network"), max_length=40)
    # The address that it was made with, where a network has several servers.
    server = models.CharField(_("server"), max_length=500, blank=True)
    way = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=200)
    account_id = models.CharField(max_length=300, blank=True)
    handle = models.CharField(max_length=200, blank=True)
    account_name = models.CharField(max_length=200, blank=True)
    account_url = models.CharField(max_length=2000, blank=True)
    # The credentials, sealed; empty once they were forgotten.
    sealed = models.TextField(blank=True, editable=False)
    # What the adapter wants to be handed again, and the places that it offers to listen to: [[place, label], ...].
    facts = models.JSONField(default=dict, blank=True, editable=False)
    offered = models.JSONField(default=list, blank=True, editable=False)
    # What may be spent in a month, in thousandths of a US dollar, at a network that takes money; empty is nothing.
    budget = models.PositiveIntegerField(_("budget"), null=True, blank=True)

    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WORKS)
    problem = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, blank=True, related_name="+")

    # Tending: when the network last said that they work, when it is asked again, when they are renewed and run out.
    checked_at = models.DateTimeField(null=True, blank=True)
    check_due_at = models.DateTimeField(db_default=Now())
    renew_due_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_key = models.CharField(max_length=36, blank=True)
    failures_in_row = models.PositiveIntegerField(default=0)
    refusals_in_row = models.PositiveIntegerField(default=0)
    # When those who can mend it were written to; empty again once it works.
    told_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedManager.from_queryset(ConnectionQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "network", "server", "account_id"],
                name="connection_once",
                violation_error_message=_("This account is connected already."),
            )
        ]
        indexes = [
            models.Index(fields=["check_due_at"], name="connection_check_due", condition=~models.Q(state="withdrawn")),
            models.Index(
                fields=["renew_due_at"],
                name="connection_renew_due",
                condition=models.Q(renew_due_at__isnull=False) & ~models.Q(state="withdrawn"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def account(self) -> RemoteAuthor:
        """Who the organization is there."""
        return RemoteAuthor(id=self.account_id, handle=self.handle, name=self.account_name, url=self.account_url)

    @property
    def text_limits(self) -> Limits:
        """How long an answer through it may be, as its server told."""
        return networks.counted(self.network, "", self.facts)[1]

    @property
    def is_withdrawn(self) -> bool:
        """Whether nothing goes through it any more until it is connected again."""
        return self.state == self.State.WITHDRAWN

    def runs_out(self, within: timedelta, *, at: datetime) -> bool:
        """Whether its credentials run out within so long."""
        return self.expires_at is not None and self.expires_at <= at + within


class OwnSecret(models.Model):
    """A secret of the installation itself for one purpose, such as the key that it signs with at networks."""

    purpose = models.CharField(max_length=200, unique=True)
    sealed = models.TextField(editable=False)

    def __str__(self) -> str:
        return self.purpose


class NetworkSignIn(Owned):
    """A sign-in at a network that a member has begun, until they come back from there or its time is up."""

    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    network = models.CharField(max_length=40)
    way = models.CharField(max_length=40)
    name = models.CharField(max_length=200, blank=True)
    # The one that is connected again; empty for a new one.
    connection = models.ForeignKey(Connection, models.CASCADE, null=True, related_name="+")
    speaks = models.BooleanField(default=True)
    listens = models.BooleanField(default=True)
    # What the network hands back with them, as a digest; and what its adapter keeps until then, sealed.
    state_digest = models.CharField(max_length=64, unique=True)
    sealed = models.TextField(editable=False)
    begun_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        verbose_name = "network sign-in"
        indexes = [models.Index(fields=["begun_at"], name="network_sign_in_age")]

    def __str__(self) -> str:
        return f"{self.network} {self.begun_at:%Y-%m-%d %H:%M}"
