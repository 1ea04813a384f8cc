"""Why something of a piece cannot be written now."""

from __future__ import annotations

from typing import Any

from engagement.refusals import Stale


class Opposed(Stale):
    """Somebody changed the same words since the form was drawn: `now` is what they say, in which `version`."""

    def __init__(self, message: str, *, now: dict[str, Any], version: int) -> None:
        super().__init__(message)
        self.now, self.version = now, version

    @property
    def members(self) -> dict[str, Any]:
        """What a program is told beside the sentence."""
        return {"now": self.now, "version": self.version}
