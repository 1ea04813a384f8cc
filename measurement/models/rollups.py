"""Figures kept ready: roll-ups by hour and by day that can be computed again for any window.

An hour begins when the organization's clock strikes, so that whole hours make up its days in every time zone.
"""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class Heard(Owned):
    """What was heard in a span, by network: how many mentions, how they sound, how many could have read them."""

    network = models.CharField(max_length=40)
    captured = models.PositiveIntegerField()
    negative = models.PositiveIntegerField(default=0)
    neutral = models.PositiveIntegerField(default=0)
    positive = models.PositiveIntegerField(default=0)
    # Followers of their authors added up, and of how many mentions they are known.
    reach = models.PositiveBigIntegerField(default=0)
    reach_known = models.PositiveIntegerField(default=0)

    class Meta(Owned.Meta):
        abstract = True


class MentionCount(Heard):
    """How many mentions were captured in a span, by network and by query.

    `query_id` 0 counts each mention once, by network; other rows count it once for each query that matched.
    """

    query_id = models.BigIntegerField(default=0)

    class Meta(Heard.Meta):
        abstract = True


class HourlyMentions(MentionCount):
    """Mentions captured in an hour."""

    hour = models.DateTimeField()

    class Meta(MentionCount.Meta):
        abstract = False
        verbose_name_plural = "hourly mentions"
        constraints = [
            models.UniqueConstraint(fields=["organization", "hour", "query_id", "network"], name="hourly_mentions_once")
        ]
        indexes = [
            models.Index(
                fields=["organization", "query_id", "hour"],
                name="hourly_mentions_query",
                include=["network", "captured"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.network}: {self.captured}"


class DailyMentions(MentionCount):
    """Mentions captured on a day of the organization's calendar: the sum of its hours."""

    day = models.DateField()

    class Meta(MentionCount.Meta):
        abstract = False
        verbose_name_plural = "daily mentions"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "day", "query_id", "network"], name="daily_mentions_once", include=["captured"]
            )
        ]
        indexes = [
            models.Index(
                fields=["organization", "query_id", "day"], name="daily_mentions_query", include=["network", "captured"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.network}: {self.captured}"


class TopicCount(Heard):
    """How many mentions were captured in a span, by network and by the topic that they have; the others are left out.

    The key stays when the topic is removed, until its hours are computed again.
    """

    topic_id = models.BigIntegerField()

    class Meta(Heard.Meta):
        abstract = True


class HourlyTopics(TopicCount):
    """Mentions captured in an hour, by topic."""

    hour = models.DateTimeField()

    class Meta(TopicCount.Meta):
        abstract = False
        verbose_name_plural = "hourly topics"
        constraints = [
            models.UniqueConstraint(fields=["organization", "hour", "topic_id", "network"], name="hourly_topics_once")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.network}: {self.captured}"


class DailyTopics(TopicCount):
    """Mentions captured on a day of the organization's calendar, by topic: the sum of its hours."""

    day = models.DateField()

    class Meta(TopicCount.Meta):
        abstract = False
        verbose_name_plural = "daily topics"
        constraints = [
            models.UniqueConstraint(fields=["organization", "day", "topic_id", "network"], name="daily_topics_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.network}: {self.captured}"


class AuthorKeys(Owned):
    """Who wrote the mentions of a span, by network: their keys in order, packed; see `measurement.authors`."""

    network = models.CharField(max_length=40)
    keys = models.BinaryField()

    class Meta(Owned.Meta):
        abstract = True


class HourlyAuthors(AuthorKeys):
    """Different authors of an hour."""

    hour = models.DateTimeField()

    class Meta(AuthorKeys.Meta):
        abstract = False
        verbose_name_plural = "hourly authors"
        constraints = [models.UniqueConstraint(fields=["organization", "hour", "network"], name="hourly_authors_once")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.network}"


class DailyAuthors(AuthorKeys):
    """Different authors of a day of the organization's calendar: its hours taken together."""

    day = models.DateField()

    class Meta(AuthorKeys.Meta):
        abstract = False
        verbose_name_plural = "daily authors"
        constraints = [models.UniqueConstraint(fields=["organization", "day", "network"], name="daily_authors_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.network}"


class StaleHour(Owned):
    """A mark: the roll-ups of this hour no longer agree with the rows; a worker computes them again.

    One row for each mark and no key over the hour: whoever changes something never waits for another who does, and a
    mark that is made while its hour is computed is a row of its own, which stays.
    """

    hour = models.DateTimeField()
    marked_at = models.DateTimeField()

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["organization", "hour"], name="stale_hour")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h"


class RollUp(Owned):
    """How far the roll-ups are: in which time zone the days were cut, and when they were computed last."""

    time_zone = models.CharField(max_length=60)
    computed_at = models.DateTimeField()

    class Meta(Owned.Meta):
        verbose_name = "roll-up"
        constraints = [models.UniqueConstraint(fields=["organization"], name="roll_up_once")]

    def __str__(self) -> str:
        return f"{self.time_zone}, {self.computed_at:%Y-%m-%d %H:%M}"
