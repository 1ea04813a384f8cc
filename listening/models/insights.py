"""What a gatherer found out, and what the booth is told of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned
from roles.wording import listed


class Insight(Owned):
    """Something that a gatherer learned from mentions and that others should know."""

    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what it means"), max_length=4000, blank=True)
    # Whom it concerns; without one, everybody.
    department = models.ForeignKey("roles.Department", models.SET_NULL, null=True, blank=True, related_name="+")
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["organization", "-id"], name="insight_newest")]

    def __str__(self) -> str:
        return self.title


class InsightMention(Owned):
    """A mention that an insight rests on."""

    insight = models.ForeignKey(Insight, models.CASCADE, related_name="places")
    mention = models.ForeignKey("listening.Mention", models.CASCADE, related_name="+")

    class Meta(Owned.Meta):
        verbose_name = "insight's mention"
        constraints = [models.UniqueConstraint(fields=["insight", "mention"], name="insight_mention_once")]

    def __str__(self) -> str:
        return str(self.mention)


class BriefPlan(Owned):
    """When the booth of a department, or of the whole organization, gets its brief."""

    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, blank=True, related_name="+")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list)  # 0 is Monday
    at_time = models.TimeField(_("time"))  # by the organization's clock
    is_active = models.BooleanField(_("active"), default=True)
    next_at = models.DateTimeField()
    made_to = models.DateTimeField()  # the next brief begins here

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "department"], name="brief_plan_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return str(self.department or _("the whole organization"))


class BriefReader(Owned):
    """Whether a member wants the briefs of a plan, where that is not as the member's positions have it."""

    plan = models.ForeignKey(BriefPlan, models.CASCADE, related_name="readers")
    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    wants_it = models.BooleanField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["plan", "member"], name="brief_reader_once")]

    def __str__(self) -> str:
        return str(self.member)


class Brief(Owned):
    """What was said in a span of time that concerns a department, as it stood when the brief was made."""

    plan = models.ForeignKey(BriefPlan, models.SET_NULL, null=True, related_name="briefs")
    department = models.ForeignKey("roles.Department", models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    content = models.JSONField(default=dict)
    sent_to = models.PositiveIntegerField(default=0)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["plan", "until"], name="brief_once")]
        indexes = [models.Index(fields=["organization", "-until"], name="brief_newest")]

    def __str__(self) -> str:
        return listed([self.department or _("whole organization"), f"{self.until:%Y-%m-%d}"])

    @property
    def is_quiet(self) -> bool:
        """Whether there was nothing to tell."""
        return not self.content.get("mentions") and not self.content.get("insights")
