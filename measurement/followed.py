"""How often tracked links were followed: those of what we published, and those that stand in our replies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce

from content.models import LinkHour, TrackedLink
from measurement.models import ReplyLink

# Programs are counted beside, and are no readers.
BY_PEOPLE = Q(is_bot=False)
# A click is kept by the hour: the one in which a reply was written counts for it.
AN_HOUR = timedelta(hours=1)
# The campaign that the clicks of a link count for: that of the piece in which it stands, or its own.
CAMPAIGN = Case(
    When(link__publication=None, then=F("link__campaign")), default=F("link__publication__variant__piece__campaign")
)


def for_campaign(campaign: int) -> Q:
    """The condition on hours of links that stand in pieces of a campaign, or were made for it by hand."""
    by_hand = Q(link__publication=None, link__campaign=campaign)
    return by_hand | Q(link__publication__variant__piece__campaign=campaign)


def from_replies(replies: Q) -> Q:
    """The condition on hours of links that stood in one of some replies by then; `replies` is asked of `ReplyLink`.

    Each hour counts once, in however many of them the link stands.
    """
    stands = ReplyLink.objects.filter(
        replies, link=OuterRef("link"), reply__state="accepted", reply__written_at__lt=OuterRef("hour") + AN_HOUR
    )
    return Q(Exists(stands))


def links_followed(hours: Q) -> Any:
    """The links that were followed in some hours, each with how often (`people`)."""
    clicks = LinkHour.objects.filter(hours, link=OuterRef("pk")).order_by().values("link")
    people = Coalesce(Subquery(clicks.annotate(sum=Sum("clicks")).values("sum")), 0)
    return TrackedLink.objects.annotate(people=people).filter(people__gt=0)


def clicks_of_replies(replies: Iterable[int]) -> dict[int, int]:
    """How often people followed the links of each of some sent replies since it was written, where it has any.

    A link that stands in several of them counts for each: nobody knows from which of them somebody came.
    """
    rows = ReplyLink.objects.filter(reply__in=list(replies), reply__state="accepted").order_by()
    found = dict.fromkeys(rows.values_list("reply", flat=True), 0)
    since = rows.filter(link__hours__is_bot=False, link__hours__hour__gt=F("reply__written_at") - AN_HOUR)
    counted: Any = since.values_list("reply").annotate(Sum("link__hours__clicks"))
    return found | dict(counted)
