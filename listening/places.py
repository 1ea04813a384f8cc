"""Where the pages of listening stand in the navigation."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from roles.activities import Activity
from roles.models import Member
from roles.navigation import EVERY_DAY, HOUSE, LISTENING, LISTENING_SETUP, PEOPLE, Place
from roles.statements import Statement


def open_warnings(_member: Member) -> str:
    """How many warnings nobody has closed, read along an index of few rows."""
    found = _OPEN_WARNINGS.rows()
    return str(found[0][0]) if found else ""


def _open_warnings() -> Any:
    from listening.models import EarlyWarning

    return EarlyWarning.objects.open().values_list("organization").annotate(count=Count("pk")).values_list("count")


_OPEN_WARNINGS = Statement(_open_warnings)


PLACES = (
    Place(
        EVERY_DAY, 10, _("Stream"), "queue-list", "listening:stream", "listening.triage", also=("listening:mention",)
    ),
    Place(
        EVERY_DAY, 40, _("Warnings"), "bell-alert", "listening:warnings", "listening.read_warnings", open_warnings,
        alarm=("warnings", "listening:alarm"),
    ),
    Place(LISTENING, 10, _("Stories"), "square-3-stack-3d", "listening:stories", "listening.read"),
    Place(LISTENING, 20, _("Insights"), "light-bulb", "listening:insights", "listening.read_briefs"),
    Place(LISTENING, 30, _("Briefs"), "newspaper", "listening:briefs", "listening.read_briefs"),
    Place(LISTENING, 40, _("Venue map"), "map", "listening:venues", "listening.map_venues"),
    Place(PEOPLE, 40, _("Practice field"), "trophy", "listening:practice", "listening.practise"),
    Place(LISTENING_SETUP, 10, _("Sources"), "rss", "listening:sources", "listening.read_sources"),
    Place(
        LISTENING_SETUP, 15, _("Connections"), "link", "listening:connections", "listening.manage_connections",
        also=("listening:connection", "listening:networks"),
    ),
    Place(
        LISTENING_SETUP, 20, _("Tracking queries"), "magnifying-glass", "listening:queries", "listening.read_sources"
    ),
    Place(LISTENING_SETUP, 30, _("Topics"), "tag", "listening:topics", "listening.read_sources"),
    Place(LISTENING_SETUP, 40, _("Learned models"), "academic-cap", "listening:learned", "listening.read_sources"),
    Place(PEOPLE, 110, _("Notices"), "bell", "listening:notices", "listening.choose_notices"),
    Place(HOUSE, 25, _("Webhooks"), "bolt", "listening:webhooks", "listening.manage_webhooks"),
    Place(HOUSE, 35, _("Retention"), "archive-box", "listening:retention", "listening.read_retention"),
)  # fmt: skip
# What time is spent on, by the first word of the address; the practice field is play.
ACTIVITIES = dict.fromkeys(
    (
        "stream", "mentions", "stories", "warnings", "queries", "sources", "topics", "learned", "venues", "insights",
        "briefs", "connections",
    ),
    Activity.MONITORING,
)  # fmt: skip
