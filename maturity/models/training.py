"""What each role must know: paths with steps, and how far each person has come."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from maturity.training_querysets import TrainingQuerySet
from roles.models import Role
from roles.tenancy import Owned, OwnedManager


class TrainingPath(Owned):
    """What everybody in a role must know, by when, and when again."""

    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=12, choices=Role, blank=True)
    custom_role = models.ForeignKey("roles.CustomRole", models.CASCADE, null=True, blank=True, related_name="+")
    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, blank=True, related_name="+")
    due_days = models.PositiveSmallIntegerField(_("days to finish"), default=30)
    renew_months = models.PositiveSmallIntegerField(_("renewed after months"), null=True, blank=True)
    holds_replies = models.BooleanField(_("until then somebody else sees their replies first"), default=False)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"], name="training_path_once", condition=models.Q(retired_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """What the role is called."""
        return str(self.custom_role) if self.custom_role is not None else self.get_role_display()


class TrainingStep(Owned):
    """One thing to do on a path."""

    class Kind(models.TextChoices):
        READ = "read", _("Read")
        ACKNOWLEDGE = "acknowledge", _("Acknowledge")
        SHADOW = "shadow", _("Shadow a colleague")
        DRILL = "drill", _("Drill")
        PUBLISH = "publish", _("Publish in-house")

    # What the rows show by themselves: a yes where guidelines stand, a piece that was published in-house.
    SHOWN = (Kind.ACKNOWLEDGE, Kind.PUBLISH)
    # What somebody else must confirm.
    CONFIRMED = (Kind.SHADOW, Kind.DRILL)

    path = models.ForeignKey(TrainingPath, models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    title = models.CharField(_("what"), max_length=200)
    url = models.URLField(_("where it stands"), max_length=400, blank=True)
    # To which guidelines a yes is asked for; without one to all that hold.
    section = models.ForeignKey(
        "maturity.GuidelineSection", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("guideline"),
    )  # fmt: skip

    class Meta(Owned.Meta):
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["path", "number"], name="training_step_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody else confirms it."""
        return self.kind in self.CONFIRMED


class Training(Owned):
    """One person on one path, for the first time or again."""

    path = models.ForeignKey(TrainingPath, models.CASCADE, related_name="trainings")
    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    # Whether it keeps the person from replying alone; who was here when the path was written is trusted already.
    holds_replies = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    due_on = models.DateField()
    finished_at = models.DateTimeField(null=True)
    # When the next round is due.
    renews_on = models.DateField(null=True)
    # The person holds the role no more, or the path was retired.
    ended_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(TrainingQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["path", "member", "round"], name="training_once")]
        indexes = [
            models.Index(
                fields=["organization", "member"], name="training_open",
                condition=models.Q(finished_at=None, ended_at=None),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.path)

    def is_overdue(self, day: date) -> bool:
        """Whether it should have been finished."""
        return self.finished_at is None and day > self.due_on

    def keeps_from_replying(self, day: date) -> bool:
        """Whether somebody else must see first what the person writes: a newcomer, or one who let it lapse."""
        if self.finished_at is not None or self.ended_at is not None:
            return False
        return self.holds_replies if self.round == 1 else self.holds_replies and self.is_overdue(day)


class StepDone(Owned):
    """A step that a person has done, who confirms it where that is asked, and by which drill with which score."""

    training = models.ForeignKey(Training, models.CASCADE, related_name="done")
    step = models.ForeignKey(TrainingStep, models.CASCADE, related_name="+")
    done_at = models.DateTimeField()
    confirmed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    note = models.CharField(_("note"), max_length=500, blank=True)
    drill = models.ForeignKey("maturity.Drill", models.SET_NULL, null=True, related_name="+")
    # Of the person's answers in the drill those in time, once, and as the guidelines say, from 0 to 1.
    score = models.FloatField(null=True)

    class Meta(Owned.Meta):
        verbose_name_plural = "steps done"
        constraints = [models.UniqueConstraint(fields=["training", "step"], name="step_done_once")]

    def __str__(self) -> str:
        return str(self.step)
