"""The demo organization's own channels, and pieces that are planned, out, and to be posted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from content.actions.channels import add_channel
from content.actions.pieces import begin_piece
from content.actions.publications import plan, plan_now
from content.actions.variants import add_variant
from content.publishing import publications_out
from listening.models import Channel
from roles.models import Member, Organization

# Title, words, and in how many days it is said; now where there is no number.
PIECES = (
    ("Which cargo bike fits which stairwell?", "Measure the narrowest turn first. Our table says what fits.", None),
    ("The Saturday workshop: truing a wheel", "Bring your wheel, we bring spoke keys. Ten o'clock, no fee.", 2),
    ("What a year of bread by bike costs", "A bakery opened its books for us: tyres, power, time.", 5),
)


def publish_some(organization: Organization, *, coach: Member, responder: Member, at: datetime) -> None:
    """Open a feed and a place by hand, say one piece in-house, and plan others."""
    feed = add_channel(organization, network="own-feed", name="Larkspur workshop notes", by=coach, at=at)
    window = add_channel(organization, network="by-hand", name="The shop window", by=coach, at=at)
    field = Channel.objects.filter(network="practice", is_active=True).order_by("pk").first()
    acting: dict[str, Any] = {"by": responder, "at": at}
    day = at.astimezone(ZoneInfo(organization.time_zone)).date()
    for title, words, days in PIECES:
        piece = begin_piece(title, body=words, **acting)
        for channel in filter(None, (field, feed)):
            variant = add_variant(piece, channel=channel, title=title, text=words, **acting)
            if days is None:
                plan_now(variant, **acting)
            else:
                wall = (at + timedelta(days=days)).replace(hour=9, minute=30).time()
                plan(variant, on_day=day + timedelta(days=days), at_time=wall, zone=organization.time_zone, **acting)
    poster = begin_piece("Poster: the spring tour", body="Three Sundays, three rides.", **acting)
    plan_now(
        add_variant(poster, channel=window, text="Three Sundays, three rides. 9 May, 16 May, 23 May.", **acting),
        **acting,
    )
    while publications_out.deliver_next(now=lambda: at):
        pass
