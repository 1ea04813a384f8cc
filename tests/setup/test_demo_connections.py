"""What the demo shows of accounts elsewhere is plausible, and calls nobody."""

from __future__ import annotations

from datetime import timedelta

from config.demo_connections import connect_accounts
from listening.actions.connections import check_connection
from listening.connections.housekeeping import claim_due
from listening.connections.keeping import CHECKED_EVERY
from listening.models import Connection
from roles import clock
from tests.cast import Cast


def test_accounts_of_the_demo_are_to_be_checked_soon_and_are_asked_by_nobody(acme: Cast) -> None:
    at = clock.now()
    connect_accounts(by=acme.carla, at=at)
    kept = list(Connection.objects.exclude(state=Connection.State.WITHDRAWN))
    assert len(kept) == 2
    for row in kept:
        assert at < row.check_due_at <= at + CHECKED_EVERY, row
    assert claim_due(due=at + timedelta(days=30), at=at + timedelta(days=30)) is None
    for row in kept:
        assert check_connection(row, by=acme.carla, at=at).state == row.state
