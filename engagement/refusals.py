"""Why something cannot be done now: plain sentences, for the page and the API alike."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """The row is not in a state in which this can be done; `str()` is the reason that people read."""


class Taken(Refusal):
    """A colleague was first."""


class Stale(Refusal):
    """Somebody changed the row after the form was drawn."""


class Unanswerable(Refusal):
    """No reply can go to this post from here."""


class Changed(Refusal):
    """The post or its thread is not what the writer has read: `before` and `now` say what it was and is.

    `until` is the newest post of the thread that they know of now, where that is what stopped them.
    """

    def __init__(self, message: str, *, before: str = "", now: str = "", until: int = 0) -> None:
        super().__init__(message)
        self.before, self.now, self.until = before, now, until


class Overtaken(Stale):
    """Somebody else has written on the shared draft; `draft` is what it says now."""

    def __init__(self, message: str, draft: Any) -> None:
        super().__init__(message)
        self.draft = draft


class Repeated(Refusal):
    """The same text went out often already; whoever means it says so."""
