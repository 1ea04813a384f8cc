"""Approval from the mail: a link for one person and exactly one text, which decides only when its form is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client

from engagement.actions.approvals import add_policy
from engagement.mailing import APPROVAL_SALT
from engagement.models import Approval, Draft, Reply
from roles.models import AuditEntry, Mail
from roles.steps import A_COACH
from tests.cast import Cast
from tests.engagement.writing import Time


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def path(acme: Cast, written: Any, now: Time) -> str:
    """The link in Carla's mail."""
    add_policy(acme.organization, name="Everything", steps=(A_COACH,), by=acme.carla, at=now())
    written()
    text = Mail.objects.get(member=acme.carla, kind="approval").text
    return "/approvals/by-link/" + next(word for word in text.split() if "/by-link/" in word).split("/by-link/", 1)[1]


def test_moments_stand_by_the_clock_of_the_organization(acme: Cast, path: str) -> None:
    acme.organization.time_zone = "Asia/Kathmandu"
    acme.organization.save()
    assert "+05:45" in Client().get(path).content.decode()


def test_to_open_it_changes_nothing_and_to_send_it_approves(acme: Cast, path: str) -> None:
    client, before = Client(), AuditEntry.objects.count()
    for _scanner in range(3):
        page = client.get(path)
        assert page.status_code == 200 and client.head(path).status_code == 200
    assert "We are on it." in page.content.decode() and page.headers["Referrer-Policy"] == "same-origin"
    assert AuditEntry.objects.count() == before and Approval.objects.get().state == "waiting"
    page = client.post(path, {"decision": "approve"})
    assert page.status_code == 200 and "Approved" in page.content.decode()
    assert Reply.objects.get().state == "ready"
    again = client.post(path, {"decision": "approve"})
    assert again.status_code == 409 and "decided already" in again.content.decode()
    assert client.get("/o/acme/approvals/").status_code == 302


def test_it_is_of_exactly_this_text(acme: Cast, path: str) -> None:
    Reply.objects.update(text="Something else.")
    page = Client().get(path).content.decode()
    assert "has changed" in page and 'value="approve"' not in page
    assert Client().post(path, {"decision": "approve"}).status_code == 409
    assert Reply.objects.get().state == "waiting"


def test_no_goes_back_with_a_reason(acme: Cast, path: str) -> None:
    assert Client().post(path, {"decision": "send_back", "reason": " "}).status_code == 409
    assert Client().post(path, {"decision": "send_back", "reason": "<b>Softer</b>"}).status_code == 200
    assert Reply.objects.get().state == "sent_back" and Draft.objects.get().text == "We are on it."


def test_forged_and_anothers_links_open_nothing(acme: Cast, path: str) -> None:
    step = Approval.objects.get()
    said = [acme.organization.pk, step.pk, acme.carla.pk, step.digest]
    forged = [
        signing.dumps([acme.elsewhere.pk, *said[1:]], salt=APPROVAL_SALT),
        signing.dumps([*said[:2], acme.sam.pk, step.digest], salt=APPROVAL_SALT),
        signing.dumps([*said[:2], acme.rosa.pk, step.digest], salt=APPROVAL_SALT),
        signing.dumps([*said[:2], acme.rui.pk, step.digest], salt=APPROVAL_SALT),
        signing.dumps(said, salt="touchline.consult"),
        path.split("/")[-2][:-1],
    ]
    for token in forged:
        for method in ("get", "post"):
            page = getattr(Client(), method)(f"/approvals/by-link/{token}/", {"decision": "approve"})
            assert page.status_code == 404 and "We are on it." not in page.content.decode(), token
    acme.carla.is_active = False
    acme.carla.save()
    assert Client().post(path, {"decision": "approve"}).status_code == 404
    assert Reply.objects.get().state == "waiting"
