"""What the organization publishes in feeds of its own."""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class OwnFeedEntry(Owned):
    """One entry of a feed of ours; `key` is that of the publication, of which a feed has at most one each."""

    channel = models.ForeignKey("listening.Channel", models.CASCADE, related_name="feed_entries")
    key = models.CharField(max_length=64)
    title = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    warning = models.CharField(max_length=500, blank=True)
    link = models.CharField(max_length=4000, blank=True)
    language = models.CharField(max_length=35, blank=True)
    tags = models.JSONField(default=list, blank=True)
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        verbose_name = "feed entry"
        verbose_name_plural = "feed entries"
        constraints = [models.UniqueConstraint(fields=["channel", "key"], name="own_feed_entry_once")]
        indexes = [models.Index(fields=["channel", "-published_at", "-id"], name="own_feed_newest")]

    def __str__(self) -> str:
        return self.title or self.text[:80]
