"""Days that nobody can mean: refused where they are typed or sent, for there are clocks that cannot show them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError

from config import urls
from engagement.models import Assignment
from roles import clock
from roles.days import DayField, MomentField, far_days
from tests import factories
from tests.cast import Cast

FAR = ("0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31")


@pytest.mark.parametrize("day", FAR)
def test_a_form_takes_no_day_that_no_clock_shows(day: str) -> None:
    for field, said in ((DayField(), day), (MomentField(), f"{day} 23:59")):
        with pytest.raises(ValidationError, match="is a placeholder"):
            field.clean(said)
    assert DayField().clean("1900-01-01") == date(1900, 1, 1)
    assert MomentField().clean("2999-12-31 23:59") and DayField(required=False).clean("") is None


def kinds_of(form: type[Any]) -> Iterator[type[Any]]:
    for kind in form.__subclasses__():
        yield kind
        yield from kinds_of(kind)


def test_every_form_of_ours_asks_for_days_in_this_way() -> None:
    assert urls.urlpatterns  # with them every form is known
    plain = {
        f"{kind.__module__}.{kind.__name__}.{name}"
        for kind in kinds_of(forms.BaseForm)
        if not kind.__module__.startswith("django.")
        for name, field in getattr(kind, "base_fields", {}).items()
        if isinstance(field, forms.DateField | forms.DateTimeField)
        if not isinstance(field, DayField | MomentField)
    }
    assert plain == set()


def test_a_program_is_told_where_the_day_stands() -> None:
    said = {"name": "9999", "days": [{"on": "9999-12-31"}, {"on": "2026-03-01"}], "at": "0001-01-01T00:00:00+14:00"}
    assert set(far_days(said)) == {"on", "at"} and "9999-12-31" in far_days(said)["on"][0]
    assert far_days({"text": "On 9999-12-31 it ends.", "count": 9999, "none": None}) == {}
    deep: Any = "9999-12-31"
    for _level in range(10_000):
        deep = [deep]
    assert far_days(deep)


@pytest.mark.parametrize("day", FAR)
def test_no_program_puts_a_day_where_a_page_would_have_to_show_it(acme: Cast, api: Any, sign_in: Any, day: str) -> None:
    """Snoozed until the last day of the calendar, a queue could not be drawn east of Greenwich."""
    type(acme.organization).objects.filter(pk=acme.organization.pk).update(time_zone="Pacific/Kiritimati")
    row = factories.assignment(department=acme.care, member=acme.rosa)
    Assignment.objects.filter(pk=row.pk).update(state=Assignment.State.CLAIMED, claimed_at=clock.now())
    said = {"until": f"{day}T23:30:00Z"}
    answer = api(acme.rosa).post(f"/api/v1/assignments/{row.pk}/snooze/", said)
    assert answer.status_code == 400 and "until" in answer.json()["errors"]
    assert api(acme.rosa).get("/api/v1/mentions/", {"since": f"{day}T23:30:00Z"}).status_code == 400
    assert sign_in(acme.rosa).get("/o/acme/queue/").status_code == 200
    soon = datetime.now().astimezone() + timedelta(days=1)
    assert api(acme.rosa).post(f"/api/v1/assignments/{row.pk}/snooze/", {"until": soon.isoformat()}).status_code == 200


def test_a_position_ends_on_no_such_day_either(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.olga)
    said = {"role": "responder", "capacity": "5", "ends_on": "9999-12-31"}
    answer = client.post(f"/o/acme/team/{acme.gita.pk}/give-position/", said)
    assert answer.status_code == 422 and "is a placeholder" in answer.content.decode()
