"""Where recorded answers of networks lie, if they do, and the objects in them; nothing of it is part of the project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "data" / "C_api"
# The project is tested without that folder too.
where_recorded = pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers are not on this machine")


def within(told: Any) -> Iterator[dict[str, Any]]:
    """Return every object in an answer, at whatever depth."""
    if isinstance(told, dict):
        yield told
        told = list(told.values())
    if isinstance(told, list):
        for inner in told:
            yield from within(inner)
