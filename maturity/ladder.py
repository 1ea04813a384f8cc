"""The four levels as they are in this installation: what each opens, read from the table that enforces it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from roles.capability_words import LABELS
from roles.levels import OPENED_BY, needed_for
from roles.models import Department, Level
from roles.permissions import CAPABILITIES

MEANINGS: dict[Level, str | Promise] = {
    Level.PASSIVE: _("We listen: which conversations happen about us and our field, where, and how often."),
    Level.RESPONSIVE: _("We answer those who speak to us or about us, within a time that we set ourselves."),
    Level.ENGAGING: _("We start conversations ourselves, where they are useful to others."),
    Level.CREATING: _("We make useful material of our own, to a rhythm that we keep."),
}
# What a level begins with is not decided by anyone: team affairs and the playbook are always there.
ALWAYS = ("roles.", "maturity.", "content.")


@dataclass(frozen=True)
class Rung:
    """One level: what it means, and what it opens here and now."""

    level: Level
    meaning: str | Promise
    opens: list[str | Promise]
    is_reached: bool
    is_here: bool


def ladder(level: Level) -> list[Rung]:
    """Return the four rungs from the lowest, as they look from this level."""
    return [Rung(rung, MEANINGS[rung], _opened_by(rung), rung.rank <= level.rank, rung == level) for rung in Level]


def ladder_address(needed: Level, department: Department | None) -> str:
    """The place on the ladder that says what a level still needs."""
    if department is None:
        return f"{reverse('maturity:playbook')}#{needed.value}"
    return f"{reverse('maturity:department', args=[department.pk])}#{needed.value}"


def _opened_by(level: Level) -> list[str | Promise]:
    named = [name for name in CAPABILITIES if name in OPENED_BY or not name.startswith(ALWAYS)]
    return [LABELS[name] for name in named if needed_for(name) == level]
