"""Series: begun, continued by numbers, ended and taken up again."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from content.actions.pieces import drop_piece
from content.actions.series import begin_series, change_series, continue_series, end_series, take_up_series
from content.models import Piece, Series
from content.serial import missing_numbers
from engagement.refusals import Refusal
from roles import clock
from roles.models import AuditEntry
from tests.cast import Cast

HERE = "/o/acme/content/series/"


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def begun(acme: Cast, where: Any = None, name: str = "Friday repairs") -> Series:
    return begin_series(where or acme.organization, name=name, promise="One a week", **acting(acme.carla))


def test_it_goes_on_with_the_next_number(acme: Cast) -> None:
    row = begun(acme)
    first = continue_series(row, title="Chains", **acting(acme.bodo))
    second = continue_series(row, **acting(acme.bodo))
    assert [(one.title, one.series_number) for one in (first, second)] == [("Chains", 1), ("Friday repairs 2", 2)]
    drop_piece(second, **acting(acme.bodo))
    assert continue_series(row, number=9, **acting(acme.bodo)).series_number == 9
    assert continue_series(row, **acting(acme.bodo)).series_number == 10
    with pytest.raises(ValidationError):
        continue_series(row, number=1, **acting(acme.bodo))
    assert missing_numbers([1, 2, 9, 10]) == [3, 4, 5, 6, 7, 8]
    assert len(missing_numbers([1_000_000])) == 20 and missing_numbers([]) == []


def test_who_plans_ends_it_and_takes_it_up_again(acme: Cast) -> None:
    row = begun(acme)
    end_series(row, **acting(acme.carla))
    with pytest.raises(Refusal):
        continue_series(row, **acting(acme.bodo))
    take_up_series(row, **acting(acme.carla))
    change_series(row, name="Repairs", promise="", **acting(acme.carla))
    assert change_series(row, name="Repairs", promise="", **acting(acme.carla)).name == "Repairs"
    for verb in (
        lambda: begin_series(acme.organization, name="x", **acting(acme.bodo)),
        lambda: end_series(row, **acting(acme.rosa)),
        lambda: continue_series(row, **acting(acme.elif_)),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    with pytest.raises(ValidationError):
        begun(acme, name=" ")
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["begin_series", "end_series", "take_up_series", "change_series"]


def test_the_pages_say_what_comes_next(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    assert "No series here" in client.get(HERE).content.decode()
    made = client.post(f"{HERE}begin/", {"name": "<i>Friday</i>", "promise": "One", "department": acme.care.pk})
    row = Series.objects.get()
    assert (made.headers["Location"], row.department) == (f"{HERE}{row.pk}/", acme.care)
    client.post(f"{HERE}{row.pk}/continue/", {"title": "Chains"})
    client.post(f"{HERE}{row.pk}/continue/", {"title": "Far", "number": "4"})
    page = client.get(f"{HERE}{row.pk}/").content.decode()
    assert "&lt;i&gt;Friday" in page and "Number 5" in page and "Begin number 2" in page
    assert client.post(f"{HERE}{row.pk}/continue/", {"title": "Again", "number": "4"}).status_code in {302, 422}
    assert Piece.objects.count() == 2
    assert client.post(f"{HERE}{row.pk}/change/", {"name": ""}).status_code == 422
    client.post(f"{HERE}{row.pk}/end/")
    assert "Ended" in client.get(f"{HERE}{row.pk}/").content.decode()
    assert "Friday" in client.get(f"{HERE}?show=ended").content.decode()
    assert sign_in(acme.sam).get(f"{HERE}{row.pk}/").status_code == 404


def test_series_over_the_api(acme: Cast, api: Any) -> None:
    client = api(acme.carla)
    made = client.post("/api/v1/series/", {"name": "Repairs"}).json()
    one = f"/api/v1/series/{made['id']}/"
    assert client.patch(one, {"promise": "Weekly"}).json()["promise"] == "Weekly"
    piece = client.post(f"{one}continue/", {"title": "Chains"}).json()["piece"]
    assert Piece.objects.get(pk=piece).series_number == 1
    assert client.post(f"{one}end/").json()["state"] == "ended"
    assert client.post(f"{one}continue/", {}).status_code == 409
    assert client.post(f"{one}take-up/").json()["state"] == "open"
