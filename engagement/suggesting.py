"""Who may know the answer to a question about an assignment: each suggestion is made by the part that knows people.

An app above engagement makes its suggestions too, from its own module, which its `AppConfig.ready` imports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from engagement.models import Assignment

# The keys of members, and in a few words why each; the likeliest first.
Suggestion = Callable[[Assignment, datetime], Mapping[int, str]]
_suggestions: list[Suggestion] = []


def suggestion(read: Suggestion) -> Suggestion:
    """Suggest whom to ask about an assignment."""
    _suggestions.append(read)
    return read


def suggested_for(assignment: Assignment, *, at: datetime) -> dict[int, str]:
    """All who are suggested, each once, with the words of who suggested them first."""
    found: dict[int, str] = {}
    for read in _suggestions:
        for key, why in read(assignment, at).items():
            found.setdefault(key, why)
    return found
