"""How one story spread: its versions, its places by kind, and how many were told when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Func, Min, QuerySet, Value
from django.db.models.functions import Coalesce, Least

from listening.models import Mention, MentionMatch, Story


@dataclass(frozen=True, slots=True)
class Version:
    """One wording, and how many places have it."""

    row: Mention
    count: int


def versions(story: Story, most: int) -> list[Version]:
    """Return the different wordings, the most common first."""
    same = Mention.objects.filter(story=story).values("post__content_digest")
    found = same.annotate(count=Count("pk"), first=Min("pk")).order_by("-count", "first")[:most]
    counts = {row["first"]: row["count"] for row in found}
    rows = Mention.objects.filter(pk__in=counts).select_related("post").in_bulk()
    return [Version(rows[key], count) for key, count in counts.items()]


def by(story: Story, column: str) -> list[tuple[Any, int]]:
    """Count its mentions by a column, the most common value first."""
    rows = Mention.objects.filter(story=story).values(column).annotate(count=Count("pk")).order_by("-count", column)
    return [(row[column], row["count"]) for row in rows]


def moods(story: Story) -> list[tuple[str, int]]:
    """Count how they sound, where that is known."""
    return [
        (str(Mention.Sentiment(value).label), count) for value, count in by(story, "sentiment") if value is not None
    ]


def queries(story: Story) -> list[tuple[str, int]]:
    """Count by which queries they were found."""
    rows = MentionMatch.objects.filter(mention__story=story).values("query__name")
    return [(row["query__name"], row["count"]) for row in rows.annotate(count=Count("pk")).order_by("-count")]


def each(story: Story, step: timedelta, *, since: datetime) -> dict[datetime, int]:
    """Count how many were told in each step from a moment on."""
    said = Least(Coalesce("post__published_at", "post__captured_at"), "post__captured_at")
    begin = Func(Value(step), said, Value(since), function="date_bin", output_field=DateTimeField())
    rows = Mention.objects.filter(story=story).annotate(said=said).filter(said__gte=since).annotate(begin=begin)
    return dict(rows.order_by().values_list("begin").annotate(count=Count("pk")))


def first_tellings(stories: Iterable[Story]) -> dict[int | None, Mention]:
    """Return the first mention of each story, with post, author and source read along."""
    rows: QuerySet[Mention] = Mention.objects.filter(story__in=list(stories)).order_by("story", "pk").distinct("story")
    return {row.story_id: row for row in rows.select_related("post__author", "source")}
