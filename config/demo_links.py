"""Links that the demo organization tracks: one on paper, which some people and some programs have followed."""

from __future__ import annotations

from datetime import datetime, timedelta

from content.actions.links import make_link, set_link_template
from content.link_querysets import count_click
from roles.models import Member, Organization


def track_links(organization: Organization, *, coach: Member, at: datetime) -> None:
    """Switch tracking on, and let a flyer be read for a week."""
    begun_at = at - timedelta(days=40)
    set_link_template(organization, is_on=True, hosts=["larkspur.example"], by=coach, at=begun_at)
    flyer = make_link(
        organization, address="https://larkspur.example/spring-tour", name="Flyer of the spring tour", by=coach,
        at=at - timedelta(days=8),
    )  # fmt: skip
    for number in range(24):
        count_click(
            organization_id=organization.pk, link_id=flyer.pk, at=at - timedelta(hours=7 * number + 1),
            is_bot=number % 4 == 3, network=("", "mastodon", "bluesky")[number % 3],
        )  # fmt: skip
