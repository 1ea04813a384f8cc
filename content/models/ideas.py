"""What we may say one day: ideas."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, GeneratedField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from content.idea_querysets import WORDS, IdeaQuerySet
from engagement.models.joinings import Step
from roles.tenancy import Owned, OwnedManager

# How much something is worth, or asks of us; 0 where nobody has said.
MOST = 5


class Idea(Owned):
    """A thought for something to publish: where it came from, what it is worth, and what became of it."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        USED = "used", _("Used")
        DROPPED = "dropped", _("Dropped")
        MERGED = "merged", _("Merged into another")

    class Origin(models.TextChoices):
        WORDS = "words", _("Noted here")
        MENTION = "mention", _("What somebody said")
        STORY = "story", _("A story")
        QUESTION = "question", _("A question that keeps coming")
        HUDDLE = "huddle", _("The huddle")
        PAGE = "page", _("A page elsewhere")

    text = models.TextField(_("idea"), max_length=2000)
    origin = models.CharField(
        _("where it comes from"), max_length=8, choices=Origin, default=Origin.WORDS, db_default=Origin.WORDS
    )
    mention = models.ForeignKey("listening.Mention", models.SET_NULL, null=True, blank=True, related_name="ideas")
    story = models.ForeignKey("listening.Story", models.SET_NULL, null=True, blank=True, related_name="+")
    url = models.CharField(_("address"), max_length=2000, blank=True, default="", db_default="")
    page_title = models.CharField(_("title of the page"), max_length=300, blank=True, default="", db_default="")
    quote = models.TextField(_("what it says"), max_length=2000, blank=True, default="", db_default="")
    value = models.PositiveSmallIntegerField(_("value"), default=0, db_default=0)
    effort = models.PositiveSmallIntegerField(_("effort"), default=0, db_default=0)
    merit = GeneratedField(
        expression=Case(
            When(Q(value=0) | Q(effort=0), then=Value(0)),
            default=F("value") * Value(1000) / F("effort"),
            output_field=models.IntegerField(),
        ),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    ease = GeneratedField(
        expression=Case(
            When(effort=0, then=Value(0)), default=Value(6) - F("effort"), output_field=models.IntegerField()
        ),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    step = models.CharField(
        _("step of the value ladder"), max_length=15, choices=Step, blank=True, default="", db_default=""
    )
    topic = models.ForeignKey("listening.Topic", models.SET_NULL, null=True, blank=True, related_name="+")
    campaign = models.ForeignKey("content.Campaign", models.SET_NULL, null=True, blank=True, related_name="ideas")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    noted_at = models.DateTimeField(_("noted at"))
    noted_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="", db_default="")
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="merged")
    # What it was before it was merged, so that taking it out again gives it back.
    state_before = models.CharField(max_length=8, choices=State, blank=True, default="", db_default="")
    # Under these it is found by alike ones; see `content.alike`.
    keys = ArrayField(models.BigIntegerField(), default=list, db_default=[])

    objects = OwnedManager.from_queryset(IdeaQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(value__lte=MOST, effort__lte=MOST), name="idea_rated_up_to_five"),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "-id"], name="idea_newest"),
            models.Index(fields=["organization", "state", "-merit", "-id"], name="idea_best"),
            models.Index(fields=["organization", "state", "-value", "-id"], name="idea_value"),
            models.Index(fields=["organization", "state", "-ease", "-id"], name="idea_easy"),
            models.Index(fields=["organization", "noted_by", "-id"], name="idea_of_member"),
            GinIndex(fields=["keys"], name="idea_keys", fastupdate=False),
            GinIndex(WORDS, name="idea_words"),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def said(self) -> str:
        """Everything by which it is found by alike ones."""
        return f"{self.text}\n{self.page_title}" if self.page_title not in self.text else self.text

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to make something of it."""
        return self.state in {self.State.OPEN, self.State.ACCEPTED}

    @property
    def is_rated(self) -> bool:
        """Whether both value and effort were said."""
        return bool(self.value and self.effort)
