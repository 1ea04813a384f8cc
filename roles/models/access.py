"""Ways in: invitations, and tokens for programs."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.models.people import Member, Role
from roles.querysets import InvitationQuerySet
from roles.tenancy import Owned, OwnedManager


def digest(secret: str) -> str:
    """Return what is stored of a secret: enough to recognise it, not enough to use it."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Invitation(Owned):
    """A link by which someone joins, in one position."""

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, blank=True, related_name="+")
    role = models.CharField(_("role"), max_length=12, choices=Role, blank=True)
    custom_role = models.ForeignKey("roles.CustomRole", models.PROTECT, null=True, blank=True, related_name="+")
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    capacity = models.PositiveIntegerField(default=20)
    ends_at = models.DateTimeField(null=True)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(InvitationQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        pass

    def __str__(self) -> str:
        return self.email

    @property
    def inviter(self) -> str:
        """The name of who invited."""
        return str(self.invited_by)

    @property
    def title(self) -> str:
        """What the role is called that it offers."""
        return str(self.custom_role) if self.custom_role is not None else self.get_role_display()

    @property
    def where(self) -> str:
        """The department's or, without one, the organization's name."""
        return str(self.department or self.organization)

    def state(self, at: datetime) -> str:
        """“open”, “accepted”, “withdrawn” or “expired”."""
        if self.accepted_at is not None:
            return "accepted"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "open" if at < self.expires_at else "expired"

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be accepted."""
        return self.state(at) == "open"


class ApiToken(Owned):
    """A key by which a program acts as a member, within its scopes."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=8, editable=False)
    scopes = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text=_("Capabilities that the token may use, or “read” for reading alone; empty: all of the member's."),
    )
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    # None: until it is revoked.
    ends_at = models.DateTimeField(null=True)
    end_told_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def has_ended(self, at: datetime) -> bool:
        """Whether its last day is over."""
        return self.ends_at is not None and self.ends_at <= at


class IdempotencyKey(Owned):
    """The answer once given to a create request, so that its repetition creates nothing."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
