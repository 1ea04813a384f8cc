"""Warnings as people see and work them: by hand, acknowledged also from a mail, closed, and learned from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from listening.actions import warnings as actions
from listening.lookout.mailing import token
from listening.lookout.raising import coaches_to_tell
from listening.models import EarlyWarning, WatchedSeries
from roles import clock
from roles.actions import people
from roles.models import Mail, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join


def warning(**fields: Any) -> EarlyWarning:
    at = clock.now()
    series = WatchedSeries.objects.create(measure="volume", begins_at=at, query=factories.query())
    counts = [[int(at.timestamp()) + 300 * number, number, 0.0, 2.0, 5.0] for number in range(40)]
    return EarlyWarning.objects.create(
        **{
            "series": series, "subject": "Acme <b>", "kind": "volume", "severity": 2, "began_at": at, "detected_at": at,
            "last_at": at, "value": 60, "expected": 2, "once_in": timedelta(days=90), "counts": counts,
            "mention_ids": [factories.mention().pk], "words": ["kettles"], **fields,
        }
    )  # fmt: skip


@pytest.fixture
def open_warning(acme: Cast) -> EarlyWarning:
    return warning()


def test_a_person_warns_from_mentions_and_coaches_get_a_mail(acme: Cast, sign_in: Any) -> None:
    rows = [factories.mention("The handle came off"), factories.mention("Mine too")]
    client: Client = sign_in(acme.gita)
    address = f"/o/acme/warnings/raise/?mention={rows[0].pk}&mention={rows[1].pk}"
    assert "Carla" in client.get(address).content.decode()
    answer = client.post(address, {"title": "Handles come off", "severity": "3", "note": "Two so far"})
    assert answer.status_code == 302
    found = EarlyWarning.objects.get()
    assert (found.kind, found.severity, found.raised_by, found.value) == ("by_hand", 3, acme.gita, 2)
    mail = Mail.objects.get()
    assert mail.member == acme.carla
    assert "Handles come off" in mail.subject
    assert "Two so far" in mail.text
    # Once more is refused without words, and nothing is lost.
    assert client.post(address, {"title": " ", "severity": "3"}).status_code == 422


def test_on_call_comes_first_then_who_is_here_then_everyone(acme: Cast) -> None:
    at = clock.now()
    cora = join("Cora", Role.COACH)
    assert set(coaches_to_tell(at)) == {acme.carla, cora}
    people.set_on_call(cora, is_on_call=True, by=acme.carla, at=at)
    assert coaches_to_tell(at) == [cora]
    people.go_away(cora, by=cora, at=at)
    cora.refresh_from_db()
    assert coaches_to_tell(at) == [acme.carla]
    dora = join("Dora", Role.COACH)
    people.go_away(cora, stand_in=dora, by=cora, at=at)
    assert coaches_to_tell(at) == [dora], "she stands in"
    people.go_away(dora, by=dora, at=at)
    people.go_away(acme.carla, by=acme.carla, at=at)
    assert set(coaches_to_tell(at)) == {acme.carla, cora, dora}
    with pytest.raises(ValidationError):
        people.set_on_call(acme.rosa, is_on_call=True, by=acme.carla, at=at)
    with pytest.raises(PermissionDenied):
        people.set_on_call(cora, is_on_call=False, by=acme.gita, at=at)


def test_the_first_who_is_on_it_counts(acme: Cast, open_warning: EarlyWarning, sign_in: Any) -> None:
    sign_in(acme.gita).post(f"/o/acme/warnings/{open_warning.pk}/acknowledge/")
    sign_in(acme.carla).post(f"/o/acme/warnings/{open_warning.pk}/acknowledge/")
    open_warning.refresh_from_db()
    assert (open_warning.state, open_warning.acknowledged_by) == ("acknowledged", acme.gita)


def test_the_link_of_a_mail_shows_first_and_acknowledges_when_pressed(acme: Cast, open_warning: EarlyWarning) -> None:
    link = f"/warnings/acknowledge/{token(open_warning, acme.carla)}/"
    with acting_for(None):
        client = Client()
        shown = client.get(link)
        assert shown.status_code == 200
        assert "Acme &lt;b&gt;" in shown.content.decode()
        assert shown.headers["Referrer-Policy"] == "same-origin"
        assert client.get("/warnings/acknowledge/x:y:z/").status_code == 404
        assert client.post("/warnings/acknowledge/x:y:z/").status_code == 404
    open_warning.refresh_from_db()
    assert open_warning.state == "open"
    with acting_for(None):
        client.post(link)
    open_warning.refresh_from_db()
    assert (open_warning.state, open_warning.acknowledged_by) == ("acknowledged", acme.carla)


def test_the_link_ends_and_is_worth_no_more_than_its_holder(
    acme: Cast, open_warning: EarlyWarning, monkeypatch: pytest.MonkeyPatch
) -> None:
    carla, bodo = (f"/warnings/acknowledge/{token(open_warning, who)}/" for who in (acme.carla, acme.bodo))
    with acting_for(None):
        assert Client().post(bodo).status_code == 403
        with monkeypatch.context() as later:
            later.setattr("listening.lookout.mailing.LINK_LIVES", timedelta(seconds=-1))
            assert Client().post(carla).status_code == 404
    acme.carla.is_active = False
    acme.carla.save()
    with acting_for(None):
        assert Client().post(carla).status_code == 404
    open_warning.refresh_from_db()
    assert open_warning.state == "open"


@pytest.mark.parametrize(("outcome", "days"), [("false", 15), ("true", 9), ("known", 10)])
def test_how_it_ended_moves_how_rare_the_next_one_must_be(
    acme: Cast, open_warning: EarlyWarning, outcome: str, days: float
) -> None:
    acting: dict[str, Any] = {"by": acme.carla, "at": clock.now()}
    closed = actions.close_warning(open_warning, outcome=outcome, note="Seen", **acting)
    assert (closed.outcome, closed.note, closed.closed_by) == (outcome, "Seen", acme.carla)
    series = WatchedSeries.objects.get(pk=open_warning.series_id)
    assert series.once_in == timedelta(days=days)
    actions.reopen_warning(closed, **acting)
    series.refresh_from_db()
    assert abs(series.once_in - timedelta(days=10)) < timedelta(minutes=1)


def test_what_was_learned_stays_within_bounds_and_can_be_forgotten(acme: Cast) -> None:
    acting: dict[str, Any] = {"by": acme.carla, "at": clock.now()}
    row = warning()
    for _time in range(12):
        row = actions.close_warning(row, outcome="false", **acting)
        EarlyWarning.objects.update(state="open", closed_by=None)
    series = WatchedSeries.objects.get()
    assert series.once_in == timedelta(days=90)
    assert actions.tune(series, **acting).once_in == timedelta(days=10)
    with pytest.raises(PermissionDenied):
        actions.tune(series, by=acme.gita, at=clock.now())


def test_pages_show_warnings_to_who_may_see_them(acme: Cast, open_warning: EarlyWarning, sign_in: Any) -> None:
    actions.close_warning(warning(), outcome="false", note="A test of ours", by=acme.carla, at=clock.now())
    for member in (acme.carla, acme.gita, acme.elif_, acme.olga):
        client = sign_in(member)
        listed = client.get("/o/acme/warnings/").content.decode()
        assert "Acme &lt;b&gt;" in listed
        assert "A test of ours" in listed
        one = client.get(f"/o/acme/warnings/{open_warning.pk}/").content.decode()
        assert "<svg" in one
        assert "kettles" in one
        assert client.get("/o/acme/warnings/watched/").status_code == 200
        assert client.get(f"/o/acme/warnings/watched/{open_warning.series_id}/").status_code == 200
        assert "Acme" in client.get("/o/acme/warnings/alarm/").content.decode()
    # Who may only read is offered nothing to press.
    assert "How did it end?" not in sign_in(acme.elif_).get(f"/o/acme/warnings/{open_warning.pk}/").content.decode()


def test_events_are_made_known_on_the_page(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    said = {"name": "Launch", "starts_at": "2026-03-10T10:00", "ends_at": "2126-03-10T12:00", "is_quiet": "on"}
    client.post("/o/acme/warnings/events/add/", said)
    assert "Launch" in client.get("/o/acme/warnings/").content.decode()
    wrong = said | {"ends_at": "2026-03-10T09:00", "name": "Backwards"}
    refused = client.post("/o/acme/warnings/events/add/", wrong)
    # What was typed is still there, beside what is wrong with it.
    assert refused.status_code == 422
    assert all(words in refused.content.decode() for words in ("It ends before it begins.", 'value="Backwards"'))


def test_the_list_asks_as_much_for_many_as_for_one(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/o/acme/warnings/")
        return len(queries)

    warning()
    asked()
    few = asked()
    for _number in range(20):
        warning()
    assert asked() == few


def test_the_api_does_the_same(acme: Cast, api: Any) -> None:
    client = api(acme.gita)
    row = factories.mention("The handle came off")
    made = client.post("/api/v1/warnings/", {"title": "Handles", "mentions": [row.pk], "severity": 2})
    assert made.status_code == 201, made.json()
    address = f"/api/v1/warnings/{made.json()['id']}/"
    assert client.post(f"{address}acknowledge/").json()["state"] == "acknowledged"
    closed = client.post(f"{address}close/", {"outcome": "true", "note": "It was so"}).json()
    assert (closed["state"], closed["outcome"]) == ("closed", "true")
    assert [row["id"] for row in client.get("/api/v1/warnings/?outcome=true").json()["results"]] == [closed["id"]]
    assert client.get("/api/v1/warnings/?outcome=odd").status_code == 400
    event = {"name": "Launch", "starts_at": "2026-03-10T10:00Z", "ends_at": "2026-03-10T12:00Z"}
    added = client.post("/api/v1/known-events/", event).json()
    assert client.delete(f"/api/v1/known-events/{added['id']}/").status_code == 204


def test_a_program_reads_what_is_watched_and_lets_it_warn_as_in_the_beginning(acme: Cast, api: Any) -> None:
    row = WatchedSeries.objects.create(
        measure="volume", begins_at=clock.now(), once_in=timedelta(days=40), recent=[[1, 2, 0.0, 1.0, 3.0]]
    )
    [seen] = api(acme.carla).get("/api/v1/watched-series/").json()["results"]
    assert (seen["subject"], seen["once_in_days"], seen["counts"]) == (
        "Everything that is heard", 40.0, [[1, 2, 0.0, 1.0, 3.0]],
    )  # fmt: skip
    here = f"/api/v1/watched-series/{row.pk}/tune/"
    assert api(acme.gita).post(here).status_code == 403
    assert api(acme.carla).post(here).json()["once_in_days"] == 10.0
