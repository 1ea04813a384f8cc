"""What is thought of mentions: their topic, the story that they tell, and what a person said about a judgement."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from listening.judgement_querysets import CorrectionQuerySet, LearnedModelQuerySet, TopicQuerySet
from roles.tenancy import Owned, OwnedManager
from roles.wording import labelled


class Topic(Owned):
    """What mentions are about: a label, with the department that it concerns."""

    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), max_length=1000, blank=True)
    department = models.ForeignKey("roles.Department", models.SET_NULL, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = OwnedManager.from_queryset(TopicQuerySet)()  # type: ignore[assignment,misc]

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
    # What a machine had said before the first of the corrections, how surely, and which machine.
    before = models.CharField(max_length=40, blank=True)
    before_score = models.FloatField(null=True)
    before_by = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    objects = OwnedManager.from_queryset(CorrectionQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["mention", "kind"], name="correction_once")]
        indexes = [models.Index(fields=["organization", "kind", "-at"], name="correction_newest")]

    def __str__(self) -> str:
        return labelled(self.get_kind_display(), self.value)


class LearnedModel(Owned):
    """A small model of one kind of judgement, trained from what this organization's people said.

    The row is the work as well: as a candidate it belongs to whoever holds its lease, and a lease that ran out is free.
    """

    class Kind(models.TextChoices):
        SENTIMENT = "sentiment", _("Sentiment")
        TOPIC = "topic", _("Topic")
        RELEVANCE = "relevance", _("Relevance")

    class State(models.TextChoices):
        CANDIDATE = "candidate", _("Being trained")
        CURRENT = "current", _("Judges now")
        RETIRED = "retired", _("Judged before")
        REFUSED = "refused", _("Was no better")

    kind = models.CharField(max_length=10, choices=Kind)
    # Empty: one for all languages.
    language = models.CharField(max_length=12, blank=True)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.CANDIDATE)
    begun_at = models.DateTimeField()
    trained_at = models.DateTimeField(null=True)
    # Since when it judges, or stopped to.
    since_at = models.DateTimeField(null=True)
    # What it was trained from, what it was tried on, and the moment of the newest of both.
    examples = models.PositiveIntegerField(default=0)
    held_back = models.PositiveIntegerField(default=0)
    learned_until = models.DateTimeField(null=True)
    evaluation = models.JSONField(default=dict)
    content = models.BinaryField(null=True)
    # By label, the words and marks that speak most for it (or, below zero, against it).
    words = models.JSONField(default=dict)
    lease_until = models.DateTimeField(null=True)
    lease_key = models.CharField(max_length=40, blank=True)
    # Waiting mentions with smaller keys are still to be judged again by it; null: all of them have been.
    again_below = models.BigIntegerField(null=True)
    # Why a person went back to another one, and who.
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(LearnedModelQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "language", "version"], name="learned_version_once"
            ),
            models.UniqueConstraint(
                fields=["organization"], name="learned_one_training", condition=models.Q(state="candidate")
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "language"],
                name="learned_one_current",
                condition=models.Q(state="current"),
            ),
        ]

    def __str__(self) -> str:
        language = f" ({self.language})" if self.language else ""
        return f"{self.get_kind_display()}{language} {self.version}"
