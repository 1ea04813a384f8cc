"""The line that stays open for a source, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from listening import networks
from listening.models import Source
from listening.networks.protocols import Hints


@dataclass(frozen=True, slots=True)
class Line:
    """How the line of a source fares: open since when, or why not and when it is tried again."""

    opened_at: datetime | None = None
    last_hint_at: datetime | None = None
    problem: str = ""
    next_try_at: datetime | None = None


def line_of(source: Source, *, at: datetime) -> Line | None:
    """Return how a source's line fares; None where it cannot have one."""
    if source.connection_id is None or source.state != Source.State.ACTIVE or not networks.can(source.network, Hints):
        return None
    row = getattr(source, "open_line", None)
    if row is None:
        return Line()
    if row.is_open(at):
        return Line(row.opened_at, row.last_hint_at)
    return Line(None, row.last_hint_at, row.problem, row.next_try_at if row.next_try_at > at else None)
