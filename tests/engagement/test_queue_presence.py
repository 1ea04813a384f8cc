"""Who else is at an assignment, on its page and in the list: for those who may see it, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engagement.models import Assignment
from engagement.present import in_words
from roles.presence import Present
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]


def present(client: Any, row: Assignment, doing: str = "looking", window: str = "w1w1") -> Any:
    return client.post(f"/o/acme/queue/{row.pk}/presence/", {"window": window, "doing": doing})


def test_each_sees_the_other_in_the_conversation_and_in_the_list(acme: Cast, given: Given, sign_in: Any) -> None:
    row = given(acme.rosa)
    rosa, rui = sign_in(acme.rosa), sign_in(acme.rui)
    assert present(rosa, row).content.strip() == b""
    assert "Rosa has this open." in present(rui, row, "writing").content.decode()
    assert "Rui is writing." in present(rosa, row, window="w2w2").content.decode()
    assert "Rui is writing." in rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert "Rui writes" in rosa.get("/o/acme/queue/").content.decode()
    assert "Rui writes" in rosa.get(f"/o/acme/queue/marks/?of={row.pk}").content.decode()


def test_who_may_not_see_the_assignment_neither_says_nor_reads(acme: Cast, sign_in: Any) -> None:
    row = factories.assignment(department=acme.press)
    assert present(sign_in(acme.gita), row).status_code == 200
    rosa = sign_in(acme.rosa)
    assert present(rosa, row).status_code == 404
    assert "Gita" not in rosa.get(f"/o/acme/queue/marks/?of={row.pk}").content.decode()


def test_nonsense_is_refused(acme: Cast, given: Given, sign_in: Any) -> None:
    row = given(acme.rosa)
    assert present(sign_in(acme.rosa), row, "dancing").status_code == 422
    assert sign_in(acme.rosa).get(f"/o/acme/queue/marks/?of={row.pk},x,{'9' * 40}").status_code == 200


def test_many_are_named_by_number() -> None:
    people = [Present(n, f"P{n}", False) for n in range(5)]
    assert in_words(people) == "P0, P1, P2 and 2 more have this open."
    assert in_words([Present(1, "Ada", True), Present(2, "Kim", False)]) == "Ada is writing. Kim has this open."
