"""Publications behind the tabs of their page, and page by page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy

from content.models import (
    FirstComment,
    FirstCommentDelivery,
    Publication,
    PublicationDelivery,
    Review,
    ReviewedVariant,
    Variant,
)
from content.publication_querysets import PublicationQuerySet
from engagement.waiting import page_in_order
from roles.models import Member
from roles.permissions import decide

State = Publication.State
MOST_UNPLANNED = 20
TABS = {
    "decide": gettext_lazy("To decide"),
    "coming": gettext_lazy("Coming"),
    "under_way": gettext_lazy("Under way"),
    "published": gettext_lazy("Published"),
}
_COLUMNS = {
    "decide": "put_before_person_at",
    "coming": "due_at",
    "under_way": "next_attempt_at",
    "published": "accepted_at",
}


def behind(tab: str) -> PublicationQuerySet:
    """The publications behind a tab."""
    rows: PublicationQuerySet = Publication.objects.all()
    match tab:
        case "coming":
            return rows.not_begun()
        case "under_way":
            return rows.filter(state__in=[State.SENDING, State.UNKNOWN], put_before_person_at=None)
        case "published":
            return rows.filter(state=State.ACCEPTED)
        case _:
            return rows.before_a_person()


def page_of(tab: str, after: str) -> tuple[list[Publication], str]:
    """One page with all that was tried, and the key of the next (empty at the end); the newest first of what is out."""
    return page_in_order(with_history(behind(tab)), _COLUMNS[tab], after, is_back=tab == "published")


def with_history(rows: PublicationQuerySet) -> PublicationQuerySet:
    """With what a card shows, every attempt and look, and what was said below it."""
    comments: Any = FirstComment.objects.select_related("owner__user").prefetch_related(
        Prefetch("deliveries", FirstCommentDelivery.objects.order_by("started_at", "pk"))
    )
    return rows.with_everything().prefetch_related(
        Prefetch("deliveries", PublicationDelivery.objects.order_by("started_at", "pk")),
        Prefetch("comment", comments),
    )


def unplanned() -> list[Variant]:
    """Variants that are to be planned, the newest first."""
    rows = Variant.objects.to_be_planned()
    return list(
        rows.select_related("piece__author__user", "piece__department", "channel").order_by("-pk")[:MOST_UNPLANNED]
    )


def reviews_that_wait(publications: Iterable[Publication], member: Member) -> dict[int, int]:
    """For each variant of publications that wait the review that is asked for now, as far as the member may read it."""
    keys = [row.variant_id for row in publications if row.state == State.WAITING]
    if not keys or not decide(member, "content.review"):
        return {}
    rows = ReviewedVariant.objects.filter(variant__in=keys, state=Review.State.WAITING)
    return dict(rows.filter(review__in=Review.objects.visible_to(member)).values_list("variant", "review"))


def people_who_decide(departments: Iterable[int | None]) -> dict[int | None, list[Member]]:
    """For each department, None for the whole, those who can be asked to act on a publication."""
    able: list[Any] = list(Member.objects.who_may("content.settle_publication").with_positions().by_name())
    for member in able:
        member.held_positions = list(member.positions.all())
    return {key: [one for one in able if one.holds("content.settle_publication", key)] for key in set(departments)}
