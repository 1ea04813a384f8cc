"""A question to the booth: asked, reminded, passed on, answered, closed; the clock stands still meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.actions.assignments import resolve, snooze
from engagement.actions.consults import answer_consult, close_consult, consult, look_after_next, set_consult_policy
from engagement.beside import sections_for
from engagement.consult_tokens import LINK_SALT, is_reply_token, link_token, reply_token
from engagement.models import Assignment, Consult, ConsultRequest
from engagement.refusals import Refusal
from engagement.tasks import look_after_consults
from roles import clock
from roles.models import AuditEntry, Mail
from roles.tenancy import acting_for
from tests.cast import Cast

HOSTILE = '<script>alert("x")</script> {{ 7|add:7 }} \u202e'


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def asked(acme: Cast, claimed: Callable[..., Assignment], at: datetime) -> Consult:
    set_consult_policy(
        acme.organization, remind_after_minutes=60, replace_after_minutes=120, in_business_hours=False,
        by=acme.carla, at=at,
    )  # fmt: skip
    return consult(claimed(), question="May we promise a date?", to=[acme.bodo], deputy=acme.elif_, by=acme.rosa, at=at)


def request_of(made: Consult) -> ConsultRequest:
    return ConsultRequest.objects.with_everything().get(consult=made)


def link_in(mail: Mail) -> str:
    return next(word for word in mail.text.split() if "/consults/answer/" in word).split("//", 1)[1].split("/", 1)[1]


def test_it_is_asked_by_mail_and_the_clock_stands_still(acme: Cast, asked: Consult, at: datetime) -> None:
    mail = Mail.objects.get(member=acme.bodo)
    assert "May we promise a date?" in mail.text and "Is Acme down?" in mail.text and "Is Acme down?" in mail.html
    row = Assignment.objects.get(pk=asked.assignment_id)
    assert row.pauses.get().about == f"consult {asked.pk}" and row.pauses.get().ended_at is None
    answer_consult(request_of(asked), text="Yes: Friday.", by=acme.bodo, at=at + timedelta(minutes=5))
    asked.refresh_from_db()
    assert asked.state == "answered" and row.pauses.get().ended_at == at + timedelta(minutes=5)
    told = Mail.objects.get(member=acme.rosa)
    assert told.subject == "Bodo has answered" and "Yes: Friday." in told.text
    assert Assignment.objects.get(pk=row.pk).version > row.version


def test_the_same_question_sent_twice_is_asked_once(acme: Cast, asked: Consult, at: datetime) -> None:
    again = consult(asked.assignment, question=" May we promise a date? ", to=[acme.bodo], by=acme.rosa, at=at)
    assert again == asked and Mail.objects.filter(member=acme.bodo).count() == 1


def test_only_who_was_asked_answers(acme: Cast, asked: Consult, at: datetime) -> None:
    with pytest.raises(PermissionDenied, match="asked of Bodo"):
        answer_consult(request_of(asked), text="Yes", by=acme.rosa, at=at)
    with pytest.raises(ValidationError):
        answer_consult(request_of(asked), text="  ", by=acme.bodo, at=at)
    with pytest.raises(ValidationError):
        consult(asked.assignment, question="And?", to=[acme.rosa], by=acme.rosa, at=at)
    with pytest.raises(PermissionDenied):
        consult(asked.assignment, question="And?", to=[acme.rosa], by=acme.gita, at=at)


def test_an_answer_can_be_corrected_until_the_question_is_closed(acme: Cast, asked: Consult, at: datetime) -> None:
    answer_consult(request_of(asked), text="Yes", by=acme.bodo, at=at)
    answer_consult(request_of(asked), text="No", by=acme.bodo, at=at + timedelta(minutes=1))
    request = request_of(asked)
    assert (request.answer, request.answered_at, request.corrected_at) == ("No", at, at + timedelta(minutes=1))
    assert AuditEntry.objects.get(verb="correct_answer").before == {"answer": "Yes"}
    close_consult(asked, by=acme.rosa, at=at)
    with pytest.raises(Refusal):
        answer_consult(request_of(asked), text="Maybe", by=acme.bodo, at=at)


def test_all_of_them_where_all_are_needed(acme: Cast, claimed: Any, at: datetime) -> None:
    row = claimed()
    made = consult(row, question="Is it legal?", to=[acme.bodo, acme.olga], needs_all=True, by=acme.rosa, at=at)
    first, second = ConsultRequest.objects.with_everything().order_by("pk")
    answer_consult(first, text="Yes", by=acme.bodo, at=at)
    made.refresh_from_db()
    assert made.state == "waiting" and row.pauses.filter(ended_at=None).exists()
    answer_consult(second, text="Yes", by=acme.olga, at=at)
    made.refresh_from_db()
    assert made.state == "answered" and not row.pauses.filter(ended_at=None).exists()


def test_what_sleeps_until_the_answer_wakes(acme: Cast, asked: Consult, at: datetime) -> None:
    snooze(asked.assignment, wakes_on="consult_answered", by=acme.rosa, at=at)
    answer_consult(request_of(asked), text="Yes", by=acme.bodo, at=at + timedelta(minutes=1))
    row = Assignment.objects.get(pk=asked.assignment_id)
    assert (row.state, row.wakes_on) == ("claimed", "")


def test_a_reminder_then_the_deputy_then_back(acme: Cast, asked: Consult, at: datetime) -> None:
    assert not look_after_next(at=at + timedelta(minutes=59))
    assert look_after_next(at=at + timedelta(minutes=60))
    assert not look_after_next(at=at + timedelta(minutes=61))
    assert Mail.objects.filter(member=acme.bodo).count() == 2
    assert look_after_next(at=at + timedelta(minutes=120))
    assert Mail.objects.filter(member=acme.elif_).count() == 1
    assert "Elif is asked now" in Mail.objects.get(member=acme.rosa).subject
    for minutes in (180, 240):
        assert look_after_next(at=at + timedelta(minutes=minutes))
    asked.refresh_from_db()
    assert asked.state == "returned"
    assert not asked.assignment.pauses.filter(ended_at=None).exists()
    # A late answer is one all the same.
    late = ConsultRequest.objects.with_everything().get(member=acme.bodo)
    answer_consult(late, text="Yes", by=acme.bodo, at=at + timedelta(days=1))
    asked.refresh_from_db()
    assert asked.state == "answered"


def test_nobody_is_reminded_of_what_was_resolved(acme: Cast, asked: Consult, at: datetime) -> None:
    resolve(asked.assignment, outcome="no_answer_needed", by=acme.rosa, at=at)
    assert look_after_next(at=at + timedelta(hours=1))
    assert not look_after_next(at=at + timedelta(hours=3))
    assert Mail.objects.filter(member=acme.bodo).count() == 1
    with pytest.raises(Refusal):
        answer_consult(request_of(asked), text="Yes", by=acme.bodo, at=at)


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests import factories

    with acting_for(cast.organization):
        for number in range(4):
            row = factories.assignment(department=cast.care, member=cast.rosa, state="claimed", claimed_at=at)
            consult(row, question=f"Question {number}?", to=[cast.bodo], by=cast.rosa, at=at - timedelta(days=4))
        ConsultRequest.objects.update(next_look_at=at)

    def work(_number: int) -> None:
        try:
            look_after_consults()
        finally:
            connections.close_all()

    monkeypatch.setattr(clock, "now", lambda: at)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    with acting_for(cast.organization):
        assert Mail.objects.filter(member=cast.bodo, key__endswith="again").count() == 4
        assert AuditEntry.objects.filter(verb="remind").count() == 4


def test_the_link_answers_without_signing_in(acme: Cast, asked: Consult) -> None:
    path = link_in(Mail.objects.get(member=acme.bodo))
    client, before = Client(), AuditEntry.objects.count()
    for _scanner in range(3):
        page = client.get(f"/{path}")
        assert page.status_code == 200 and client.head(f"/{path}").status_code == 200
    assert "May we promise a date?" in page.content.decode() and "Is Acme down?" in page.content.decode()
    assert page.headers["Referrer-Policy"] == "same-origin" and "no-store" in page.headers["Cache-Control"]
    assert AuditEntry.objects.count() == before and request_of(asked).state == "waiting"
    page = client.post(f"/{path}", {"text": "Yes: Friday."})
    assert page.status_code == 200 and "Thank you" in page.content.decode()
    assert (request_of(asked).answer, request_of(asked).way) == ("Yes: Friday.", "link")
    client.post(f"/{path}", {"text": "Yes: Monday."})
    assert request_of(asked).answer == "Yes: Monday."
    assert client.post(f"/{path}", {"text": ""}).status_code == 422
    # It opens nothing else.
    assert client.get(f"/o/acme/queue/{asked.assignment_id}/").status_code == 302
    close_consult(asked, by=acme.rosa, at=clock.now())
    page = client.post(f"/{path}", {"text": "Never."})
    assert page.status_code == 422 and "closed" in page.content.decode()
    assert request_of(asked).answer == "Yes: Monday."


def test_links_that_are_wrong_ended_or_anothers_open_nothing(
    acme: Cast, asked: Consult, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, client = request_of(asked), Client()
    forged = [
        signing.dumps([acme.elsewhere.pk, request.pk, request.member_id], salt=LINK_SALT),
        signing.dumps([acme.organization.pk, request.pk, acme.rosa.pk], salt=LINK_SALT),
        signing.dumps([acme.organization.pk, request.pk, request.member_id], salt="touchline.acknowledge"),
        signing.dumps(["x"], salt=LINK_SALT),
        link_token(request)[:-1],
        "nonsense",
    ]
    for token in forged:
        for method in ("get", "post"):
            page = getattr(client, method)(f"/consults/answer/{token}/", {"text": "Ha"})
            assert page.status_code == 404 and "opens nothing" in page.content.decode(), token
    good = link_token(request)
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: clock.now().timestamp() + 31 * 86400)
        assert "30 days" in client.get(f"/consults/answer/{good}/").content.decode()
    acme.bodo.is_active = False
    acme.bodo.save()
    assert client.post(f"/consults/answer/{good}/", {"text": "Ha"}).status_code == 404
    assert request_of(asked).answer == ""


def test_who_tries_too_often_must_wait(acme: Cast, asked: Consult) -> None:
    client = Client()
    statuses = [client.get(f"/consults/answer/guess{number}/").status_code for number in range(61)]
    assert statuses[:60] == [404] * 60 and statuses[60] == 429
    assert client.get(f"/consults/answer/{link_token(request_of(asked))}/").status_code == 429


def test_a_reply_token_is_one_persons_of_one_question(acme: Cast, asked: Consult, settings: Any, at: datetime) -> None:
    request = request_of(asked)
    other = request_of(consult(asked.assignment, question="And?", to=[acme.olga], by=acme.rosa, at=at))
    token = reply_token(request)
    assert token == token.lower() and len(f"touchline+{token}") <= 64
    assert is_reply_token(token, request) and not is_reply_token(token, other)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert is_reply_token(token, request)


def test_hostile_words_stay_words(acme: Cast, claimed: Any, at: datetime, sign_in: Any) -> None:
    row = claimed(text=HOSTILE)
    made = consult(row, question=HOSTILE + "\nBcc: all@example.org", to=[acme.bodo], by=acme.rosa, at=at)
    mail = Mail.objects.get(member=acme.bodo)
    assert "<script" not in mail.html and "{{ 7|add:7 }}" in mail.text and "\n" not in mail.subject
    answer_consult(request_of(made), text=HOSTILE, by=acme.bodo, at=at)
    for page in (
        Client().get(f"/consults/answer/{link_token(request_of(made))}/"),
        sign_in(acme.rosa).get(f"/o/acme/queue/{row.pk}/"),
        sign_in(acme.bodo).get("/o/acme/questions/?tab=answered"),
    ):
        assert page.status_code == 200 and "<script>alert" not in page.content.decode()


def test_pages_of_who_asks_and_who_is_asked(acme: Cast, asked: Consult, at: datetime, sign_in: Any) -> None:
    rosa, bodo, carla = sign_in(acme.rosa), sign_in(acme.bodo), sign_in(acme.carla)
    here = f"/o/acme/queue/{asked.assignment_id}/consult/"
    form = rosa.get(here)
    assert "Is Acme down?" in form.content.decode() and "Bodo" in form.content.decode()
    assert rosa.post(here, {"question": "", "to": acme.bodo.pk}).status_code == 422
    assert rosa.post(here, {"question": "And the price?", "to": [acme.bodo.pk, acme.gita.pk]}).status_code == 302
    assert Consult.objects.count() == 2
    listed = bodo.get("/o/acme/questions/").content.decode()
    assert "May we promise a date?" in listed and "And the price?" in listed
    own = ConsultRequest.objects.get(consult=asked)
    assert sign_in(acme.elif_).get(f"/o/acme/questions/{own.pk}/").status_code == 404
    assert bodo.get(f"/o/acme/questions/{own.pk}/").status_code == 200
    assert bodo.post(f"/o/acme/questions/{own.pk}/answer/", {"text": "Yes"}).status_code == 302
    beside = " ".join(rosa.get(f"/o/acme/queue/{asked.assignment_id}/").content.decode().split())
    assert 'data-insert="#reply_text" data-text="Yes"' in beside and "Waiting for Gita" in beside
    assert "And the price?" in carla.get("/o/acme/consults/").content.decode()
    assert "May we promise a date?" in carla.get("/o/acme/consults/?tab=all").content.decode()
    policy = {"remind_after_minutes": "30", "replace_after_minutes": "20"}
    assert carla.post("/o/acme/consults/policy/", policy).status_code == 422
    assert carla.post("/o/acme/consults/policy/", policy | {"replace_after_minutes": "90"}).status_code == 302
    assert rosa.post(f"/o/acme/consults/{asked.pk}/close/").status_code == 302
    asked.refresh_from_db()
    assert asked.state == "closed"


def test_a_section_beside_costs_one_query(acme: Cast, asked: Consult, at: datetime) -> None:
    row = Assignment.objects.with_mentions().get(pk=asked.assignment_id)
    _ = acme.rosa.held_positions
    sections_for(row, acme.rosa, at=at)
    with CaptureQueriesContext(connection) as queries:
        sections_for(row, acme.rosa, at=at)
    mine = [query for query in queries.captured_queries if "consult" in query["sql"]]
    assert len(mine) == 1


@pytest.mark.parametrize("address", ["questions/", "consults/", "consults/?tab=all"])
def test_lists_cost_the_same_for_one_and_for_many(
    acme: Cast, claimed: Any, at: datetime, sign_in: Any, address: str
) -> None:
    client, row = sign_in(acme.bodo if address == "questions/" else acme.carla), claimed()
    counts = []
    for number in range(20):
        consult(row, question=f"Question {number}?", to=[acme.bodo], by=acme.rosa, at=at)
        if number in {0, 19}:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/o/acme/{address}").status_code == 200
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_over_the_api(acme: Cast, claimed: Any, api: Any) -> None:
    row = claimed()
    rosa, bodo = api(acme.rosa), api(acme.bodo)
    said = {"assignment": row.pk, "question": "May we?", "to": [acme.bodo.pk], "deputy": acme.olga.pk}
    made = rosa.post("/api/v1/consults/", said)
    assert made.status_code == 201 and made.json()["requests"][0]["member_name"] == "Bodo"
    assert rosa.get("/api/v1/consults/?state=waiting").json()["results"][0]["id"] == made.json()["id"]
    assert bodo.get("/api/v1/consults/").status_code == 403
    (mine,) = bodo.get("/api/v1/consult-requests/?open=true").json()["results"]
    answered = bodo.post(f"/api/v1/consult-requests/{mine['id']}/answer/", {"text": "Yes"})
    assert answered.status_code == 200 and answered.json()["state"] == "answered"
    assert api(acme.olga).post(f"/api/v1/consult-requests/{mine['id']}/answer/", {"text": "No"}).status_code == 404
    assert rosa.post(f"/api/v1/consults/{made.json()['id']}/close/").json()["state"] == "closed"
    assert bodo.post(f"/api/v1/consult-requests/{mine['id']}/answer/", {"text": "No"}).status_code == 409
