"""Who is in training, until which day."""

from __future__ import annotations

from datetime import date
from typing import Any

from roles.models import AuditEntry
from tests.cast import Cast


def test_a_coach_says_until_when(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)
    assert carla.get(f"/o/acme/team/{acme.rosa.pk}/training/").status_code == 405
    carla.post(f"/o/acme/team/{acme.rosa.pk}/training/", {"until": "2999-01-31"})
    acme.rosa.refresh_from_db()
    assert acme.rosa.is_in_training(date(2999, 1, 31)) and not acme.rosa.is_in_training(date(2999, 2, 1))
    assert "2999-01-31" in carla.get(f"/o/acme/team/{acme.rosa.pk}/").content.decode()
    carla.post(f"/o/acme/team/{acme.rosa.pk}/training/", {"until": ""})
    acme.rosa.refresh_from_db()
    assert acme.rosa.training_until is None
    assert AuditEntry.objects.filter(verb="set_training").count() == 2


def test_a_responder_does_not(acme: Cast, sign_in: Any, api: Any) -> None:
    assert sign_in(acme.rosa).post(f"/o/acme/team/{acme.rosa.pk}/training/", {"until": ""}).status_code == 403
    address = f"/api/v1/members/{acme.rosa.pk}/training/"
    assert api(acme.rosa).post(address, {"until": "2999-01-31"}).status_code == 403
    assert api(acme.carla).post(address, {"until": "2999-01-31"}).json()["training_until"] == "2999-01-31"
