"""Drills: a written stream that is said on the practice field, worked in the real queue, and scored."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from maturity.drill_querysets import DrillQuerySet
from roles.tenancy import Owned, OwnedManager


class Drill(Owned):
    """Lines that are said on the practice field one after the other, and by when each is to be answered."""

    class State(models.TextChoices):
        WRITTEN = "written", _("Ready")
        PLAYING = "playing", _("Under way")
        OVER = "over", _("Over")

    class Pace(models.IntegerChoices):
        """Seconds from one line to the next."""

        TEN = 10, _("every ten seconds")
        THIRTY = 30, _("every half minute")
        MINUTE = 60, _("every minute")
        TWO = 120, _("every two minutes")
        FIVE = 300, _("every five minutes")

    title = models.CharField(_("title"), max_length=120)
    seconds_between = models.PositiveSmallIntegerField(_("a line"), choices=Pace, default=Pace.THIRTY)
    minutes = models.PositiveSmallIntegerField(
        _("answered within (minutes)"), default=10, validators=[MinValueValidator(1), MaxValueValidator(240)]
    )
    state = models.CharField(max_length=7, choices=State, default=State.WRITTEN)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    # When the next line is said; after the last one, when the time to answer it is over.
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(DrillQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [
            models.Index(fields=["organization", "-id"], name="drill_newest"),
            models.Index(fields=["next_at"], name="drill_due", condition=models.Q(state="playing")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_written(self) -> bool:
        """Whether it has not begun."""
        return self.state == self.State.WRITTEN

    @property
    def is_playing(self) -> bool:
        """Whether lines are said, or may still be answered."""
        return self.state == self.State.PLAYING

    @property
    def is_over(self) -> bool:
        """Whether nothing counts any more."""
        return self.state == self.State.OVER


class DrillLine(Owned):
    """One thing that somebody says in a drill, and whether what was answered is as the guidelines say."""

    drill = models.ForeignKey(Drill, models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    # Without it: something that only passes by, and should be left alone.
    wants_answer = models.BooleanField(default=True)
    post = models.ForeignKey("listening.PracticePost", models.SET_NULL, null=True, related_name="+")
    said_at = models.DateTimeField(null=True)
    # What a person said of the answer; nothing yet where it is empty.
    is_kept = models.BooleanField(null=True)
    judged_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        verbose_name = _("line of a drill")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["drill", "number"], name="drill_line_once")]

    def __str__(self) -> str:
        return self.text[:80]
