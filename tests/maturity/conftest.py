"""What several files about surge plans begin with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engagement.actions.rules import add_rule, switch_rule
from engagement.actions.targets import add_target
from engagement.models import SavedReply
from maturity.actions.surges import (
    plan_surge,
)
from tests.cast import Cast

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)


@pytest.fixture
def ready(acme: Cast) -> dict[str, Any]:
    """A rule that is switched off, one that is on, a proposed answer, a target, and a plan that names them."""
    off = add_rule(acme.care, name="Outage", by=None, at=NOW)
    switch_rule(off, on=False, by=None, at=NOW)
    on = add_rule(acme.care, name="All", by=None, at=NOW)
    fields: dict[str, Any] = {"text": "We know", "by": acme.carla, "created_at": NOW, "changed_at": NOW}
    reply = SavedReply.objects.create(title="Outage", state="proposed", **fields)
    add_target(acme.organization, name="Ours", is_default=True, department=acme.care, first_response_minutes=240,
               by=None, at=NOW)  # fmt: skip
    plan = plan_surge(
        acme.care, title="The launch", members=[acme.bodo, acme.rosa], rules=[off, on], saved_replies=[reply],
        first_response_minutes=60, capacity=5, by=acme.carla, at=NOW,
    )  # fmt: skip
    return {"plan": plan, "off": off, "on": on, "reply": reply}
