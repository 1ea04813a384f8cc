"""Campaigns and events as bands over the weeks of the calendar, and what came out of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from content.calendar_days import DAY
from content.models import Campaign, Publication, PublicationResult, TrackedLink
from content.models.publications import UNDER_WAY
from content.results import Came, came_of
from roles.statements import Statement

# So many lie above each other in a week; what has no room stands in the list of campaigns.
LANES = 4


class Banded(NamedTuple):
    """What a band shows of a campaign, and the days on which it lies."""

    pk: int
    name: str
    colour: int
    begins_on: date
    ends_on: date


class Band(NamedTuple):
    """A part of one lane of one week: so many days with a campaign, or with nothing."""

    days: int
    campaign: Banded | None = None
    goes_on: bool = False


def banded_between(first: date, last: date, *, only: int | None = None) -> list[Banded]:
    """The campaigns that touch some days, or one of them."""
    return [Banded(*row) for row in _ON_DAYS.rows(first=first, last=last, only=only)]


def _on_days(*, first: date, last: date, only: int | None) -> QuerySet[Campaign, Any]:
    rows = Campaign.objects.on_days(first, last).order_by("begins_on", "pk")
    rows = rows if only is None else rows.filter(pk=only)
    found: QuerySet[Campaign, Any] = rows.values_list(*Banded._fields)
    return found


_ON_DAYS = Statement(_on_days)


def lanes(campaigns: Iterable[Banded], first: date, days: int = 7) -> list[list[Band]]:
    """Lay campaigns over the days from the first on, each whole in one lane, the longest highest."""
    last = first + (days - 1) * DAY
    here = [row for row in campaigns if row.begins_on <= last and row.ends_on >= first]
    here.sort(key=lambda row: (max(row.begins_on, first), min(row.begins_on, row.ends_on) - row.ends_on, row.pk))
    filled: list[list[tuple[int, int, Banded]]] = []
    for row in here:
        begins, ends = (max(row.begins_on, first) - first).days, (min(row.ends_on, last) - first).days
        lane = next((one for one in filled if one[-1][1] < begins), None)
        if lane is not None:
            lane.append((begins, ends, row))
        elif len(filled) < LANES:
            filled.append([(begins, ends, row)])
    return [_bands(lane, first, days) for lane in filled]


def _bands(lane: Sequence[tuple[int, int, Banded]], first: date, days: int) -> list[Band]:
    found, reached = [], 0
    for begins, ends, row in lane:
        if begins > reached:
            found.append(Band(begins - reached))
        found.append(Band(ends - begins + 1, row, row.begins_on < first))
        reached = ends + 1
    return [*found, Band(days - reached)] if reached < days else found


@dataclass(frozen=True)
class Outcome:
    """What a campaign has brought out so far."""

    pieces: int
    variants: int
    published: int
    planned: int
    in_trouble: int
    channels: int
    # What networks told, and how often people followed its links; None where nobody told it, which is not 0.
    likes: int | None
    reposts: int | None
    answers: int | None
    people: int | None


def outcome_of(campaign: Campaign) -> Outcome:
    """Count what was written and published for a campaign, and what came of it."""
    counts = Publication.objects.filter(variant__piece__campaign=campaign).aggregate(
        published=Count("pk", filter=Q(state="accepted")),
        planned=Count("pk", filter=Q(state__in=UNDER_WAY)),
        in_trouble=Count("pk", filter=Q(state__in=["refused", "unknown", "missed"])),
        channels=Count("channel", filter=Q(state="accepted"), distinct=True),
    )
    written = campaign.pieces.filter(state="open").aggregate(
        pieces=Count("pk", distinct=True), variants=Count("variants", filter=Q(variants__is_dropped=False))
    )
    told = PublicationResult.objects.filter(publication__variant__piece__campaign=campaign).aggregate(
        likes=Sum("likes"), reposts=Sum("reposts"), answers=Sum("answers")
    )
    links = TrackedLink.objects.filter(campaign=campaign).aggregate(
        links=Count("pk", distinct=True), followed=Sum("hours__clicks", filter=Q(hours__is_bot=False))
    )
    people = links["followed"] or 0 if links["links"] else None
    return Outcome(**written, **counts, **told, people=people)


def newest_of(campaign: Campaign, *, most: int) -> list[Came]:
    """What came of each of those that were published last for a campaign."""
    rows = Publication.objects.filter(variant__piece__campaign=campaign, state="accepted", accepted_at__isnull=False)
    return came_of(list(rows.select_related("channel", "variant__piece").order_by("-accepted_at", "-pk")[:most]))
