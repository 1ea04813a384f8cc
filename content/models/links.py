"""Links of our own that count how often they were followed, and by how many programs."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.link_querysets import TrackedLinkQuerySet
from roles.tenancy import Owned, OwnedInBulk, OwnedManager


class TrackedLink(Owned):
    """A short link of ours: it leads to where it was made for, and nowhere else.

    One of a publication stands there for an address of its text; when it is tried again the same link stands there.
    """

    key = models.CharField(max_length=16, unique=True)
    # As it stood in the text, and where it leads, with what the template adds.
    address = models.CharField(_("address"), max_length=2000)
    target = models.CharField(max_length=3000)
    name = models.CharField(_("name"), max_length=200, blank=True)
    publication = models.ForeignKey("content.Publication", models.CASCADE, null=True, related_name="links")
    campaign = models.ForeignKey(
        "content.Campaign", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("campaign")
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(TrackedLinkQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "address"],
                name="tracked_link_once",
                condition=models.Q(publication__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="tracked_link_newest")]

    def __str__(self) -> str:
        return self.name or self.address[:100]


class LinkHour(OwnedInBulk):
    """How often a link was followed in an hour; nothing is known of who did, but for whether it was a program.

    `network` is where they came from, if it is one that is known here; else it is empty.
    """

    link = models.ForeignKey(TrackedLink, models.CASCADE, related_name="hours")
    hour = models.DateTimeField()
    is_bot = models.BooleanField()
    network = models.CharField(max_length=40, blank=True)
    clicks = models.PositiveBigIntegerField(default=0)

    class Meta(OwnedInBulk.Meta):
        constraints = [
            models.UniqueConstraint(fields=["link", "hour", "is_bot", "network"], name="link_hour_once"),
        ]
        indexes = [models.Index(fields=["organization", "hour"], name="link_hour_by_hour")]

    def __str__(self) -> str:
        return f"{self.link} {self.hour:%Y-%m-%d %H}"


class LinkTemplate(Owned):
    """Whether links of what is published are tracked, and what is added to them; of a campaign, or of all others."""

    campaign = models.OneToOneField("content.Campaign", models.CASCADE, null=True, blank=True, related_name="+")
    is_on = models.BooleanField(_("Track links"), default=False)
    source = models.CharField(_("utm_source"), max_length=100, blank=True, default="{network}")
    medium = models.CharField(_("utm_medium"), max_length=100, blank=True, default="social")
    campaign_words = models.CharField(_("utm_campaign"), max_length=100, blank=True, default="{campaign}")
    content = models.CharField(_("utm_content"), max_length=100, blank=True, default="{piece}")
    # Only addresses at these servers; empty: all.
    hosts = ArrayField(models.CharField(max_length=253), verbose_name=_("only these servers"), default=list, blank=True)
    changed_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], name="link_template_of_all", condition=models.Q(campaign__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return str(self.campaign or _("All links"))
