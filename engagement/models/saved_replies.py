"""What we say often: texts with gaps, their versions, and how often the same may go out before somebody is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.saved_reply_querysets import SavedReplyQuerySet
from listening.languages import language_name
from roles.tenancy import Owned, OwnedManager


class SavedReply(Owned):
    """A text that is said often, with gaps that are filled when it is used."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        IN_USE = "in_use", _("In use")
        RETIRED = "retired", _("Retired")

    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=4000)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.IN_USE)
    # For what it is meant; what is empty does not matter.
    topic = models.ForeignKey(
        "listening.Topic", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("topic")
    )
    language = models.CharField(_("language"), max_length=12, blank=True)
    network = models.CharField(_("network"), max_length=40, blank=True)
    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey("roles.Member", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # The different words that it says, and of what it answered lately: by these it is suggested.
    words = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    asked = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    learned_reply_id = models.BigIntegerField(default=0)

    # Not stored: when it was used, and the numbers of the policy, where `with_uses` read them along.
    lately: Sequence[datetime] = ()
    to_author: Sequence[datetime] = ()
    policy: dict[str, int] | None = None

    objects = OwnedManager.from_queryset(SavedReplyQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "saved replies"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "title"], name="saved_reply_title_once", condition=~models.Q(state="retired")
            )
        ]
        indexes = [models.Index(fields=["organization", "state", "title", "id"], name="saved_reply_by_title")]

    def __str__(self) -> str:
        return self.title

    @property
    def language_name(self) -> str:
        """The language that it is written in, in words."""
        return language_name(self.language)

    def said_too_often(self, at: datetime) -> list[str]:
        """What is to be warned of where it was read `with_uses`: too often to this author, or to anybody."""
        numbers = self.policy or vars(RepetitionPolicy())
        across = sum(moment > at - timedelta(hours=numbers["across_hours"]) for moment in self.lately)
        to_author = sum(moment > at - timedelta(days=numbers["to_author_days"]) for moment in self.to_author)
        said = []
        if to_author >= numbers["to_author_most"]:
            said.append(_("This author got it in the last %(days)s days.") % {"days": numbers["to_author_days"]})
        if across >= numbers["across_most"]:
            said.append(
                _("Sent %(n)s times in the last %(hours)s hours.") % {"n": across, "hours": numbers["across_hours"]}
            )
        return [str(sentence) for sentence in said]


class SavedReplyVersion(Owned):
    """What a saved reply said at one time."""

    saved_reply = models.ForeignKey(SavedReply, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField()
    by = models.ForeignKey("roles.Member", models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta(Owned.Meta):
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["saved_reply", "number"], name="saved_reply_version_once")]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"


class RepetitionPolicy(Owned):
    """How often the same text may go out before the writer is asked whether that is meant; one an organization."""

    to_author_most = models.PositiveSmallIntegerField(_("times to the same author"), default=1)
    to_author_days = models.PositiveSmallIntegerField(_("within this many days"), default=30)
    across_most = models.PositiveSmallIntegerField(_("times to anybody"), default=10)
    across_hours = models.PositiveSmallIntegerField(_("within this many hours"), default=24)

    class Meta(Owned.Meta):
        verbose_name_plural = "repetition policies"
        constraints = [models.UniqueConstraint(fields=["organization"], name="repetition_policy_once")]

    def __str__(self) -> str:
        return str(_("How often the same text may go out"))
