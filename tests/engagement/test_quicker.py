"""Somebody was quicker, or something is built on it: the page says so, and shows how things are now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from engagement.actions import assignments
from engagement.actions.rules import add_rule
from engagement.conditions import all_of
from engagement.models import Assignment
from listening.models import Source, TrackingQuery
from roles import clock
from tests import factories
from tests.cast import Cast


@pytest.mark.parametrize("verb", ["claim", "snooze", "resolve", "hand-off"])
def test_a_form_drawn_before_somebody_elses_change_does_nothing(
    acme: Cast, sign_in: Callable[[Any], Client], verb: str
) -> None:
    row, at = factories.assignment(department=acme.care, member=acme.rosa), clock.now()
    seen = row.version
    assignments.hand_off(row, to=acme.rui, by=acme.carla, at=at)
    form = {"version": seen, "until": "hour", "outcome": "spam", "to": acme.rosa.pk}
    answer = sign_in(acme.rosa).post(f"/o/acme/queue/{row.pk}/{verb}/", form, headers={"HX-Request": "true"})
    row.refresh_from_db()
    assert (answer.status_code, row.state, row.member) == (409, Assignment.State.OPEN, acme.rui)
    assert "flash__item--error" in answer.content.decode() and "Facts" in answer.content.decode()


def test_a_hand_off_to_a_department_can_be_taken_back(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    row = factories.assignment(department=acme.care, member=acme.rosa)
    rosa = sign_in(acme.rosa)
    rosa.post(f"/o/acme/queue/{row.pk}/hand-off/", {"to": f"department:{acme.press.pk}", "version": row.version})
    row.refresh_from_db()
    assert row.department == acme.press
    rosa.post(f"/o/acme/queue/{row.pk}/hand-back/")
    row.refresh_from_db()
    assert (row.department, row.member) == (acme.care, acme.rosa)


def test_what_a_rule_asks_for_is_not_removed_under_it(
    acme: Cast, sign_in: Callable[[Any], Client], api: Callable[[Any], Any]
) -> None:
    query, source = factories.query(), factories.source()
    asked = all_of(query=query.pk, source=source.pk)
    rule = add_rule(acme.care, name="Ours", condition={"any": [asked]}, by=acme.carla, at=clock.now())
    carla = sign_in(acme.carla)
    for path in (f"queries/{query.pk}", f"sources/{source.pk}"):
        page = carla.post(f"/o/acme/{path}/remove/", follow=True).content.decode()
        assert "“Ours”" in page
    assert api(acme.carla).delete(f"/api/v1/tracking-queries/{query.pk}/").status_code == 409
    assert api(acme.carla).delete(f"/api/v1/sources/{source.pk}/").status_code == 409
    assert TrackingQuery.objects.filter(pk=query.pk).exists() and Source.objects.filter(pk=source.pk).exists()
    rule.delete()
    assert api(acme.carla).delete(f"/api/v1/sources/{source.pk}/").status_code == 204
