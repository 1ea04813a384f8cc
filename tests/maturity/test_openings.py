"""Opening something before its level: kept, shown, and asked by the one rule."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from maturity.actions.levels import set_level
from maturity.actions.openings import close_early, open_early
from roles import clock
from roles.models import AuditEntry, EarlyOpening, Level, Role
from roles.permissions import decide
from tests.cast import Cast, join


def opened(acme: Cast, where: Any, **fields: Any) -> EarlyOpening:
    given = {"capability": "engagement.join", "reason": "They can", "by": acme.carla, "at": clock.now()}
    return open_early(where, **given | fields)


def test_it_opens_in_one_department_and_closes_again(acme: Cast) -> None:
    refused = decide(acme.rosa, "engagement.join", acme.care)
    assert not refused and refused.url == f"/playbook/departments/{acme.care.pk}/#engaging"
    row = opened(acme, acme.care)
    assert decide(acme.rosa, "engagement.join", acme.care) and decide(acme.rosa, "engagement.join")
    assert not decide(acme.carla, "engagement.join", acme.press)
    assert not decide(acme.rosa, "engagement.start", acme.care)
    close_early(row, by=acme.carla, at=clock.now())
    assert not decide(acme.rosa, "engagement.join", acme.care) and not decide(acme.rosa, "engagement.join")
    assert [entry.verb for entry in AuditEntry.objects.order_by("pk")] == ["open_early", "close_early"]


def test_who_joins_conversations_early_can_say_something_there(acme: Cast) -> None:
    set_level(acme.organization, level=Level.PASSIVE, reason="A pause", by=acme.carla, at=clock.now())
    assert not decide(acme.rosa, "engagement.reply", acme.care)
    opened(acme, acme.care)
    assert decide(acme.rosa, "engagement.join", acme.care) and decide(acme.rosa, "engagement.reply", acme.care)
    assert not decide(acme.rosa, "engagement.claim", acme.care), "nothing is given out there for all that"


def test_open_for_the_whole_it_reaches_departments_that_follow_the_whole(acme: Cast) -> None:
    set_level(acme.press, level=Level.PASSIVE, reason="A pause", by=acme.carla, at=clock.now())
    opened(acme, acme.organization)
    assert decide(acme.rosa, "engagement.join", acme.care) and decide(acme.carla, "engagement.join")
    assert not decide(acme.carla, "engagement.join", acme.press)


def test_a_page_is_open_where_one_works_if_it_is_open_in_ones_department(acme: Cast, sign_in: Any) -> None:
    paula = join("Paula", Role.RESPONDER, acme.press)
    assert sign_in(acme.rosa).get("/o/acme/starters/").status_code in {403, 404}
    set_level(acme.care, level=Level.ENGAGING, reason="They are ready", by=acme.carla, at=clock.now())
    assert decide(acme.rosa, "engagement.start") and not decide(paula, "engagement.start")


def test_nothing_is_opened_without_a_reason_twice_or_by_those_who_may_not(acme: Cast) -> None:
    cora = join("Cora", Role.COACH, acme.care)
    for fields in ({"reason": " "}, {"capability": "engagement.note"}, {"capability": "engagement.reply"}):
        with pytest.raises(ValidationError):
            opened(acme, acme.care, **fields)
    opened(acme, acme.care, by=cora)
    with pytest.raises(ValidationError):
        opened(acme, acme.care)
    for where, who in ((acme.press, cora), (acme.organization, cora), (acme.care, acme.rosa)):
        with pytest.raises(PermissionDenied):
            opened(acme, where, capability="engagement.start", by=who)
    whole = opened(acme, acme.organization, capability="engagement.start")
    with pytest.raises(PermissionDenied):
        close_early(whole, by=cora, at=clock.now())


def test_it_is_shown_with_its_reason(acme: Cast, sign_in: Any) -> None:
    coach = sign_in(acme.carla)
    address = f"/o/acme/playbook/departments/{acme.care.pk}/open-early/"
    assert coach.post(address, {"capability": "engagement.join", "reason": ""}).status_code == 422
    assert coach.post(address, {"capability": "engagement.note", "reason": "?"}).status_code == 422
    assert coach.post(address, {"capability": "engagement.join", "reason": "They <i>can</i>"}).status_code == 302
    text = sign_in(acme.rosa).get(f"/o/acme/playbook/departments/{acme.care.pk}/").content.decode()
    assert "They &lt;i&gt;can&lt;/i&gt;" in text and "opened early" in text and "Leave it to the level" not in text
    assert "They &lt;i&gt;" not in coach.get(f"/o/acme/playbook/departments/{acme.press.pk}/").content.decode()
    row = EarlyOpening.objects.get()
    assert coach.post(f"/o/acme/playbook/openings/{row.pk}/close-early/").status_code == 302
    said = {"capability": "engagement.start", "reason": "We try it"}
    assert coach.post("/o/acme/playbook/open-early/", said).status_code == 302


def test_what_is_locked_leads_to_the_ladder(acme: Cast, sign_in: Any) -> None:
    text = sign_in(acme.carla).get("/o/acme/joining/").content.decode()
    assert "/o/acme/playbook/#engaging" in text and "What is missing" in text


def test_it_leads_there_from_every_door(acme: Cast, sign_in: Any, api: Any) -> None:
    rosa = sign_in(acme.rosa)
    assert 'href="/o/acme/playbook/#engaging"' in rosa.get("/o/acme/joining/").content.decode()
    refused = rosa.get("/o/acme/joining/starters/")
    assert refused.status_code == 403
    page = refused.content.decode()
    assert "/o/acme/playbook/#engaging" in page and "What is missing" in page
    answer = api(acme.rosa).post("/api/v1/starters/", {"text": "Hello"})
    assert answer.status_code == 403 and answer.json()["missing"].endswith("/o/acme/playbook/#engaging")
    # What a role is missing, no level opens.
    assert "missing" not in api(acme.bodo).post("/api/v1/starters/", {"text": "Hello"}).json()


def test_over_the_api(acme: Cast, api: Any) -> None:
    coach = api(acme.carla)
    said = {"capability": "engagement.join", "department": acme.care.pk, "reason": "They can"}
    assert api(acme.rosa).post("/api/v1/early-openings/", said).status_code == 403
    made = coach.post("/api/v1/early-openings/", said)
    assert made.status_code == 201
    assert coach.post("/api/v1/early-openings/", said).status_code == 400
    assert coach.post(f"/api/v1/early-openings/{made.json()['id']}/close/").json()["closed_at"]
