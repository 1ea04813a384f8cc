"""Conversations of others: found by what we could give, joined along a step, limited where they are about us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.actions.assignments import resolve
from engagement.actions.joinings import add_starter, end_starter, join, limit_promotion
from engagement.joining import Share, ledger, share, worth_joining
from engagement.models import Assignment, Joining, Starter
from engagement.reason_words import in_words
from engagement.refusals import Refusal
from listening.models import Mention
from roles.models import Level, Position, Role
from tests import factories
from tests.cast import Cast


@pytest.fixture
def engaging(acme: Cast) -> Cast:
    acme.organization.level = Level.ENGAGING
    acme.organization.save()
    acme.care.refresh_from_db()
    return acme


@pytest.fixture
def heard(engaging: Cast, at: datetime) -> Callable[..., Mention]:
    place = factories.source(name="The cycling forum", network="practice")

    def make(text: str = "Which lock fits a cargo bike?", **fields: Any) -> Mention:
        return factories.mention(text, at=at, **{"source": place, **fields})

    return make


def test_what_we_could_give_most_to_stands_first_and_says_why(engaging: Cast, heard: Any, at: datetime) -> None:
    Position.objects.filter(member=engaging.bodo).update(skills=["locks", "lock"])
    plain = heard("A bike passed by.", relevance=0.2)
    question = heard("Which lock fits a cargo bike?", relevance=0.9)
    found, is_cut = worth_joining(at=at)
    assert [worth.mention for worth in found] == [question, plain] and not is_cut
    said = " ".join(found[0].reasons)
    assert "asks something" in said and "Bodo knows about “lock”" in said and "relevant" in said


def test_what_is_ours_addressed_to_us_internal_old_or_in_hand_is_not_among_them(
    engaging: Cast, heard: Any, at: datetime
) -> None:
    heard(channel=factories.channel())
    heard(is_old=True)
    heard(post=factories.post("Ours", is_ours=True))
    heard(post=factories.post("Inside", is_internal=True))
    heard(post=factories.post("Gone", withdrawn_at=at))
    heard(post=factories.post("Nowhere", network="feed"), network="feed")
    heard(state="routed", department=engaging.care)
    Mention.objects.filter(pk=heard().pk).update(captured_at=at - timedelta(days=15))
    assert worth_joining(at=at) == ([], False)


def test_who_joins_has_it_in_the_queue_and_no_clock_runs(engaging: Cast, heard: Any, at: datetime) -> None:
    row = join(heard(), step="provide_value", by=engaging.rosa, at=at)
    row = Assignment.objects.get(pk=row.pk)
    assert row.network == row.mention.network == "practice"
    assert (row.state, row.member, row.promise, row.is_overdue(at + timedelta(days=9))) == (
        "claimed", engaging.rosa, "", False,
    )  # fmt: skip
    assert "Rosa joined this conversation" in in_words(row.reasons)[0]
    assert row.mention.state == "routed"
    with pytest.raises(Refusal, match="already"):
        join(row.mention, step="engage", by=engaging.rui, at=at)


def test_it_opens_at_engaging(acme: Cast, at: datetime, sign_in: Any) -> None:
    mention = factories.mention(at=at)
    with pytest.raises(PermissionDenied, match="Engaging"):
        join(mention, step="engage", by=acme.rosa, at=at)
    page = sign_in(acme.rosa).get("/o/acme/joining/")
    assert page.status_code == 200 and "Not open yet" in page.content.decode()
    assert sign_in(acme.rosa).post(f"/o/acme/joining/{mention.pk}/join/", {"step": "engage"}).status_code == 403


@pytest.mark.parametrize(
    ("given", "asked", "may"), [(0, 0, False), (3, 0, False), (4, 0, True), (8, 1, True), (7, 1, False)]
)
def test_one_in_five_may_be_about_ourselves(given: int, asked: int, may: bool) -> None:
    found = Share(given, asked, 20, 30)
    assert (found.why_not("promote") == "") is may
    assert found.why_not("engage") == ""


def test_too_much_about_ourselves_is_refused_with_the_figures(engaging: Cast, heard: Any, at: datetime) -> None:
    for _number in range(3):
        join(heard(), step="provide_value", by=engaging.rosa, at=at)
    with pytest.raises(Refusal, match=r"1 of 4 conversations of the last 30 days .*25 %.*at most 20 %"):
        join(heard(), step="promote", by=engaging.rosa, at=at)
    row = join(heard(), step="promote_others", by=engaging.rosa, at=at)
    about_us = join(heard(), step="share_about_you", by=engaging.rosa, at=at)
    assert share(at=at).percent == 20
    # What was joined and left without a word does not count; what lies before the window does not either.
    resolve(about_us, outcome="no_answer_needed", by=engaging.rosa, at=at)
    assert share(at=at).asked_for == 0 and share(at=at + timedelta(days=31)).given == 0
    limit_promotion(engaging.organization, most_percent=50, window_days=30, by=engaging.carla, at=at)
    assert join(heard(), step="promote", by=engaging.rosa, at=at).joining.step == "promote"
    assert row.joining.by == engaging.rosa


def test_a_starter_has_an_owner_a_state_and_an_outcome(engaging: Cast, at: datetime) -> None:
    place = factories.source(network="practice")
    row = add_starter(text="What do you carry?", owner=engaging.rui, community=place, by=engaging.rosa, at=at)
    with pytest.raises(ValidationError):
        end_starter(row, state="started", url="javascript:alert(1)", by=engaging.rui, at=at)
    row = end_starter(row, state="started", url="https://example.org/1", by=engaging.rui, at=at)
    row = end_starter(row, state="started", outcome="Twelve answered.", by=engaging.rui, at=at)
    assert (row.state, row.url, row.outcome) == ("started", "https://example.org/1", "Twelve answered.")
    with pytest.raises(Refusal):
        end_starter(row, state="dropped", by=engaging.rui, at=at)
    advert = add_starter(text="Buy one!", owner=engaging.rui, step="promote", by=engaging.rosa, at=at)
    with pytest.raises(Refusal, match="Give something first"):
        end_starter(advert, state="started", by=engaging.rui, at=at)
    assert Starter.objects.filter(state="planned").count() == 1


def test_the_ledger_counts_what_we_gave_and_asked_for(engaging: Cast, heard: Any, at: datetime) -> None:
    forum = heard()
    for step in ("provide_value", "engage", "promote_others", "promote_others"):
        join(heard(), step=step, by=engaging.rosa, at=at)
    join(heard(), step="promote", by=engaging.rosa, at=at)
    factories.assignment(department=engaging.care, mention=heard(), first_answered_at=at, at=at)
    (account,) = ledger(at=at)
    assert account.name == str(forum.source)
    assert (account.answered, account.shared, account.promoted, account.asked_for) == (1, 2, 2, 1)
    assert not account.is_welcome
    assert ledger(at=at + timedelta(days=91)) == []


def test_pages(engaging: Cast, heard: Any, at: datetime, sign_in: Any) -> None:
    rosa, carla = sign_in(engaging.rosa), sign_in(engaging.carla)
    hostile = heard("<script>alert(1)</script> anyone?")
    page = rosa.get("/o/acme/joining/").content.decode()
    assert "<script>alert" not in page and "asks something" in page
    answer = rosa.post(f"/o/acme/joining/{hostile.pk}/join/", {"step": "engage"})
    assert answer.headers["Location"].endswith(f"/queue/{Joining.objects.get().assignment_id}/")
    starter = {"text": "What do you carry?", "owner": engaging.rosa.pk, "step": "engage"}
    assert rosa.post("/o/acme/joining/starters/", starter).status_code == 302
    assert "What do you carry?" in rosa.get("/o/acme/joining/starters/").content.decode()
    row = Starter.objects.get()
    assert rosa.post(f"/o/acme/joining/starters/{row.pk}/end/", {"state": "dropped"}).status_code == 302
    assert "What do you carry?" in rosa.get("/o/acme/joining/starters/?show=ended").content.decode()
    assert "cycling forum" in rosa.get("/o/acme/joining/ledger/").content.decode()
    assert rosa.get("/o/acme/joining/limit/").status_code == 403
    assert carla.post("/o/acme/joining/limit/", {"most_percent": "101", "window_days": "30"}).status_code == 422
    assert carla.post("/o/acme/joining/limit/", {"most_percent": "10", "window_days": "60"}).status_code == 302


@pytest.mark.parametrize("address", ["joining/", "joining/starters/", "joining/ledger/"])
def test_pages_cost_the_same_for_one_and_for_many(
    engaging: Cast, heard: Any, at: datetime, sign_in: Any, address: str
) -> None:
    client, counts = sign_in(engaging.rosa), []
    for number in range(15):
        heard()
        add_starter(text=f"{number}?", owner=engaging.rui, by=engaging.rosa, at=at)
        if number in {1, 14}:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/o/acme/{address}").status_code == 200
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_over_the_api(engaging: Cast, heard: Any, api: Any) -> None:
    mention, rosa = heard(), api(engaging.rosa)
    assert rosa.get("/api/v1/joinings/worth/").json()[0]["mention"] == mention.pk
    made = rosa.post("/api/v1/joinings/", {"mention": mention.pk, "step": "engage"})
    assert made.status_code == 201 and made.json()["mention"] == mention.pk
    assert rosa.post("/api/v1/joinings/", {"mention": heard().pk, "step": "promote"}).status_code == 409
    assert rosa.get("/api/v1/joinings/ledger/").json()[0]["shared"] == 1
    starter = rosa.post("/api/v1/starters/", {"text": "What do you carry?", "owner": engaging.rui.pk}).json()
    assert rosa.post(f"/api/v1/starters/{starter['id']}/end/", {"state": "dropped"}).json()["state"] == "dropped"
    assert Role.BOOTH in engaging.bodo.roles and api(engaging.bodo).get("/api/v1/starters/").status_code == 403
