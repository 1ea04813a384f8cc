"""Programs plan surges, change what they name and no more, and read how it went."""

from __future__ import annotations

from typing import Any

from engagement.actions.rules import add_rule
from maturity.actions.surges import (
    change_surge,
    plan_surge,
)
from maturity.models import SurgePlan
from roles.models import Position, Role
from tests import factories
from tests.cast import Cast, join
from tests.maturity.conftest import NOW


def test_over_the_api(acme: Cast, ready: dict[str, Any], api: Any) -> None:
    coach = api(acme.carla)
    query = factories.query()
    said = {
        "department": acme.care.pk, "title": "Fair", "factor": 3, "members": [acme.gita.pk], "query": query.pk,
        "on_call": [acme.carla.pk], "holds_content": True,
    }  # fmt: skip
    made = coach.post("/api/v1/surge-plans/", said)
    assert made.status_code == 201 and made.json()["members"] == [acme.gita.pk] and made.json()["factor"] == 3
    assert (made.json()["on_call"], made.json()["query"]) == ([acme.carla.pk], query.pk)
    key = made.json()["id"]
    assert api(acme.elif_).post(f"/api/v1/surge-plans/{key}/switch-on/").status_code == 403
    assert coach.post(f"/api/v1/surge-plans/{key}/switch-on/").json()["state"] == "on"
    assert coach.post(f"/api/v1/surge-plans/{key}/lessons/", {"text": "Tea"}).json()["lessons"] == "Tea"
    assert coach.post(f"/api/v1/surge-plans/{key}/switch-off/").json()["state"] == "over"
    assert len(api(acme.elif_).get("/api/v1/surge-plans/").json()["results"]) == 2
    assert coach.post("/api/v1/surge-plans/", said | {"trigger": "by_time"}).status_code == 400


def test_two_programs_change_what_each_names(acme: Cast, ready: dict[str, Any]) -> None:
    read = SurgePlan.objects.get(pk=ready["plan"].pk)
    change_surge(ready["plan"], title="Another", members=[acme.gita], by=acme.carla, at=NOW)
    change_surge(read, note="Bring tea.", rules=[ready["off"]], by=acme.carla, at=NOW)
    row = SurgePlan.objects.get(pk=read.pk)
    assert (row.title, row.note) == ("Another", "Bring tea.")
    parts = list(row.parts.all())
    assert {part.member_id for part in parts if part.member_id} == {acme.gita.pk}
    assert {part.rule_id for part in parts if part.rule_id} == {ready["off"].pk}
    assert [part.saved_reply for part in parts if part.saved_reply_id] == [ready["reply"]]


def test_what_a_program_does_not_name_is_not_asked_about_again(acme: Cast, ready: dict[str, Any], api: Any) -> None:
    """A plan may bring what its coach could not have named, and who was to be called may coach no more."""
    cora = join("Cora", Role.COACH, acme.care)
    everywhere = add_rule(acme.organization, name="For all", goes_on=True, by=None, at=NOW)
    plan = plan_surge(
        acme.care, title="Sale", on_call=[acme.carla], rules=[everywhere, ready["off"]], by=acme.carla, at=NOW
    )
    Position.objects.filter(member=acme.carla).update(role=Role.RESPONDER)
    program, here = api(cora), f"/api/v1/surge-plans/{plan.pk}/"
    changed = program.patch(here, {"title": "Summer sale"})
    assert changed.status_code == 200, changed.json()
    assert (changed.json()["title"], changed.json()["on_call"]) == ("Summer sale", [acme.carla.pk])
    assert program.patch(here, {"on_call": [acme.carla.pk]}).status_code == 400, "what is named is asked about"
    assert program.patch(here, {"rules": [everywhere.pk]}).status_code == 403


def test_a_program_changes_a_plan_and_reads_what_came(acme: Cast, ready: dict[str, Any], api: Any) -> None:
    coach = api(acme.carla)
    plan = plan_surge(
        acme.care, title="Sale", members=[acme.gita], on_call=[acme.carla], rules=[ready["off"]], by=acme.carla, at=NOW
    )
    here = f"/api/v1/surge-plans/{plan.pk}/"
    changed = coach.patch(here, {"title": "Summer sale", "members": []})
    assert changed.status_code == 200, changed.json()
    said = changed.json()
    assert (said["title"], said["members"], said["on_call"]) == ("Summer sale", [], [acme.carla.pk])
    assert said["rules"] == [ready["off"].pk], "what is not named stays"
    assert coach.patch(here, {"department": acme.press.pk}).status_code == 400
    assert api(acme.rosa).patch(here, {"title": "Mine"}).status_code == 403
    assert coach.get(f"{here}aftermath/").status_code == 404, "it never was in force"
    coach.post(f"{here}switch-on/")
    assert coach.patch(here, {"title": "Late"}).status_code == 400, "it has come into force"
    came = coach.get(f"{here}aftermath/").json()
    assert came["mentions"] == 0 and [row["said"] for row in came["decided"]]
    # Two people work here only: a total would be somebody's own, but to those who coach them.
    assert api(acme.elif_).get(f"{here}aftermath/").json()["worked_seconds"] is None
    assert came["worked_seconds"] == 0
