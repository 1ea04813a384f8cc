"""Claims are polite: visits to one server stand in line, and one in trouble is left alone."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from pytest_django import Settings

from listening.housekeeping import IS_ADDRESS, claim_due, claim_one
from listening.models import Host, Source
from listening.networks.protocols import RateLimited, Unreachable
from listening.politeness import note_hosts
from roles import clock
from tests import factories
from tests.cast import Cast


def test_visits_to_one_server_stand_in_line(acme: Cast, settings: Settings) -> None:
    settings.FETCH_REQUESTS_PER_HOST_PER_SECOND = 0.5
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["intranet.example", "10.0.0.0/8"]
    for number in range(8):
        factories.source(place=f"https://busy.example/{number}")
        factories.source(place=f"https://intranet.example/{number}")
    factories.source(place="https://10.1.2.3:8443/feed")
    factories.source(place="https://quiet.example:8443/feed")
    at = clock.now() + timedelta(seconds=1)
    claims = claim_due(at)
    waits = {
        name: [(claim.visit_at - at).total_seconds() for claim in claims if claim.host == name]
        for name in ("busy.example", "intranet.example", "10.1.2.3", "quiet.example")
    }
    assert waits["busy.example"] == [0, 2, 4, 6, 8]
    assert waits["intranet.example"] == [0] * 8
    assert waits["10.1.2.3"] == waits["quiet.example"] == [0]
    assert claim_due(at + timedelta(seconds=9)) == []
    assert [claim.host for claim in claim_due(at + timedelta(seconds=10))] == ["busy.example"] * 3
    assert set(Host.objects.values_list("name", flat=True)) == {"busy.example", "quiet.example"}


def test_a_crowd_at_one_server_keeps_nobody_else_waiting(acme: Cast) -> None:
    for number in range(30):
        factories.source(place=f"https://busy.example/{number}")
    factories.source(place="https://quiet.example/feed")
    at = clock.now() + timedelta(seconds=1)
    assert "quiet.example" in {claim.host for claim in claim_due(at, limit=20)}
    assert claim_due(at, limit=20) == []


def test_a_server_in_trouble_is_left_alone_by_all_its_sources(acme: Cast, settings: Settings) -> None:
    settings.FETCH_REQUESTS_PER_HOST_PER_SECOND = 1000
    for number in range(3):
        factories.source(place=f"https://ill.example/{number}")
    at = clock.now() + timedelta(seconds=1)
    claims = claim_due(at)
    assert len(claims) == 3
    note_hosts([(claim, Unreachable("No answer.")) for claim in claims], at=at)
    assert Host.objects.get().failures_in_row == 1  # one trouble, however many sources met it
    for _turn in range(2):
        note_hosts([(claims[0], Unreachable("No answer."))], at=at)
    host = Host.objects.get()
    assert host.closed_until is not None
    assert host.closed_until > at
    Source.objects.update(lease_until=None)
    assert claim_due(at + timedelta(seconds=20)) == []
    assert claim_one(claims[0].source, at + timedelta(seconds=20)) is None
    assert len(claim_due(host.closed_until + timedelta(seconds=1))) == 3
    note_hosts([(claims[0], None)], at=at)
    assert Host.objects.get().closed_until is None
    note_hosts([(claims[0], RateLimited("Wait.", wait=600)), (claims[1], None)], at=at)
    assert Host.objects.get().closed_until == at + timedelta(seconds=600)


def test_what_is_taken_for_an_address_is_one(db: None) -> None:
    """PostgreSQL 15 cannot be asked whether a text is one; what it could not read would end every claim."""
    addresses = [
        "10.1.2.3", "255.255.255.255", "0.0.0.0", "::", "::1", "fe80::1", "1::", "2001:db8:0:1:1:1:1:1",
        "2001:db8::1:0:0:1", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
    ]  # fmt: skip
    others = [
        "", "acme.example", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4/8", ":::", "1::2::3", "::1%lo",
        "1:2:3:4:5:6:7", "12345::", "g::1", "cafe", "1:2:3:4:5:6:7:8:9", "1.2.3.4\n", "1:2:3:4:5:6:7:8::",
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT host, CASE WHEN host ~ %s THEN family(host::inet) END FROM unnest(%s) AS host",
            [IS_ADDRESS, [*addresses, *others]],
        )
        found = {host for host, family in cursor.fetchall() if family is not None}
    assert found == set(addresses)
