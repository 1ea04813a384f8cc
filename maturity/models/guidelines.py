"""How we take part: guidelines in sections, each with everything that it ever said."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from maturity.guideline_querysets import GuidelineSectionQuerySet, GuidelineVersionQuerySet
from roles.tenancy import Owned, OwnedManager


class GuidelineSection(Owned):
    """One part of the guidelines: what it says now is the version of its number."""

    title = models.CharField(_("title"), max_length=120)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    # From this version on a yes counts: what came after it were small changes.
    asks_from = models.PositiveIntegerField(default=1, db_default=1)
    # It is left out at the public address.
    is_internal = models.BooleanField(_("stays inside"), default=False, db_default=False)
    created_at = models.DateTimeField()
    # It says nothing any more; what it said stays to be read.
    retired_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(GuidelineSectionQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "title"], name="guideline_title_once", condition=models.Q(retired_at=None)
            )
        ]
        indexes = [models.Index(fields=["organization", "position", "id"], name="guideline_in_order")]

    def __str__(self) -> str:
        return self.title


class GuidelineTopic(Owned):
    """A topic on which a section bears; a section without any bears on everything."""

    section = models.ForeignKey(GuidelineSection, models.CASCADE, related_name="topics")
    topic = models.ForeignKey("listening.Topic", models.CASCADE, related_name="+")

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["section", "topic"], name="guideline_topic_once")]

    def __str__(self) -> str:
        return str(self.topic)


class GuidelineVersion(Owned):
    """What a section said from one moment on, in Markdown; it is never changed, so that a yes to it stays a yes."""

    section = models.ForeignKey(GuidelineSection, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField(_("text"), max_length=20_000)
    # Nobody who said yes to the one before need say it again.
    is_small = models.BooleanField(_("a small change"), default=False, db_default=False)
    written_at = models.DateTimeField()
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(GuidelineVersionQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["section", "number"], name="guideline_version_once")]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"
