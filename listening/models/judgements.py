"""What is thought of mentions: their topic, the story that they tell, and what a person said about a judgement."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class Topic(Owned):
    """What mentions are about: a label, with the department that it concerns."""

    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), max_length=1000, blank=True)
    department = models.ForeignKey("roles.Department", models.SET_NULL, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="topic_name_once",
                violation_error_message=_("There is a topic with this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Story(Owned):
    """Near-identical posts folded together: what was syndicated, reposted or told again almost word for word."""

    headline = models.CharField(_("headline"), max_length=300, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    size = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        verbose_name_plural = "stories"
        indexes = [models.Index(fields=["organization", "-last_at"], name="story_latest")]

    def __str__(self) -> str:
        return self.headline or str(_("A story without words"))


class Correction(Owned):
    """What a person said about one judgement of a mention; machines never judge that again."""

    class Kind(models.TextChoices):
        LANGUAGE = "language", _("Language")
        SENTIMENT = "sentiment", _("Sentiment")
        TOPIC = "topic", _("Topic")
        STORY = "story", _("Story")

    mention = models.ForeignKey("listening.Mention", models.CASCADE, related_name="corrections")
    kind = models.CharField(max_length=10, choices=Kind)
    # A language's code, -1, 0 or 1, the key of a topic or story; empty where a person took it away.
    value = models.CharField(max_length=40, blank=True)
    # What stood there before, and who had said so.
    before = models.CharField(max_length=40, blank=True)
    before_by = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["mention", "kind"], name="correction_once")]
        indexes = [models.Index(fields=["organization", "kind", "-at"], name="correction_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"
