"""Campaigns and events as bands over the weeks of the calendar, and what came out of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Q

from content.calendar_days import DAY
from content.models import Campaign, Publication
from content.models.publications import UNDER_WAY

# So many lie above each other in a week; what has no room stands in the list of campaigns.
LANES = 4


class Band(NamedTuple):
    """A part of one lane of one week: so many days with a campaign, or with nothing."""

    days: int
    campaign: Campaign | None = None
    goes_on: bool = False


def lanes(campaigns: Iterable[Campaign], first: date, days: int = 7) -> list[list[Band]]:
    """Lay campaigns over the days from the first on, each whole in one lane, the longest highest."""
    last = first + (days - 1) * DAY
    here = [row for row in campaigns if row.begins_on <= last and row.ends_on >= first]
    here.sort(key=lambda row: (max(row.begins_on, first), min(row.begins_on, row.ends_on) - row.ends_on, row.pk))
    filled: list[list[tuple[int, int, Campaign]]] = []
    for row in here:
        begins, ends = (max(row.begins_on, first) - first).days, (min(row.ends_on, last) - first).days
        lane = next((one for one in filled if one[-1][1] < begins), None)
        if lane is not None:
            lane.append((begins, ends, row))
        elif len(filled) < LANES:
            filled.append([(begins, ends, row)])
    return [_bands(lane, first, days) for lane in filled]


def _bands(lane: Sequence[tuple[int, int, Campaign]], first: date, days: int) -> list[Band]:
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


def outcome_of(campaign: Campaign) -> Outcome:
    """Count what was written and published for a campaign."""
    counts = Publication.objects.filter(variant__piece__campaign=campaign).aggregate(
        published=Count("pk", filter=Q(state="accepted")),
        planned=Count("pk", filter=Q(state__in=UNDER_WAY)),
        in_trouble=Count("pk", filter=Q(state__in=["refused", "unknown", "missed"])),
        channels=Count("channel", filter=Q(state="accepted"), distinct=True),
    )
    written = campaign.pieces.filter(state="open").aggregate(
        pieces=Count("pk", distinct=True), variants=Count("variants", filter=Q(variants__is_dropped=False))
    )
    return Outcome(**written, **counts)
