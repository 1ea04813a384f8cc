"""Where the pages of content stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from content.plans import publications_for
from content.review_counts import reviews_for
from roles.activities import Activity
from roles.navigation import CONTENT, Place

PLACES = (
    Place(CONTENT, 10, _("Editorial desk"), "pencil-square", "content:content", "content.read"),
    Place(CONTENT, 15, _("Calendar"), "calendar-days", "content:calendar", "content.read"),
    Place(CONTENT, 20, _("Pieces"), "document-text", "content:pieces", "content.read"),
    Place(CONTENT, 30, _("Ideas"), "light-bulb", "content:ideas", "content.read"),
    Place(CONTENT, 35, _("Reviews"), "document-check", "content:reviews", "content.review", reviews_for),
    Place(
        CONTENT, 40, _("Publications"), "paper-airplane", "content:publications", "content.read", publications_for,
        also=("content:plan",),
    ),
    Place(CONTENT, 50, _("Campaigns"), "megaphone", "content:campaigns", "content.read"),
    Place(CONTENT, 60, _("Series"), "queue-list", "content:series", "content.read"),
    Place(CONTENT, 65, _("To be said again"), "arrow-path", "content:rested_pieces", "content.read"),
    Place(CONTENT, 67, _("Writers"), "users", "content:writers", "content.find_writers"),
    Place(CONTENT, 70, _("Media"), "photo", "content:media", "content.read"),
    Place(CONTENT, 80, _("Links"), "link", "content:links", "content.read"),
    Place(CONTENT, 90, _("Channels"), "rss", "content:channels", "content.read"),
    Place(
        CONTENT, 95, _("Review policies"), "clipboard-document-check", "content:review_policies",
        "content.manage_review",
    ),
)  # fmt: skip
# What is spent on these pages is time for what we say ourselves.
ACTIVITIES = {"content": Activity.CREATING}
