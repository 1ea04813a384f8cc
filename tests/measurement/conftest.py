"""What several tests of measurement begin with."""

from __future__ import annotations

import pytest

from engagement.models import Assignment
from roles import clock
from roles.tenancy import acting_for
from tests.cast import Cast, assemble
from tests.measurement.golden import NOW, live_the_week


@pytest.fixture
def golden(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, Assignment]:
    """The week whose figures are worked out by hand, on the Monday after it."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return live_the_week(acme)


def a_week() -> tuple[Cast, dict[str, Assignment]]:
    """The same, with the people in it, for a module all of whose tests begin with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOW)
        cast = assemble()
        with acting_for(cast.organization):
            return cast, live_the_week(cast)
