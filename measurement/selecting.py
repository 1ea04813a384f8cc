"""What figures are asked of: some days, outside or the practice field, and, where one likes, a part of everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal, Self

from django.db.models import Q

from measurement.metric import About
from measurement.models import DailyMentions, DailyResponses
from measurement.querysets import captured_in, made_in, rehearsals, with_below
from measurement.windows import Window

Side = Literal["outside", "practice"]
RECENT = timedelta(days=180)


def usual_side(at: datetime) -> Side:
    """The outside, unless in half a year something came on the practice field alone."""
    since = (at - RECENT).date()
    practice, found = Q(network__in=rehearsals()), False
    for model in (DailyMentions, DailyResponses):
        rows = model._default_manager.filter(day__gte=since)
        if rows.filter(~practice).exists():
            return "outside"
        found = found or rows.filter(practice).exists()
    return "practice" if found else "outside"


def on_side(side: Side, network: str = "", field: str = "network") -> Q:
    """The condition on the network: one that is named, whichever side it is on, or those of a side."""
    if network:
        return Q(**{field: network})
    practice = Q(**{f"{field}__in": rehearsals()})
    return practice if side == "practice" else ~practice


@dataclass(frozen=True)
class Selection:
    """Days and a side; narrowed to a department with those below, a network, query, topic, campaign or person."""

    window: Window
    side: Side = "outside"
    department: int | None = None
    network: str = ""
    query: int | None = None
    topic: int | None = None
    member: int | None = None
    campaign: int | None = None

    def on(self, window: Window) -> Self:
        """The same of other days."""
        return replace(self, window=window)

    @cached_property
    def departments(self) -> Sequence[int]:
        """The department and those below it; none: all of them."""
        return () if self.department is None else with_below(self.department)

    @cached_property
    def named(self) -> dict[str, object]:
        """By what it is narrowed, as addresses of lists name it."""
        parts = ("department", "network", "query", "topic", "campaign")
        return {part: value for part in parts if (value := getattr(self, part))}

    @property
    def of_mentions(self) -> bool:
        """Whether figures of what is heard can be told: those know no department, no person and no campaign."""
        return not (self.department or self.member or self.campaign or (self.query and self.topic))

    @property
    def of_all_mentions(self) -> bool:
        """Whether it is all that is heard, and not only what a query or topic is in."""
        return self.of_mentions and not self.query and not self.topic

    @property
    def of_work(self) -> bool:
        """Whether figures of what is answered can be told: those know no query, topic, person and no campaign."""
        return self.of_published and not self.campaign

    @property
    def of_published(self) -> bool:
        """Whether figures of what we say ourselves can be told: those know no query, no topic and no person."""
        return not self.query and not self.topic and self.member is None

    def tells(self, about: About, *, by: str = "") -> bool:
        """Whether figures of what is heard, answered or published can be told of it, or of its parts."""
        narrowed: dict[str, Any] = {by: 1} if by in {"department", "query", "topic", "campaign"} else {}
        part = replace(self, **narrowed)
        return {"heard": part.of_mentions, "worked": part.of_work, "published": part.of_published}[about]

    def on_side(self, field: str = "network") -> Q:
        """The condition on the network."""
        return on_side(self.side, self.network, field)

    def days(self) -> Q:
        """The condition on the day of a roll-up."""
        return Q(day__gte=self.window.first, day__lte=self.window.last)

    def hours(self) -> Q:
        """The condition on the hour of a roll-up."""
        return Q(hour__gte=self.window.start, hour__lt=self.window.end)

    def mentions(self) -> Q:
        """The condition on mentions."""
        wanted = captured_in(self.window) & self.on_side()
        if self.query:
            wanted &= Q(matches__query_id=self.query)
        return wanted & Q(topic=self.topic) if self.topic else wanted

    def work(self, prefix: str = "") -> Q:
        """The condition on assignments whenever made; the prefix leads to them from other rows."""
        wanted = self.on_side(f"{prefix}network")
        if self.department is not None:
            wanted &= Q(**{f"{prefix}department__in": self.departments})
        return wanted & Q(**{f"{prefix}member": self.member}) if self.member is not None else wanted

    def made(self) -> Q:
        """The condition on assignments made on these days."""
        return made_in(self.window) & self.work()
