"""Early warning: what is watched, what was unusual, who was told, and what was known to come."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from listening.early_warning.watch import ONCE_IN
from listening.models.stories import Story
from listening.querysets import EarlyWarningQuerySet
from roles.tenancy import Owned, OwnedManager
from roles.wording import labelled


class Measure(models.TextChoices):
    """What of the mentions is counted."""

    VOLUME = "volume", _("Volume")
    NEGATIVE = "negative", _("Negative mentions")


class Lookout(Owned):
    """How far an organization's counts were judged; whoever judges holds this row."""

    done_until = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="lookout_once")]

    def __str__(self) -> str:
        return f"{self.done_until:%Y-%m-%d %H:%M}"


class WatchedSeries(Owned):
    """Counts of one query, one topic or the whole organization, and what the detector learned from them."""

    measure = models.CharField(max_length=10, choices=Measure)
    # At most one of them; neither: everything that the organization hears.
    query = models.ForeignKey("listening.TrackingQuery", models.CASCADE, null=True, related_name="watched")
    topic = models.ForeignKey("listening.Topic", models.CASCADE, null=True, related_name="watched")
    # A count is that of the last five minutes, or, where little is said, of the last hour.
    is_hourly = models.BooleanField(default=True)
    begins_at = models.DateTimeField()
    judged = models.PositiveIntegerField(default=0)
    detector = models.JSONField(null=True)
    episode = models.JSONField(null=True)
    # The newest counts, each as [seconds since 1970, count, low, expected, high].
    recent = models.JSONField(default=list)
    # A warning means: so much comes once in this time. Moved by how warnings ended.
    once_in = models.DurationField(default=ONCE_IN)

    class Meta(Owned.Meta):
        verbose_name_plural = "watched series"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "measure", "query", "topic"], name="watched_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return labelled(self.subject, self.get_measure_display())

    @property
    def episode_is_over(self) -> bool:
        """Whether nothing unusual is going on."""
        return not (self.episode and self.episode.get("episode"))

    @property
    def subject(self) -> str:
        """The name of what is watched."""
        return str(self.query or self.topic or _("Everything that is heard"))


class KnownEvent(Owned):
    """A launch, a match, a strike: a time in which more is to be expected, for one subject or for all."""

    name = models.CharField(_("name"), max_length=120)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    query = models.ForeignKey("listening.TrackingQuery", models.CASCADE, null=True, blank=True, related_name="+")
    topic = models.ForeignKey("listening.Topic", models.CASCADE, null=True, blank=True, related_name="+")
    is_quiet = models.BooleanField(
        _("tell nobody"),
        default=True,
        help_text=_("What is unusual then is kept in the history; otherwise it warns and names the event."),
    )
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="known_event_ends_after_it_begins",
                violation_error_message=_("It ends before it begins."),
            )
        ]
        indexes = [models.Index(fields=["organization", "-ends_at"], name="known_event_latest")]

    def __str__(self) -> str:
        return self.name


class EarlyWarning(Owned):
    """One event that is unusual, from its first sign to the note of how it ended."""

    class Kind(models.TextChoices):
        VOLUME = "volume", _("Unusual volume")
        NEGATIVE = "negative", _("Unusually negative")
        BY_HAND = "by_hand", _("Raised by a person")

    class Severity(models.IntegerChoices):
        NOTICE = 1, _("Notice")
        SERIOUS = 2, _("Serious")
        GRAVE = 3, _("Grave")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACKNOWLEDGED = "acknowledged", _("Somebody is on it")
        CLOSED = "closed", _("Closed")

    class Outcome(models.TextChoices):
        TRUE = "true", _("It was right")
        FALSE = "false", _("False alarm")
        KNOWN = "known", _("Known event")

    series = models.ForeignKey(WatchedSeries, models.SET_NULL, null=True, related_name="warnings")
    subject = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind)
    severity = models.PositiveSmallIntegerField(choices=Severity)
    began_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    value = models.FloatField(default=0)
    expected = models.FloatField(default=0)
    once_in = models.DurationField(null=True)
    is_hourly = models.BooleanField(default=False)
    # Counts around it, as in the series; the picture stays when the series goes on.
    counts = models.JSONField(default=list)
    story = models.ForeignKey(Story, models.SET_NULL, null=True, related_name="warnings")
    mention_ids = ArrayField(models.BigIntegerField(), default=list)
    words = ArrayField(models.CharField(max_length=60), default=list)
    # Other subjects in which the same event was seen.
    also = ArrayField(models.CharField(max_length=240), default=list)
    # The keys of those of them that are tracking queries.
    also_queries = ArrayField(models.BigIntegerField(), default=list)
    known_event = models.ForeignKey(KnownEvent, models.SET_NULL, null=True, related_name="warnings")
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=5, choices=Outcome, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    raised_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(EarlyWarningQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name = "warning"
        verbose_name_plural = "warnings"
        constraints = [
            models.UniqueConstraint(fields=["series"], condition=models.Q(ended_at=None), name="warning_running_once"),
            models.UniqueConstraint(fields=["series", "began_at"], name="warning_once"),
        ]
        indexes = [
            models.Index(fields=["organization", "-id"], name="warning_newest"),
            models.Index(fields=["organization", "-id"], name="warning_open", condition=~models.Q(state="closed")),
        ]

    def __str__(self) -> str:
        return labelled(self.get_kind_display(), self.subject)

    @property
    def is_running(self) -> bool:
        """Whether it is still unusual."""
        return self.ended_at is None and self.state != self.State.CLOSED
