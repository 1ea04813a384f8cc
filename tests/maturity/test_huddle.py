"""The huddle: told by coaches to coaches, linked to mentions, sent once a week."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maturity.actions.huddle import (
    choose_digest,
    note_in_huddle,
    put_back_in_huddle,
    send_due_digest,
    withdraw_from_huddle,
)
from maturity.models import HuddleDigest, HuddleEntry
from roles import clock
from roles.models import AuditEntry, Mail, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join

HERE = "/o/acme/huddle/"
WEDNESDAY = datetime(2026, 3, 18, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 23, 8, tzinfo=UTC)


def told(acme: Cast, text: str = "The forum likes drawings", **fields: Any) -> HuddleEntry:
    said = {"kind": "success", "by": acme.carla, "at": WEDNESDAY, **fields}
    return note_in_huddle(acme.organization, text=text, **said)


def test_it_is_told_taken_back_and_put_back(acme: Cast) -> None:
    entry = told(acme, mention=factories.mention(), department=acme.care)
    other = join("Corin", Role.COACH, acme.press)
    with pytest.raises(PermissionDenied):
        withdraw_from_huddle(entry, by=other, at=WEDNESDAY)
    withdraw_from_huddle(entry, by=acme.carla, at=WEDNESDAY)
    assert not HuddleEntry.objects.standing().exists()
    put_back_in_huddle(entry, by=acme.carla, at=WEDNESDAY)
    assert HuddleEntry.objects.standing().get().mention is not None
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["note_in_huddle", "withdraw_from_huddle", "put_back_in_huddle"]


@pytest.mark.parametrize(("kind", "text"), [("gossip", "x"), ("success", " "), ("success", "x" * 2001)])
def test_what_says_nothing_is_refused(acme: Cast, kind: str, text: str) -> None:
    with pytest.raises(ValidationError):
        told(acme, text, kind=kind)


def test_only_coaches_read_it(acme: Cast, sign_in: Any) -> None:
    assert [sign_in(who).get(HERE).status_code for who in (acme.carla, acme.rosa, acme.elif_)] == [200, 403, 403]


def test_coaches_get_it_on_monday_once_and_a_quiet_week_sends_nothing(acme: Cast) -> None:
    corin = join("Corin", Role.COACH, acme.press)
    assert send_due_digest(at=WEDNESDAY) == 0 and not HuddleDigest.objects.exists()
    told(acme)
    told(acme, "Taken back")
    withdraw_from_huddle(HuddleEntry.objects.latest("pk"), by=acme.carla, at=WEDNESDAY)
    later = [WEDNESDAY, MONDAY - timedelta(minutes=1), MONDAY, MONDAY + timedelta(hours=1), MONDAY + timedelta(7)]
    assert [send_due_digest(at=at) for at in later] == [0, 0, 2, 0, 0]
    assert set(Mail.objects.values_list("member", flat=True)) == {acme.carla.pk, corin.pk}
    mail = Mail.objects.first()
    assert mail is not None and "drawings" in mail.text and "Taken back" not in mail.text
    choose_digest(acme.organization, wants_it=False, by=corin, at=MONDAY)
    told(acme, "Again", at=MONDAY + timedelta(days=8))
    assert send_due_digest(at=MONDAY + timedelta(days=14)) == 1


def test_what_is_noted_as_the_digest_is_made_comes_with_the_next(acme: Cast) -> None:
    told(acme)
    send_due_digest(at=WEDNESDAY)
    told(acme, "At the last moment", at=MONDAY - timedelta(seconds=5))
    send_due_digest(at=MONDAY)
    assert "last moment" not in Mail.objects.get().text
    send_due_digest(at=MONDAY + timedelta(days=7))
    assert "last moment" in Mail.objects.latest("pk").text


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_digest(cast: Cast) -> None:
    with acting_for(cast.organization):
        told(cast)
        send_due_digest(at=WEDNESDAY)

    def work() -> None:
        with acting_for(cast.organization):
            send_due_digest(at=MONDAY)
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with acting_for(cast.organization):
        assert Mail.objects.count() == 1


def test_from_beside_the_conversation_into_the_log(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)
    assert "Nothing has been told yet" in carla.get(HERE).content.decode()
    row = factories.assignment(department=acme.care, member=acme.rosa, text="Bravo for the drawing")
    assert f"/huddle/?mention={row.mention_id}" in carla.get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert "Bravo for the drawing" in carla.get(f"{HERE}?mention={row.mention_id}").content.decode()
    said = {"kind": "success", "text": "<i>Draw</i> more", "department": "", "mention": str(row.mention_id)}
    assert carla.post(f"{HERE}note/", said).status_code == 302
    assert carla.post(f"{HERE}note/", {**said, "text": ""}).status_code == 422
    page = carla.get(HERE).content.decode()
    assert "&lt;i&gt;Draw" in page and f"/mentions/{row.mention_id}/" in page
    assert "Nothing of this kind yet" in carla.get(f"{HERE}?kind=decision").content.decode()
    entry = HuddleEntry.objects.get()
    assert carla.post(f"{HERE}{entry.pk}/withdraw/").status_code == 302
    assert carla.post(f"{HERE}{entry.pk}/put-back/").status_code == 302
    carla.post(f"{HERE}choose-digest/", {"wants": "no"})
    assert "I want it" in carla.get(HERE).content.decode()


def test_it_is_offered_in_the_stream_to_coaches(acme: Cast, sign_in: Any) -> None:
    factories.mention()
    pages = [sign_in(who).get("/o/acme/stream/").content.decode() for who in (acme.carla, acme.gita)]
    assert ['data-lead="/o/acme/huddle/"' in page for page in pages] == [True, False]


def test_the_log_costs_the_same_for_one_and_for_twenty(acme: Cast, sign_in: Any) -> None:
    carla, counts = sign_in(acme.carla), []
    for number in (1, 19):
        for _one in range(number):
            told(acme, mention=factories.mention(), department=acme.care, at=clock.now())
        carla.get(HERE)
        with CaptureQueriesContext(connection) as queries:
            assert carla.get(HERE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_older_entries_are_reached_by_key(acme: Cast, sign_in: Any) -> None:
    for number in range(32):
        told(acme, f"Thing {number}.")
    page = sign_in(acme.carla).get(HERE).content.decode()
    assert "Thing 31." in page and "Thing 1." not in page
    before = HuddleEntry.objects.get(text="Thing 2.").pk
    page = sign_in(acme.carla).get(f"{HERE}?before={before}").content.decode()
    assert "Thing 1." in page and "Thing 2." not in page


def test_programs_do_the_same(acme: Cast, api: Any) -> None:
    carla = api(acme.carla)
    made = carla.post("/api/v1/huddle-entries/", {"kind": "decision", "text": "No discounts", "department": None})
    assert made.status_code == 201
    where = f"/api/v1/huddle-entries/{made.json()['id']}/"
    assert carla.post(f"{where}withdraw/").json()["withdrawn_at"]
    assert carla.post(f"{where}put-back/").json()["withdrawn_at"] is None
    assert len(carla.get("/api/v1/huddle-entries/").json()["results"]) == 1
    assert api(acme.rosa).get("/api/v1/huddle-entries/").status_code == 403
    assert carla.post("/api/v1/huddle-entries/digest/", {"wants_it": False}).json() == {"wants_it": False}
    assert api(acme.rosa).post("/api/v1/huddle-entries/digest/", {"wants_it": True}).status_code == 403
