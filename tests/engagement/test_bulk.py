"""Several at once: each by its own action, each with its own answer, and back again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from engagement.actions.assignments import claim
from engagement.actions.many import MOST, do_to_many, undo_many
from engagement.models import Assignment
from roles.models import AuditEntry, Level
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]
HTMX = {"HX-Request": "true"}


def chosen(*rows: Assignment) -> list[str]:
    return [f"{row.pk}~{row.version}" for row in rows]


def states() -> list[str]:
    return list(Assignment.objects.order_by("pk").values_list("state", flat=True))


def test_each_gets_its_own_answer(acme: Cast, given: Given, at: datetime) -> None:
    rows = [given(), given(), given()]
    claim(rows[1], by=acme.rui, at=at)
    answers = do_to_many([(row, 0) for row in rows], verb="claim", by=acme.rosa, at=at)
    assert [answer.was_done for answer in answers] == [True, False, True]
    assert "Rui" in answers[1].problem
    assert AuditEntry.objects.filter(verb="claim", by=acme.rosa).count() == 2


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("claim", "claimed"),
        ("snooze:tomorrow", "snoozed"),
        ("snooze:author_writes", "snoozed"),
        ("resolve:spam", "resolved"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_what_is_ticked_is_done_and_undone(
    acme: Cast, given: Given, sign_in: Any, said: str, state: str, headers: dict[str, str]
) -> None:
    rows, rosa = [given(acme.rosa), given(acme.rosa), given(acme.rosa)], sign_in(acme.rosa)
    answer = rosa.post("/o/acme/queue/bulk/", {"do": said, "row": chosen(*rows[:2])}, headers=headers)
    assert states() == [state, state, "open"]
    page = answer if headers else rosa.get("/o/acme/queue/")
    assert "2 done." in page.content.decode()
    undo = page.content.decode().split('name="what" value="')[1].split('"')[0]
    rosa.post("/o/acme/queue/bulk/undo/", {"what": undo}, headers=headers)
    assert set(states()) <= {"open", "claimed"}


def test_they_are_handed_to_a_colleague(acme: Cast, given: Given, sign_in: Any) -> None:
    rows = [given(acme.rosa), given(acme.rosa)]
    sign_in(acme.rosa).post("/o/acme/queue/bulk/", {"do": "hand_off", "to": acme.rui.pk, "row": chosen(*rows)})
    assert Assignment.objects.filter(member=acme.rui).count() == 2


def test_what_could_not_be_done_says_why(acme: Cast, given: Given, sign_in: Any, at: datetime) -> None:
    rows, rosa = [given(text="First one"), given(text="Second one")], sign_in(acme.rosa)
    claim(rows[0], by=acme.rui, at=at)
    said = rosa.post("/o/acme/queue/bulk/", {"do": "claim", "row": chosen(*rows)}, headers=HTMX).content.decode()
    assert "1 done. 1 not." in said and "First one" in said and "Rui has claimed this" in said


def test_where_a_level_went_down_what_is_there_is_put_away(acme: Cast, given: Given, sign_in: Any, api: Any) -> None:
    rows, rosa = [given(acme.rosa), given(acme.rosa), given(acme.rosa)], sign_in(acme.rosa)
    acme.organization.level = Level.PASSIVE
    acme.organization.save(update_fields=["level"])
    rosa.post("/o/acme/queue/bulk/", {"do": "resolve:spam", "row": chosen(*rows[:2])})
    assert states() == ["resolved", "resolved", "open"]
    said = rosa.post("/o/acme/queue/bulk/", {"do": "claim", "row": chosen(rows[2])}, headers=HTMX).content.decode()
    assert "1 not." in said and "“Claim an assignment” opens at" in said
    last = {"verb": "resolve", "assignments": [rows[2].pk], "outcome": "spam"}
    assert api(acme.rosa).post("/api/v1/assignments/bulk/", last).json()[0]["was_done"]


def test_only_what_one_sees_and_only_so_many(acme: Cast, given: Given, sign_in: Any, at: datetime) -> None:
    rosa, theirs = sign_in(acme.rosa), factories.assignment(department=acme.press)
    rosa.post("/o/acme/queue/bulk/", {"do": "resolve:spam", "row": chosen(theirs)})
    assert states() == ["open"]
    with pytest.raises(ValidationError):
        do_to_many([(theirs, 0)] * (MOST + 1), verb="claim", by=acme.carla, at=at)
    with pytest.raises(ValidationError):
        undo_many([theirs] * (MOST + 1), verb="claim", by=acme.carla, at=at)


@pytest.mark.parametrize("body", [{}, {"do": "claim"}, {"do": "dance", "row": "1~0"}, {"do": "claim", "row": "x~y"}])
def test_nonsense_changes_nothing(acme: Cast, given: Given, sign_in: Any, body: dict[str, str]) -> None:
    given(acme.rosa)
    rosa = sign_in(acme.rosa)
    assert rosa.post("/o/acme/queue/bulk/", body, headers=HTMX).status_code in {200, 422}
    assert rosa.post("/o/acme/queue/bulk/undo/", {"what": "forged"}, headers=HTMX).status_code == 422
    assert states() == ["open"]
