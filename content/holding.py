"""Whether what is planned to be published has to wait: whoever publishes asks here first, and apps above answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from roles.models import Department

HoldsBack = Callable[[Department | None, datetime], str]
_askers: list[HoldsBack] = []


def holds_back(ask: HoldsBack) -> HoldsBack:
    """Have an app above say why a department publishes nothing now; nothing where it may."""
    _askers.append(ask)
    return ask


def held_back(department: Department | None, *, at: datetime) -> str:
    """Return why nothing of a department, or, without one, of the whole, is published at a moment; else nothing."""
    return next((reason for ask in _askers if (reason := ask(department, at))), "")
