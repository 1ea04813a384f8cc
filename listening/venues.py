"""Where the community talks: how much, how loud beside before, about what, who leads, and whether we speak there.

A venue is what people call a place: a feed's site, or a network where people meet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from listening.models import Author, Channel, Mention, Post, Source, Topic
from listening.networks import all_networks, label_of

MOST_VENUES = 200
LEADERS, TOPICS = 3, 3


def inventory(*, since: datetime, until: datetime) -> dict[str, Any]:
    """Return the conversation inventory of a span, ready to be stored: venues, the largest first, and totals.

    Mentions that were found not relevant, and what internal sources said, are left out.
    """
    rows = _heard(since, until)
    by_network, by_source = _kinds(rows)
    venues = [*_venues(rows, "network", by_network), *_venues(rows, "source_id", by_source)]
    before = _heard(since - (until - since), since)
    earlier = {
        **_counts(before.filter(network__in=by_network), "network"),
        **_counts(before.filter(network__in=by_source), "source_id"),
    }
    ours = _counts(Post.objects.filter(is_ours=True, captured_at__gte=since, captured_at__lt=until), "network")
    channels = set(Channel.objects.filter(is_active=True).values_list("network", flat=True))
    for venue in venues:
        venue["before"] = earlier.get(venue["key"], 0)
        is_social = isinstance(venue["key"], str)
        venue["ours"] = ours.get(venue["network"], 0) if is_social else 0
        venue["present"] = is_social and venue["network"] in channels
    venues.sort(key=lambda venue: (-venue["mentions"], str(venue["key"])))
    total = rows.aggregate(mentions=Count("pk"), authors=Count("post__author", distinct=True))
    return {"venues": venues[:MOST_VENUES], "left_out": max(len(venues) - MOST_VENUES, 0), **total}


def _heard(since: datetime, until: datetime) -> QuerySet[Mention]:
    rows = Mention.objects.filter(captured_at__gte=since, captured_at__lt=until, post__is_internal=False)
    return rows.exclude(state=Mention.State.DISMISSED).order_by()


def _kinds(rows: QuerySet[Mention]) -> tuple[set[str], set[str]]:
    """The networks that are venues themselves, and those whose every source is one."""
    names = set(rows.values_list("network", flat=True).distinct())
    within_sources = {network.name for network in all_networks() if network.ids_within == "source"}
    return names - within_sources, names & within_sources


def _counts(rows: QuerySet[Any], place: str) -> dict[Any, int]:
    return dict(rows.order_by().values_list(place).annotate(count=Count("pk")))


def _venues(rows: QuerySet[Mention], place: str, networks: Collection[str]) -> list[dict[str, Any]]:
    if not networks:
        return []
    rows = rows.filter(network__in=networks, **{f"{place}__isnull": False})
    found = {
        row[place]: {
            "key": row[place],
            "network": row["network"],
            "mentions": row["mentions"],
            "authors": row["authors"],
            "sentiment": [0, 0, 0],
            "topics": [],
            "leaders": [],
        }
        for row in rows.values(*{place, "network"}).annotate(
            mentions=Count("pk"), authors=Count("post__author", distinct=True)
        )
    }
    tones = rows.exclude(sentiment=None).values_list(place, "sentiment").annotate(count=Count("pk"))
    for key, tone, count in tones:
        found[key]["sentiment"][tone + 1] = count
    for key, topic, count in _most(rows.exclude(topic=None), place, "topic_id", TOPICS):
        found[key]["topics"].append([topic, count])
    for key, author, count in _most(rows.exclude(post__author=None), place, "post__author_id", LEADERS):
        found[key]["leaders"].append([author, count])
    return list(found.values())


def _most(rows: QuerySet[Mention], place: str, what: str, most: int) -> Iterable[tuple[Any, int, int]]:
    """For each place the things that occur most often there, the most frequent first."""
    counted = rows.values(place, what).annotate(count=Count("pk"))
    number = Window(RowNumber(), partition_by=[F(place)], order_by=[F("count").desc(), F(what).asc()])
    ranked = counted.annotate(number=number).filter(number__lte=most).order_by(place, "number")
    found: Iterable[tuple[Any, int, int]] = ranked.values_list(place, what, "count")
    return found


@dataclass(slots=True)
class Venue:
    """One venue as it is shown."""

    key: Any
    name: str
    network: str
    mentions: int
    share: float
    before: int
    authors: int
    sentiment: tuple[int, int, int]
    ours: int
    present: bool
    topics: list[tuple[str, int]] = field(default_factory=list)
    leaders: list[tuple[str, int]] = field(default_factory=list)

    @property
    def change(self) -> int:
        """How many mentions more than in the same time before."""
        return self.mentions - self.before

    @property
    def is_source(self) -> bool:
        """Whether it is one source, and not a whole network."""
        return not isinstance(self.key, str)


def told(content: dict[str, Any]) -> list[Venue]:
    """Return the venues of a stored inventory with the names that are known now."""
    rows = content.get("venues", [])
    sources = Source.objects.in_bulk([row["key"] for row in rows if not isinstance(row["key"], str)])
    topics = dict(Topic.objects.values_list("pk", "name"))
    authors = Author.objects.in_bulk({author for row in rows for author, _count in row["leaders"]})
    total = sum(row["mentions"] for row in rows) or 1
    return [
        Venue(
            key=row["key"],
            name=_name(row, sources),
            network=row["network"],
            mentions=row["mentions"],
            share=row["mentions"] / total,
            before=row["before"],
            authors=row["authors"],
            sentiment=tuple(row["sentiment"]),
            ours=row["ours"],
            present=row["present"],
            topics=[(topics[key], count) for key, count in row["topics"] if key in topics],
            leaders=[(str(authors[key]), count) for key, count in row["leaders"] if key in authors],
        )
        for row in rows
    ]


def _name(row: dict[str, Any], sources: dict[int, Source]) -> str:
    if not isinstance(row["key"], str):
        source = sources.get(row["key"])
        return str(source) if source else ""
    return label_of(row["network"])


@dataclass(frozen=True, slots=True)
class Tile:
    """A place on the map, in units of the drawing; `number` is the venue's place in the list."""

    number: int
    x: float
    y: float
    width: float
    height: float


def tiles(sizes: Sequence[float], *, width: float, height: float) -> list[Tile]:
    """Divide a rectangle into one tile for each size, as square as may be, their areas as the sizes (largest first).

    Squarified treemap: M. Bruls, K. Huizing, J. van Wijk, 2000.
    """
    total = sum(sizes)
    if total <= 0:
        return []
    scale = width * height / total
    left = [(number, size * scale) for number, size in enumerate(sizes) if size > 0]
    x = y = 0.0
    found: list[Tile] = []
    while left:
        side = min(width - x, height - y)
        row = [left[0]]
        for candidate in left[1:]:
            if _worst([*row, candidate], side) > _worst(row, side):
                break
            row.append(candidate)
        left = left[len(row) :]
        thick = sum(area for _number, area in row) / side if side > 0 else 0.0
        is_column, along = width - x > height - y, 0.0
        for number, area in row:
            long = area / thick if thick > 0 else 0.0
            place = (x, y + along, thick, long) if is_column else (x + along, y, long, thick)
            found.append(Tile(number, *(round(value, 2) for value in place)))
            along += long
        x, y = (x + thick, y) if is_column else (x, y + thick)
    return found


def _worst(row: Sequence[tuple[int, float]], side: float) -> float:
    areas = [area for _number, area in row]
    total = sum(areas)
    return max(side * side * max(areas) / total**2, total**2 / (side * side * min(areas))) if side > 0 else 0.0


def in_words(venues: Sequence[Venue]) -> dict[str, list[str]]:
    """Return the names of venues by where we are and where they talk: both, only they, only we."""
    found: dict[str, list[str]] = defaultdict(list)
    for venue in venues:
        if venue.present or venue.ours:
            found["both"].append(venue.name)
        elif not venue.is_source:
            found["only_they"].append(venue.name)
    return found
