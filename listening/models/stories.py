"""Stories: near-identical posts folded together, and what is kept so that alike ones find each other."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from listening.models.posts import Mention
from listening.querysets import StoryQuerySet
from roles.tenancy import Owned, OwnedManager


class Story(Owned):
    """Near-identical posts folded together: what was syndicated, reposted or told again almost word for word."""

    headline = models.CharField(_("headline"), max_length=300, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    size = models.PositiveIntegerField(default=1)
    # Whether a person put it together or took it apart: then no machine joins it with another story.
    is_by_hand = models.BooleanField(default=False, db_default=False)
    # Where its mentions went when it turned out to be the same as another; it stays for addresses that name it.
    merged_into = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="merged")
    # What a person decided for the whole of it, later arrivals included; empty: each arrival waits for a decision.
    follow_state = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        choices=[(state, state.label) for state in (Mention.State.ROUTED, Mention.State.DISMISSED, Mention.State.KEPT)],
    )
    follow_department = models.ForeignKey("roles.Department", models.SET_NULL, null=True, blank=True, related_name="+")
    follow_code = models.CharField(max_length=16, blank=True, default="", db_default="", choices=Mention.WhyNot)
    follow_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    followed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = OwnedManager.from_queryset(StoryQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "stories"
        indexes = [
            models.Index(fields=["organization", "-last_at"], name="story_latest"),
            models.Index(fields=["organization", "first_at"], name="story_begun", include=["size"]),
        ]

    def __str__(self) -> str:
        return self.headline or str(_("A story without words"))

    @property
    def others(self) -> int:
        """How many places it was told at besides the one that is shown."""
        return max(self.size - 1, 0)


class Fingerprint(Owned):
    """The keys under which a mention is found by others that say the same; kept as long as stories are looked for."""

    mention = models.OneToOneField(Mention, models.CASCADE, primary_key=True, related_name="fingerprint")
    keys = ArrayField(models.BigIntegerField(), default=list)
    captured_at = models.DateTimeField()
    # Its post was edited or withdrawn, so it is to be looked at again.
    is_stale = models.BooleanField(default=False, db_default=False)

    class Meta(Owned.Meta):
        indexes = [
            # Without the list of pending entries, which every search would read from end to end.
            GinIndex(fields=["keys"], name="fingerprint_keys", fastupdate=False),
            models.Index(
                fields=["organization", "mention"], name="fingerprint_stale", condition=models.Q(is_stale=True)
            ),
            models.Index(fields=["captured_at"], name="fingerprint_age"),
        ]

    def __str__(self) -> str:
        return f"{self.mention_id}"


class Folding(Owned):
    """How far an organization's mentions were folded into stories; whoever changes stories holds this row."""

    # Everything that was captured before has a fingerprint.
    done_until = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="folding_once")]

    def __str__(self) -> str:
        return f"{self.done_until:%Y-%m-%d %H:%M}"
