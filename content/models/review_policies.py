"""What is reviewed before it goes out, and by whom; without anybody's having written it, everything is, by a coach."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models.pieces import Piece
from content.review_querysets import ReviewPolicyQuerySet
from roles.models import NamedStep
from roles.tenancy import Owned, OwnedManager

USUAL_HOURS = 24


class ReviewPolicy(Owned):
    """For which variants somebody looks first, and who, or that nobody has to; of those that fit the first counts.

    Every stated condition must hold. One for each organization is the base, without conditions: it counts where no
    other fits, and holds as `ReviewPolicy.objects.base()` says it where it was never written.
    """

    name = models.CharField(_("name"), max_length=120)
    position = models.PositiveIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    is_base = models.BooleanField(default=False)
    waives = models.BooleanField(_("goes out without review"), default=False)
    kind = models.CharField(_("type"), max_length=7, choices=Piece.Kind, blank=True)
    channel = models.ForeignKey(
        "listening.Channel", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("channel")
    )
    author = models.ForeignKey(
        "roles.Member", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    topic = models.ForeignKey(
        "listening.Topic", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("topic")
    )
    # What reviews had changed in what it is for when it was last written: the reason to relax, or not to.
    record_then = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    objects = OwnedManager.from_queryset(ReviewPolicyQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "review policies"
        ordering = ["is_base", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], name="review_policy_one_base", condition=models.Q(is_base=True)
            ),
            models.CheckConstraint(
                condition=models.Q(is_base=False)
                | models.Q(kind="", channel=None, author=None, topic=None, waives=False, is_active=True),
                name="review_policy_base_is_for_all",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReviewPolicyStep(NamedStep):
    """One step of a review policy: who is asked, how many of them must say yes, and within how many hours."""

    policy = models.ForeignKey(ReviewPolicy, models.CASCADE, related_name="steps")
    hours = models.PositiveSmallIntegerField(_("within (hours)"), default=USUAL_HOURS)
    # Who is no member and is asked by mail: [{name, email}].
    outside = models.JSONField(default=list, blank=True)

    class Meta(NamedStep.Meta):
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="review_policy_step_once")]

    def __str__(self) -> str:
        return f"{self.policy} {self.number}"
