"""Links that the demo organization tracks, which some people and some programs have followed: on paper and online."""

from __future__ import annotations

from datetime import datetime, timedelta

from content.actions.links import make_link, set_link_template
from content.link_querysets import count_click
from content.models import TrackedLink
from content.tracking import link_of, short_address
from roles.models import Member, Organization
from roles.tenancy import active_organization_id


def track_links(organization: Organization, *, coach: Member, at: datetime) -> None:
    """Switch tracking on, and let a flyer be read for a week."""
    begun_at = at - timedelta(days=40)
    set_link_template(organization, is_on=True, hosts=["larkspur.example"], by=coach, at=begun_at)
    flyer = make_link(
        organization, address="https://larkspur.example/spring-tour", name="Flyer of the spring tour", by=coach,
        at=at - timedelta(days=8),
    )  # fmt: skip
    _follow(flyer, 24, at=at)


def show_the_workshop(*, coach: Member, at: datetime) -> str:
    """A short link for answers, made by hand, which those who asked have followed."""
    address = "https://larkspur.example/workshop"
    link = link_of(address, address, name="Free times of the workshop", by=coach, at=at - timedelta(days=12))
    _follow(link, 5, at=at)
    return short_address(link.key)


def read_links(*, at: datetime) -> None:
    """Let what was published be read, more on the field than in the feed."""
    for number, link in enumerate(TrackedLink.objects.filter(publication__state="accepted").order_by("pk")):
        _follow(link, 14 - 5 * min(number, 2), at=at)


def _follow(link: TrackedLink, times: int, *, at: datetime) -> None:
    for number in range(times):
        count_click(
            organization_id=active_organization_id(), link_id=link.pk, at=at - timedelta(hours=7 * number + 1),
            is_bot=number % 4 == 3, network=("", "mastodon", "bluesky")[number % 3],
        )  # fmt: skip
