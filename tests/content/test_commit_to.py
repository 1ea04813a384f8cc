"""The cadence of channels: promised by the week, held against what was really published."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.actions.commitments import commit_to, end_commitment
from content.cadence import cadence_now
from content.models import CadenceCommitment, Publication
from content.planning import zone_of
from tests import factories
from tests.cast import Cast

# A Wednesday.
NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
UTC_ZONE = zone_of("UTC")


def said(channel: Any, at: datetime, state: str = "accepted") -> Publication:
    out = {"accepted_at": at} if state == "accepted" else {}
    return factories.publication(factories.variant(channel=channel), due_at=at, state=state, **out)


def weeks(at: datetime = NOW) -> list[tuple[int, int, int, str]]:
    [row] = cadence_now(UTC_ZONE, at=at)
    return [(week.promised, week.published, week.planned, week.state) for week in row.weeks]


def test_weeks_are_kept_short_or_still_to_come(acme: Cast) -> None:
    channel = factories.channel()
    commit_to(channel, per_week=2, by=acme.carla, at=NOW - 3 * WEEK)
    said(channel, NOW - 3 * WEEK)
    said(channel, NOW - 3 * WEEK + timedelta(hours=3))
    said(channel, NOW - 2 * WEEK)
    said(channel, NOW - 2 * WEEK, "missed")
    said(channel, NOW - timedelta(days=1))
    said(channel, NOW + timedelta(days=1), "ready")
    said(channel, NOW + WEEK, "ready")
    assert weeks()[-6:] == [
        (2, 2, 0, "enough"), (2, 1, 0, "short"), (2, 0, 0, "short"), (2, 1, 1, "tight"), (2, 0, 1, "short"),
        (2, 0, 0, "short"),
    ]  # fmt: skip
    [row] = cadence_now(UTC_ZONE, at=NOW)
    assert (row.due, row.kept, row.weeks[-2].lacks) == (3, 1, 1)
    assert weeks()[0] == (0, 0, 0, ""), "before it was promised nothing is held against it"


def test_a_week_is_one_of_the_organization_and_what_went_out_late_counts_when_it_did(acme: Cast) -> None:
    channel, zone = factories.channel(), zone_of("America/New_York")
    commit_to(channel, per_week=1, by=acme.carla, at=NOW - 4 * WEEK)
    # Monday at three in Greenwich is Sunday evening there.
    said(channel, datetime(2026, 3, 16, 3, tzinfo=UTC))
    late = said(channel, datetime(2026, 3, 8, 20, tzinfo=UTC))
    Publication.objects.filter(pk=late.pk).update(accepted_at=datetime(2026, 3, 9, 12, tzinfo=UTC))
    [row] = cadence_now(zone, at=NOW)
    assert {week.monday: week.published for week in row.weeks if week.published} == {date(2026, 3, 9): 2}


def test_another_promise_ends_the_one_before_and_the_past_stays(acme: Cast) -> None:
    channel = factories.channel()
    commit_to(channel, per_week=1, by=acme.carla, at=NOW - 2 * WEEK)
    commit_to(channel, per_week=3, by=acme.carla, at=NOW)
    assert [one[0] for one in weeks()] == [0] * 6 + [1, 1, 3, 3, 3]
    row = commit_to(channel, per_week=2, by=acme.carla, at=NOW + timedelta(hours=1))
    assert CadenceCommitment.objects.count() == 2, "what held for no whole week was never said"
    end_commitment(row, by=acme.carla, at=NOW + WEEK)
    assert [one[0] for one in weeks(NOW + WEEK)][-5:] == [1, 2, 0, 0, 0]
    for wrong in (0, 101):
        with pytest.raises(ValidationError):
            commit_to(channel, per_week=wrong, by=acme.carla, at=NOW)
    with pytest.raises(PermissionDenied):
        commit_to(channel, per_week=1, by=acme.rosa, at=NOW)


def test_the_pages_and_the_api(acme: Cast, sign_in: Any, api: Any) -> None:
    carla = sign_in(acme.carla)
    bare = carla.get("/o/acme/content/calendar/cadence/").content.decode()
    assert "No channel yet" in bare and "/o/acme/content/channels/" in bare and "Promise a cadence" not in bare
    channel = factories.channel()
    assert "No channel has promised anything yet" in carla.get("/o/acme/content/calendar/cadence/").content.decode()
    form = {"channel": channel.pk, "per_week": "2"}
    assert carla.post("/o/acme/content/calendar/cadence/commit/", form).status_code == 302
    text = carla.get("/o/acme/content/calendar/cadence/").content.decode()
    assert "2 times a week, promised by Carla" in text and "0/2" in text
    assert "0 of 2: 2 are missing" in " ".join(carla.get("/o/acme/content/calendar/").content.decode().split())
    assert carla.post("/o/acme/content/calendar/cadence/commit/", form | {"per_week": "0"}).status_code == 422
    coach = api(acme.carla)
    made = coach.post("/api/v1/cadence-commitments/", {"channel": channel.pk, "per_week": 1})
    assert made.status_code == 201
    [kept] = coach.get("/api/v1/cadence-commitments/kept/").json()
    assert len(kept["weeks"]) == 11 and kept["weeks"][8]["promised"] == 1
    assert coach.post(f"/api/v1/cadence-commitments/{made.json()['id']}/end/").status_code == 204
    assert api(acme.rosa).post("/api/v1/cadence-commitments/", form).status_code == 403


def test_it_stands_beside_ones_own_cadence(acme: Cast, sign_in: Any) -> None:
    commit_to(factories.channel(), per_week=2, by=acme.carla, at=NOW)
    assert "What we promised to publish" in sign_in(acme.rosa).get("/o/acme/cadence/").content.decode()
    assert "What we promised to publish" not in sign_in(acme.olga).get("/o/acme/cadence/").content.decode()


def test_many_channels_take_as_many_queries_as_one(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert carla.get("/o/acme/content/calendar/cadence/").status_code == 200
        return len(caught)

    commit_to(factories.channel(), per_week=1, by=acme.carla, at=NOW)
    few = queries()
    for _number in range(19):
        channel = factories.channel()
        commit_to(channel, per_week=1, by=acme.carla, at=NOW)
        said(channel, NOW)
    assert queries() == few
