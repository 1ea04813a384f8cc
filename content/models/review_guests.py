"""People outside who are asked whether something may go out."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.models import Department
from roles.tenancy import Owned


class ReviewGuest(Owned):
    """Somebody outside whose yes one step of a review takes as well, by a link of their own that ends.

    Whom a coach asks comes in addition to those whom the policy names, and never instead of them; whom the policy
    itself names counts as it says.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        SENT_BACK = "sent_back", _("Sent back")
        REVOKED = "revoked", _("Not asked any more")

    step = models.ForeignKey("content.ReviewStep", models.CASCADE, related_name="guests")
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail address"))
    # Of the key in their link; what the link says is kept nowhere.
    link_digest = models.CharField(max_length=64, unique=True)
    # Nobody, where the policy names them.
    asked_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    is_named = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # They are reminded once, by a second link: what the first one says is kept nowhere.
    reminded_at = models.DateTimeField(null=True)
    second_digest = models.CharField(max_length=64, null=True, unique=True)
    # When whoever asked them was told that the time of the link is over.
    told_at = models.DateTimeField(null=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    ended_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "email"], name="review_guest_once", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def department(self) -> Department | None:
        """The department of the piece: where the capability must be held."""
        return self.step.review.piece.department

    @property
    def reminds_at(self) -> datetime:
        """When half of the time of the link is over."""
        return self.asked_at + (self.expires_at - self.asked_at) / 2

    def has_ended(self, at: datetime) -> bool:
        """Whether the time of the link is over."""
        return at >= self.expires_at
