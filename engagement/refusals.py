"""Why something cannot be done now: plain sentences, for the page and the API alike."""

from __future__ import annotations


class Refusal(Exception):
    """The row is not in a state in which this can be done; `str()` is the reason that people read."""


class Taken(Refusal):
    """A colleague was first."""


class Stale(Refusal):
    """Somebody changed the row after the form was drawn."""


class Unanswerable(Refusal):
    """No reply can go to this post from here."""
