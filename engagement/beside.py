"""What helps to answer, beside an opened assignment: each section is offered by the part that knows it.

An app above engagement offers its sections too, from its own module, which its `AppConfig.ready` imports.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engagement.models import Assignment
from roles.models import Member


@dataclass(frozen=True)
class Section:
    """A part of the side panel: its template, which finds the context as `section`."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


Offer = Callable[[Assignment, Member, datetime], Section | None]
_offers: list[tuple[int, Offer]] = []


def beside(*, place: int) -> Callable[[Offer], Offer]:
    """Offer a section for each opened assignment, or None where there is nothing to show; the lowest place first."""

    def offer(read: Offer) -> Offer:
        _offers.append((place, read))
        _offers.sort(key=lambda pair: pair[0])
        return read

    return offer


def sections_for(assignment: Assignment, member: Member, *, at: datetime) -> list[Section]:
    """All sections that have something to say about the assignment to this member."""
    found = (read(assignment, member, at) for _place, read in _offers)
    return [section for section in found if section is not None]
