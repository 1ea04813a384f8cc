"""Reads of tracked links that have a name, and how clicks are counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import connection
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate

from roles.tenancy import OwnedQuerySet

# Exact for however many at once: each adds one to the row as it is when its turn has come.
_COUNT = """
INSERT INTO content_linkhour AS row (organization_id, link_id, hour, is_bot, network, clicks)
VALUES (%(organization)s, %(link)s, %(hour)s, %(is_bot)s, %(network)s, 1)
ON CONFLICT (link_id, hour, is_bot, network) DO UPDATE SET clicks = row.clicks + 1
"""


class TrackedLinkQuerySet(OwnedQuerySet):  # type: ignore[type-arg]
    """Tracked links of the active organization."""

    def with_clicks(self) -> Self:
        """Say of each how often people (`people`) and programs (`programs`) have followed it.

        Each is added up by itself, so that a page of links reads the hours of those that it shows.
        """
        return self.annotate(people=_clicks(is_bot=False), programs=_clicks(is_bot=True))

    def with_what_they_are_in(self) -> Self:
        """Bring along the publication, its piece and channel."""
        return self.select_related("publication__variant__piece", "publication__channel", "campaign")


def _clicks(*, is_bot: bool) -> Coalesce:
    from content.models import LinkHour

    hours = LinkHour.objects.filter(link=OuterRef("pk"), is_bot=is_bot).order_by().values("link")
    return Coalesce(Subquery(hours.annotate(sum=Sum("clicks")).values("sum")), 0)


def count_click(*, organization_id: int, link_id: int, at: datetime, is_bot: bool, network: str) -> None:
    """Add one to what is known of a link in an hour."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    said: dict[str, Any] = {
        "organization": organization_id,
        "link": link_id,
        "hour": hour,
        "is_bot": is_bot,
        "network": network,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, said)


def days_of(link_id: int) -> Any:
    """How often a link was followed on each day, the newest first."""
    from content.models import LinkHour

    rows = LinkHour.objects.filter(link=link_id).annotate(day=TruncDate("hour")).values("day")
    return rows.annotate(
        people=Coalesce(Sum("clicks", filter=Q(is_bot=False)), 0),
        programs=Coalesce(Sum("clicks", filter=Q(is_bot=True)), 0),
    ).order_by("-day")


def networks_of(link_id: int) -> Any:
    """From where people came to a link, most first; the empty name is from anywhere else."""
    from content.models import LinkHour

    rows = LinkHour.objects.filter(link=link_id, is_bot=False).values("network")
    return rows.annotate(people=Sum("clicks"), hours=Count("pk")).order_by("-people", "network")
