"""Ideas: who notes, drops and picks them up, in words or straight from a mention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from content.actions.ideas import drop_idea, note_idea, pick_up_idea
from content.models import Idea
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def test_an_idea_is_noted_dropped_and_picked_up(acme: Cast) -> None:
    mention = factories.mention()
    row = note_idea("", mention=mention, **acting(acme.gita))
    assert (row.state, row.mention, row.noted_by) == ("open", mention, acme.gita)
    assert row.text
    assert drop_idea(row, **acting(acme.bodo)).state == "dropped"
    assert pick_up_idea(row, **acting(acme.rosa)).state == "open"
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "note_idea", "drop_idea", "pick_up_idea",
    ]  # fmt: skip
    mention.refresh_from_db()
    assert mention.state == "untriaged"


def test_an_idea_says_something(acme: Cast) -> None:
    with pytest.raises(ValidationError):
        note_idea("  ", **acting(acme.gita))
    assert not Idea.objects.exists()


@pytest.mark.parametrize("name", ["olga", "elif_"])
def test_who_neither_listens_nor_answers_nor_writes_only_reads(acme: Cast, name: str) -> None:
    member, row = getattr(acme, name), note_idea("A page about brakes", **acting(acme.gita))
    for verb in (
        lambda: note_idea("x", **acting(member)),
        lambda: drop_idea(row, **acting(member)),
        lambda: pick_up_idea(row, **acting(member)),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    row.refresh_from_db()
    assert (row.state, Idea.objects.count()) == ("open", 1)


def test_the_page_offers_what_one_may_and_another_organization_sees_nothing(
    acme: Cast, sign_in: Callable[[Any], Client]
) -> None:
    row = note_idea("<script>alert(1)</script> about brakes", **acting(acme.gita))
    page = sign_in(acme.bodo).get("/o/acme/content/ideas/").content.decode()
    assert "about brakes" in page
    assert "<script>alert" not in page
    assert f"/content/ideas/{row.pk}/drop/" in page
    assert f"/content/ideas/{row.pk}/drop/" not in sign_in(acme.elif_).get("/o/acme/content/ideas/").content.decode()
    sam = sign_in(acme.sam)
    assert sam.get("/o/acme/content/ideas/").status_code == 404
    assert sam.post(f"/o/elsewhere/content/ideas/{row.pk}/drop/").status_code in {403, 404}
    row.refresh_from_db()
    assert row.state == "open"
