"""Saved filters: who sees them, who changes them, and what stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from listening.actions.filters import arrange_columns, change_filter, move_filter, remove_filter, save_filter
from listening.filtering import StreamFilter
from listening.models import Column, SavedFilter
from roles import clock
from roles.models import AuditEntry, Position, Role
from roles.tenancy import acting_for
from tests.cast import Cast

ANGRY, GLAD = StreamFilter(sentiment="-1"), StreamFilter(sentiment="1")


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def seen_by(member: Any) -> list[str]:
    return list(SavedFilter.objects.visible_to(member).values_list("name", flat=True))


def test_ones_own_is_seen_and_changed_by_nobody_else(acme: Cast) -> None:
    row = save_filter("Mine", wanted=ANGRY, **acting(acme.gita))
    assert (seen_by(acme.gita), seen_by(acme.carla), seen_by(acme.olga)) == (["Mine"], [], [])
    for verb in (
        lambda: change_filter(row, name="x", wanted=GLAD, shared=False, **acting(acme.carla)),
        lambda: change_filter(row, name="x", wanted=GLAD, shared=True, **acting(acme.carla)),
        lambda: move_filter(row, up=True, **acting(acme.carla)),
        lambda: remove_filter(row, **acting(acme.carla)),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    row.refresh_from_db()
    assert (row.name, row.query, row.owner) == ("Mine", "sentiment=-1", acme.gita)


@pytest.mark.parametrize("name", ["rosa", "bodo", "elif_"])
def test_who_does_not_triage_keeps_filters_for_oneself_only(acme: Cast, name: str) -> None:
    member = getattr(acme, name)
    with pytest.raises(PermissionDenied):
        save_filter("For all", wanted=ANGRY, shared=True, **acting(member))
    row = save_filter("Mine", wanted=ANGRY, **acting(member))
    with pytest.raises(PermissionDenied):
        change_filter(row, name="For all", wanted=ANGRY, shared=True, **acting(member))
    shared = save_filter("Ours", wanted=ANGRY, shared=True, **acting(acme.gita))
    with pytest.raises(PermissionDenied):
        remove_filter(shared, **acting(member))
    assert seen_by(member) == ["Mine", "Ours"] or set(seen_by(member)) == {"Mine", "Ours"}


def test_a_departments_filters_are_kept_by_who_triages_there(acme: Cast) -> None:
    Position.objects.filter(member=acme.gita).delete()
    Position.objects.create(member=acme.gita, role=Role.GATHERER, department=acme.press)
    with pytest.raises(PermissionDenied):
        save_filter("Care's", wanted=ANGRY, shared=True, department=acme.care, **acting(acme.gita))
    row = save_filter("Press", wanted=ANGRY, shared=True, department=acme.press, **acting(acme.gita))
    with pytest.raises(PermissionDenied):
        change_filter(row, name="x", wanted=ANGRY, shared=True, department=acme.care, **acting(acme.gita))
    changed = change_filter(row, name="Press!", wanted=GLAD, shared=True, department=acme.press, **acting(acme.gita))
    assert (changed.name, changed.query, changed.department) == ("Press!", "sentiment=1", acme.press)
    entry = AuditEntry.objects.get(verb="change_filter")
    assert (entry.before["filter"], entry.after["filter"]) == ("sentiment=-1", "sentiment=1")


def test_what_is_shown_now_takes_the_place_of_what_a_filter_said(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    row, client = save_filter("Mine", wanted=ANGRY, **acting(acme.gita)), sign_in(acme.gita)
    page = client.get("/o/acme/stream/filters/?sentiment=1").content.decode()
    assert 'name="now" value="sentiment=1"' in page
    form = {"name": "Mine", "query": row.query, "for": "me"}
    client.post(f"/o/acme/stream/filters/{row.pk}/change/", form)
    row.refresh_from_db()
    assert row.query == "sentiment=-1"
    client.post(f"/o/acme/stream/filters/{row.pk}/change/", {**form, "now": "sentiment=1"})
    row.refresh_from_db()
    assert row.query == "sentiment=1"


def test_a_board_is_ones_own_and_of_what_one_sees(acme: Cast) -> None:
    row = save_filter("Mine", wanted=ANGRY, **acting(acme.gita))
    arrange_columns(acme.gita, filters=[row], **acting(acme.gita))
    with pytest.raises(ValidationError):
        arrange_columns(acme.gita, filters=[], **acting(acme.carla))
    remove_filter(row, **acting(acme.gita))
    assert not Column.objects.exists()


def test_another_organization_sees_nothing(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    row = save_filter("Ours", wanted=ANGRY, shared=True, **acting(acme.gita))
    with acting_for(acme.elsewhere):
        assert seen_by(acme.sam) == []
    address = f"/o/elsewhere/stream/filters/{row.pk}/change/"
    assert sign_in(acme.sam).post(address, {"name": "x", "query": "", "for": "me"}).status_code == 404
