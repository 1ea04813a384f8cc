"""Why something cannot be done now: plain sentences, for the page and the API alike."""

from __future__ import annotations


class CannotPoll(Exception):
    """The source is not one that is polled at present; `str()` is the reason that people read."""
