"""Waiting that ends by itself: it says on the way how far it has come, and at the end what is still open."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


class Patience:
    """So many seconds for something to come to an end, with a line about it every few seconds.

    Lines go to the standard error: they are for who watches, not for the page of results.
    """

    def __init__(self, name: str, *, seconds: float, every: float = 15.0) -> None:
        self.name, self.seconds, self.every = name, seconds, every
        self.began = time.monotonic()
        self.told_at = self.began

    @property
    def taken(self) -> float:
        """For how many seconds one has waited."""
        return time.monotonic() - self.began

    @property
    def is_over(self) -> bool:
        """Whether one waits no longer, however far it has come."""
        return self.taken > self.seconds

    def look(self, how_far: Callable[[], str]) -> None:
        """Say how far it has come, where that was not said for a while."""
        if time.monotonic() - self.told_at >= self.every:
            self.tell(how_far())

    def tell(self, words: str) -> None:
        """Say something now."""
        self.told_at = time.monotonic()
        print(f"{self.name}, {self.taken:.0f} s of {self.seconds:.0f}: {words}", file=sys.stderr, flush=True)
