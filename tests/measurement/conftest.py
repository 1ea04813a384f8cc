"""What several tests of measurement begin with."""

from __future__ import annotations

import pytest

from engagement.models import Assignment
from roles import clock
from tests.cast import Cast
from tests.measurement.golden import NOW, live_the_week


@pytest.fixture
def golden(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, Assignment]:
    """The week whose figures are worked out by hand, on the Monday after it."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return live_the_week(acme)
