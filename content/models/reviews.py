"""What somebody else sees before it goes out, exactly as it would, and what they said."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models.review_policies import USUAL_HOURS
from content.review_querysets import ReviewedVariantQuerySet, ReviewQuerySet, ReviewStepQuerySet
from roles.models import AskedStep
from roles.tenancy import Owned, OwnedManager


class Review(Owned):
    """That somebody was asked whether variants of a piece may go out exactly as they are."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        SENT_BACK = "sent_back", _("Sent back")
        CHANGED = "changed", _("Changed meanwhile")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    piece = models.ForeignKey("content.Piece", models.CASCADE, related_name="reviews")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    policy_name = models.CharField(max_length=120, blank=True)
    asked_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Who wrote what is asked about: the author, and whoever saved it as it is. They never decide.
    maker_ids = ArrayField(models.BigIntegerField(), default=list)

    objects = OwnedManager.from_queryset(ReviewQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [
            models.Index(fields=["piece", "-id"], name="review_of_piece"),
            models.Index(fields=["organization", "state", "id"], name="review_by_state"),
        ]

    def __str__(self) -> str:
        return str(self.piece)

    @property
    def digests(self) -> dict[int, str]:
        """What it is about: the digest of each variant that is still in it, by its key."""
        return {row.variant_id: row.digest for row in self.reviewed.all() if row.is_in}


class ReviewedVariant(Owned):
    """One variant as it was when its review was asked for, and how that ended for it."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="reviewed")
    variant = models.ForeignKey("content.Variant", models.CASCADE, related_name="reviewed")
    digest = models.CharField(max_length=64)
    # What the digest stands for, in words, so that the next review shows what is different.
    shown = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=Review.State, default=Review.State.WAITING)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(ReviewedVariantQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["review", "variant"], name="reviewed_variant_once"),
            # About one variant one thing is asked at a time.
            models.UniqueConstraint(
                fields=["variant"], name="reviewed_variant_one_waiting", condition=models.Q(state="waiting")
            ),
        ]
        indexes = [
            models.Index(fields=["variant", "-id"], name="reviewed_variant_newest"),
            models.Index(fields=["organization", "ended_at"], name="reviewed_variant_ended"),
        ]

    def __str__(self) -> str:
        return str(self.variant)

    @property
    def is_in(self) -> bool:
        """Whether the review is, or ended, about it: it was neither changed nor taken out meanwhile."""
        return self.state not in {Review.State.CHANGED, Review.State.WITHDRAWN}


class ReviewStep(AskedStep):
    """One step of one review: who is asked, within how many hours, and how it ended."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="steps")
    hours = models.PositiveSmallIntegerField(default=USUAL_HOURS)
    # Who is no member and is asked by mail when its turn comes: [{name, email}].
    outside = models.JSONField(default=list, blank=True)
    # Whom the policy named when it was asked: a policy that asks for more by now is not answered by it.
    policy_asks = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)
    # When a worker looks whether those who are asked can decide, are to be reminded, or others to be told.
    next_look_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(ReviewStepQuerySet)()  # type: ignore[assignment,misc]

    class Meta(AskedStep.Meta):
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="review_step_once"),
            # One step at a time is asked for.
            models.UniqueConstraint(
                fields=["review"], name="review_step_one_waiting", condition=models.Q(state="waiting")
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "asked_at", "id"],
                name="review_step_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(fields=["next_look_at"], name="review_step_look", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return str(self.review)

    @property
    def outside_names(self) -> list[str]:
        """How those outside whom it asks are called."""
        return [one["name"] for one in self.outside]

    @property
    def is_outside_only(self) -> bool:
        """Whether it asks no member at all."""
        return bool(self.outside) and not (self.roles_meant or self.member_ids_meant)


class ReviewDecision(Owned):
    """What one person said about one step: a yes, a no with its reason, or a remark that decides nothing."""

    class Kind(models.TextChoices):
        APPROVE = "approve", _("approved")
        SEND_BACK = "send_back", _("sent it back")
        COMMENT = "comment", _("left a remark")

    step = models.ForeignKey(ReviewStep, models.CASCADE, related_name="decisions")
    # A member's, or a guest's.
    by = models.ForeignKey("roles.Member", models.PROTECT, null=True, related_name="+")
    guest = models.ForeignKey("content.ReviewGuest", models.CASCADE, null=True, related_name="decisions")
    kind = models.CharField(max_length=9, choices=Kind)
    reason = models.CharField(_("what was said"), max_length=2000, blank=True)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "by"], name="review_decision_once", condition=~models.Q(kind="comment")
            ),
            models.CheckConstraint(
                condition=models.Q(by=None) | models.Q(guest=None),
                name="review_decision_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.who} {self.get_kind_display()}"

    @property
    def who(self) -> str:
        """Who said it."""
        return str(self.by or self.guest)
