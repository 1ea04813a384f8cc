"""What waited for a connection goes on when it works again: once, at once, and not where its time has passed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from content.models import Publication
from listening.actions.connections import go_on
from listening.connections.keeping import sealed
from listening.models import Channel, Connection
from listening.networks.protocols import AccessWithdrawn
from roles.models import Mail
from tests.cast import Cast
from tests.content.doubles import Square, raising
from tests.content.publishing import look_after, publish
from tests.engagement.writing import Time

WITHDRAWN = "The square no longer knows us."


@pytest.fixture
def connected(planned: Any, square: Square, now: Time) -> tuple[Publication, Connection]:
    """A publication of an account that is reached through a connection, which is withdrawn."""
    row = planned()
    connection = Connection.objects.create(
        network=square.name, account_id=row.channel.account_id, name="Square", sealed=sealed({"token": "old"}),
        state="withdrawn", problem=WITHDRAWN, check_due_at=now(),
    )  # fmt: skip
    Channel.objects.filter(pk=row.channel_id).update(connection=connection)
    return row, connection


def mend(connection: Connection, now: Time) -> None:
    """What connecting again does, once the network has said yes."""
    Connection.objects.filter(pk=connection.pk).update(state="working", problem="", sealed=sealed({"token": "new"}))
    with transaction.atomic():
        go_on(Connection.objects.get(pk=connection.pk), at=now())


def test_what_waited_for_a_connection_goes_out_once_when_it_works_again(
    connected: tuple[Publication, Connection], square: Square, now: Time
) -> None:
    row, connection = connected
    publish(now)
    row.refresh_from_db()
    assert row.state == "ready" and row.problem and row.next_attempt_at > now() and square.taken == []
    now.pass_by(60)
    publish(now)
    assert square.taken == [], "it waits"
    for _time in range(2):
        mend(connection, now)
        publish(now)
    row.refresh_from_db()
    assert row.state == "accepted" and [out.key for out in square.taken] == [row.key]
    assert row.deliveries.filter(kind="send").count() == 1


def test_what_the_network_refused_for_want_of_access_goes_out_once_when_it_is_connected_again(
    connected: tuple[Publication, Connection], square: Square, now: Time
) -> None:
    row, connection = connected
    mend(connection, now)
    square.before = raising(AccessWithdrawn(WITHDRAWN))
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("ready", []) and row.next_attempt_at > now()
    square.before = lambda _out: None
    now.pass_by(5)
    mend(connection, now)
    publish(now)
    publish(now)
    row.refresh_from_db()
    assert row.state == "accepted" and len(square.taken) == 1


def test_what_waited_beyond_its_grace_is_missed_and_does_not_go_out_when_it_works_again(
    creating: Cast, connected: tuple[Publication, Connection], square: Square, now: Time
) -> None:
    row, connection = connected
    publish(now)
    now.pass_by(row.grace_minutes * 60 + 60)
    look_after(now)
    row.refresh_from_db()
    assert row.state == "missed" and Mail.objects.filter(key__startswith=f"missed {row.pk} ").exists()
    mend(connection, now)
    publish(now)
    assert square.taken == []


def test_what_is_not_due_yet_and_what_is_held_stay_where_they_are(
    connected: tuple[Publication, Connection], square: Square, now: Time
) -> None:
    row, connection = connected
    later = now() + timedelta(hours=3)
    Publication.objects.filter(pk=row.pk).update(due_at=later, next_attempt_at=later)
    mend(connection, now)
    publish(now)
    row.refresh_from_db()
    assert row.next_attempt_at == later and square.taken == []
    Publication.objects.filter(pk=row.pk).update(state="held", problem="Nothing goes out now.", next_attempt_at=now())
    mend(connection, now)
    publish(now)
    assert square.taken == []
