"""The level: who sets it, what it opens, and the page that says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from maturity.actions.levels import set_level
from maturity.ladder import ladder
from roles import clock
from roles.levels import OPENED_BY
from roles.models import AuditEntry, Level, Role
from roles.permissions import decide
from tests.cast import Cast, join


def test_a_coach_sets_it_with_a_reason_that_is_kept(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    address = "/o/acme/playbook/set-level/"
    assert client.post(address, {"whole-level": "engaging", "whole-reason": ""}).status_code == 422
    assert client.post(address, {"whole-level": "heroic", "whole-reason": "Why not"}).status_code == 422
    assert client.post(address, {"whole-level": "engaging", "whole-reason": "We are ready"}).status_code == 302
    acme.organization.refresh_from_db()
    assert acme.organization.level == Level.ENGAGING
    entry = AuditEntry.objects.get(verb="set_level")
    assert entry.before == {"level": "responsive"} and entry.after == {"level": "engaging", "reason": "We are ready"}
    page = sign_in(acme.elif_).get("/o/acme/playbook/").content.decode()
    assert "We are ready" in page and "Carla" in page and "Responsive →" in page


def test_it_opens_and_closes_replies_at_once(acme: Cast) -> None:
    now = clock.now()
    assert decide(acme.rosa, "engagement.reply", acme.care)
    set_level(acme.care, level=Level.PASSIVE, reason="A pause", by=acme.carla, at=now)
    refused = decide(acme.rosa, "engagement.reply", acme.care)
    assert not refused and "Passive" in refused.reason
    assert decide(acme.carla, "engagement.reply", acme.press)
    set_level(acme.care, level="", reason="Over", by=acme.carla, at=now)
    assert decide(acme.rosa, "engagement.reply", acme.care)


def test_a_department_follows_the_whole_until_it_has_its_own(acme: Cast) -> None:
    now = clock.now()
    set_level(acme.organization, level=Level.PASSIVE, reason="Back to listening", by=acme.carla, at=now)
    acme.care.refresh_from_db()
    assert acme.care.effective_level == Level.PASSIVE
    set_level(acme.care, level=Level.CREATING, reason="They can", by=acme.carla, at=now)
    acme.press.refresh_from_db()
    assert (acme.care.effective_level, acme.press.effective_level) == (Level.CREATING, Level.PASSIVE)


def test_only_coaches_and_each_where_they_coach(acme: Cast, sign_in: Any) -> None:
    now = clock.now()
    cora = join("Cora", Role.COACH, acme.care)
    set_level(acme.care, level=Level.PASSIVE, reason="Mine", by=cora, at=now)
    for where in (acme.press, acme.organization):
        with pytest.raises(PermissionDenied):
            set_level(where, level=Level.CREATING, reason="Not mine", by=cora, at=now)
    address = f"/o/acme/playbook/departments/{acme.care.pk}/set-level/"
    data = {f"d{acme.care.pk}-level": "creating", f"d{acme.care.pk}-reason": "?"}
    assert sign_in(acme.carla).get(address).status_code == 405
    for who in (acme.olga, acme.rosa, acme.elif_):
        assert sign_in(who).post(address, data).status_code == 403
    assert sign_in(acme.sam).post(address.replace("acme", "elsewhere"), data).status_code == 404
    page = sign_in(cora).post("/o/acme/playbook/set-level/", {"whole-level": "creating", "whole-reason": "?"})
    assert page.status_code == 422, "the page says why instead of losing what was typed"
    acme.organization.refresh_from_db()
    assert acme.organization.level == Level.RESPONSIVE


def test_the_same_level_again_is_no_change(acme: Cast) -> None:
    with pytest.raises(ValidationError):
        set_level(acme.organization, level=Level.RESPONSIVE, reason="Again", by=acme.carla, at=clock.now())
    assert not AuditEntry.objects.exists()


def test_the_ladder_says_what_the_table_says() -> None:
    from roles.capability_words import LABELS

    rungs = {rung.level: rung for rung in ladder(Level.RESPONSIVE)}
    assert [rung.is_reached for rung in rungs.values()] == [True, True, False, False]
    for capability, level in OPENED_BY.items():
        assert [rung.level for rung in rungs.values() if LABELS[capability] in rung.opens] == [level]


def test_who_may_not_set_it_sees_why(acme: Cast, sign_in: Any) -> None:
    page = sign_in(acme.bodo).get("/o/acme/playbook/").content.decode()
    assert "Only these roles may do this here: Coach." in page and "Set the level" not in page


def test_over_the_api(acme: Cast, api: Any) -> None:
    coach, here = api(acme.carla), "/api/v1/levels/"
    shown = {row["department"]: row for row in api(acme.rosa).get(here).json()}
    assert shown.keys() == {None, acme.care.pk, acme.press.pk} and shown[acme.care.pk]["follows"]
    assert {row["capability"] for row in shown[None]["closed"]} == {
        "engagement.join", "engagement.start", "content.plan",
    }  # fmt: skip
    assert shown[acme.care.pk]["closed"][0]["missing"].endswith(
        f"/o/acme/playbook/departments/{acme.care.pk}/#engaging"
    )
    said = {"department": acme.care.pk, "level": "passive", "reason": "A pause"}
    assert api(acme.rosa).post(f"{here}change/", said).status_code == 403
    assert coach.post(f"{here}change/", said | {"reason": ""}).status_code == 400
    changed = {row["department"]: row for row in coach.post(f"{here}change/", said).json()}
    assert (changed[acme.care.pk]["level"], changed[acme.care.pk]["follows"]) == ("passive", False)
    assert len(changed[acme.care.pk]["closed"]) == len(OPENED_BY)
    raised = coach.post(f"{here}change/", {"level": "engaging", "reason": "We are ready"}).json()[0]
    assert [row["capability"] for row in raised["closed"]] == ["content.plan"]
    raised = coach.post(f"{here}change/", {"level": "creating", "reason": "We are ready"}).json()[0]
    assert raised["closed"] == []
    assert coach.post(f"{here}change/", {"level": "", "reason": "?"}).status_code == 400
