"""What came of what was published: what networks tell, and how often its links were followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from content import result_housekeeping
from content.models import LinkHour, Publication, PublicationResult, TrackedLink
from listening import networks
from listening.models.told_results import LOOKS_AFTER
from listening.networks.protocols import TellsResults
from listening.way_out.results import ResultLooks

publication_results = ResultLooks(PublicationResult, "publication")


@dataclass(frozen=True)
class Came:
    """What came of a publication; a number is None where nobody has told it, which is not 0."""

    publication: Publication
    likes: int | None = None
    reposts: int | None = None
    answers: int | None = None
    # When the network was asked last, when it is asked next, and why nothing newer is known.
    fetched_at: datetime | None = None
    next_look_at: datetime | None = None
    problem: str = ""
    # How often its links were followed, by people and by programs; None where it has none.
    people: int | None = None
    programs: int | None = None


def begin_looks(*, at: datetime) -> int:
    """Have networks asked about what they took lately, of all organizations; returns how many were begun."""
    telling = [network.name for network in networks.all_networks() if networks.can(network, TellsResults)]
    return result_housekeeping.begin_looks(telling, after=LOOKS_AFTER[0], at=at)


def came_of(publications: Sequence[Publication]) -> list[Came]:
    """What came of each of some publications; in as many queries for many as for one."""
    keys = [row.pk for row in publications]
    told = {row.publication_id: row for row in PublicationResult.objects.filter(publication__in=keys)}
    linked = set(TrackedLink.objects.filter(publication__in=keys).values_list("publication", flat=True))
    rows = LinkHour.objects.filter(link__publication__in=keys).values("link__publication", "is_bot").order_by()
    clicks = {(row["link__publication"], row["is_bot"]): row["sum"] for row in rows.annotate(sum=Sum("clicks"))}
    return [_came(row, told.get(row.pk), clicks, has_links=row.pk in linked) for row in publications]


def _came(
    row: Publication, told: PublicationResult | None, clicks: dict[tuple[int, bool], int], *, has_links: bool
) -> Came:
    people, programs = (clicks.get((row.pk, is_bot), 0) if has_links else None for is_bot in (False, True))
    if told is None:
        return Came(row, people=people, programs=programs)
    return Came(
        row, told.likes, told.reposts, told.answers, told.fetched_at, told.next_look_at, told.problem, people, programs
    )
