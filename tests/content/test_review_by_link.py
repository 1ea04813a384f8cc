"""A review from its mail: a link for one person and exactly one question, which decides only when its form is sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client

from content.actions.review_policies import set_review_base
from content.actions.variants import edit_variant
from content.models import Review, ReviewStep, Variant
from content.review_mailing import LINK_LIVES, LINK_SALT
from content.review_rules import TimedStep
from roles import clock
from roles.models import AuditEntry, Mail
from tests import factories
from tests.cast import Cast
from tests.content.reviews import ask, seal


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def link(mail: Mail) -> str:
    return "/content/reviews/by-link/" + next(
        word for word in mail.text.split() if "/by-link/" in word
    ).split("/by-link/", 1)[1]  # fmt: skip


@pytest.fixture
def path(acme: Cast) -> str:
    """The link in Bodo's mail: Rosa's piece, in two variants, one with a picture."""
    step = TimedStep(member_ids=(acme.bodo.pk,))
    set_review_base(acme.organization, steps=[step], by=acme.carla, at=clock.now())
    piece = factories.piece(author=acme.rosa, title="Wheels")
    first = factories.variant(piece)
    factories.variant(piece)
    first.media_rows.create(media=factories.media())
    ask(piece, acme.rosa)
    mail = Mail.objects.get(member=acme.bodo, kind="review")
    assert "We true wheels on Saturdays." in mail.text and "A red dot." in mail.text
    return link(mail)


def test_to_open_it_changes_nothing_and_to_send_it_approves(acme: Cast, path: str) -> None:
    client, before = Client(), AuditEntry.objects.count()
    for _scanner in range(3):
        page = client.get(path)
        assert page.status_code == 200 and client.head(path).status_code == 200
    shown = page.content.decode()
    assert shown.count("We true wheels on Saturdays.") == 4 and page.headers["Referrer-Policy"] == "same-origin"
    # Each stands there in words and as its network shows it; pictures come by the link, the library is not open.
    pictures = [word for word in shown.split('"') if "/pictures/" in word]
    [picture] = set(pictures)
    assert shown.count("look look--") == 2 == len(pictures) and "/content/media/" not in shown and "style=" not in shown
    assert client.get(picture).headers["Content-Type"] == "image/png"
    assert AuditEntry.objects.count() == before and Review.objects.get().state == "waiting"
    page = client.post(path, {"decision": "approve"})
    assert page.status_code == 200 and "Approved" in page.content.decode()
    assert Review.objects.get().state == "approved"
    again = client.post(path, {"decision": "approve"})
    assert again.status_code == 409 and "decided already" in again.content.decode()
    assert client.get("/o/acme/content/reviews/").status_code == 302


def test_it_is_of_exactly_this_and_a_new_one_comes_for_the_rest(acme: Cast, path: str) -> None:
    edit_variant(Variant.objects.order_by("pk")[0], text="Else.", by=acme.rosa, at=clock.now())
    page = Client().get(path).content.decode()
    assert "has changed" in page and 'value="approve"' not in page
    for said in ({"decision": "approve"}, {"decision": "send_back", "reason": "No"}):
        assert Client().post(path, said).status_code == 409
    assert Review.objects.get().state == "waiting"
    newer = link(Mail.objects.filter(member=acme.bodo).latest("pk"))
    assert Client().post(newer, {"decision": "approve"}).status_code == 200
    assert Review.objects.get().state == "approved"


def test_no_goes_back_with_a_reason_and_a_remark_decides_nothing(acme: Cast, path: str) -> None:
    assert Client().post(path, {"decision": "send_back", "reason": " "}).status_code == 409
    assert Client().post(path, {"decision": "remark", "reason": "Hm."}).status_code == 200
    assert Review.objects.get().state == "waiting"
    assert Client().post(path, {"decision": "send_back", "reason": "<b>Softer</b>"}).status_code == 200
    assert Review.objects.get().state == "sent_back"
    assert "&lt;b&gt;Softer" in Client().get(path).content.decode()


def test_expired_forged_and_anothers_links_open_nothing(acme: Cast, path: str) -> None:
    step, review = ReviewStep.objects.get(), Review.objects.get()
    said = [acme.organization.pk, step.pk, acme.bodo.pk, seal(review)]
    forged = [
        signing.dumps([acme.elsewhere.pk, *said[1:]], salt=LINK_SALT),
        signing.dumps([*said[:2], acme.sam.pk, said[3]], salt=LINK_SALT),
        signing.dumps([*said[:2], acme.rosa.pk, said[3]], salt=LINK_SALT),
        signing.dumps([*said[:2], acme.carla.pk, said[3]], salt=LINK_SALT),
        signing.dumps(said, salt="touchline.approve"),
        path.split("/")[-2][:-1],
    ]
    for token in forged:
        for method in ("get", "post"):
            page = getattr(Client(), method)(f"/content/reviews/by-link/{token}/", {"decision": "approve"})
            assert page.status_code == 404 and "wheels" not in page.content.decode(), token
        media = Variant.objects.order_by("pk")[0].media_rows.get().media_id
        assert Client().get(f"/content/reviews/by-link/{token}/pictures/{media}/").status_code == 404
    late = time.time() + LINK_LIVES.total_seconds() + timedelta(hours=1).total_seconds()
    with patch("django.core.signing.time.time", return_value=late):
        assert Client().post(path, {"decision": "approve"}).status_code == 404
    acme.bodo.is_active = False
    acme.bodo.save()
    assert Client().post(path, {"decision": "approve"}).status_code == 404
    assert Review.objects.get().state == "waiting"


def test_over_no_way_does_one_approve_ones_own(acme: Cast, path: str) -> None:
    edit_variant(Variant.objects.order_by("pk")[0], text="By Bodo.", by=acme.bodo, at=clock.now())
    again = ask(Variant.objects.order_by("pk")[0].piece, acme.rosa)
    step = again.steps.get()
    mine = signing.dumps([acme.organization.pk, step.pk, acme.bodo.pk, seal(again)], salt=LINK_SALT)
    assert Client().post(f"/content/reviews/by-link/{mine}/", {"decision": "approve"}).status_code == 404
    again.refresh_from_db()
    assert again.state == "waiting"


def test_hostile_words_are_harmless_in_the_mail(acme: Cast) -> None:
    piece: Any = factories.piece(author=acme.rosa, title="<script>alert(1)</script>\nBcc: all@example.org")
    factories.variant(piece, text="<img src=x onerror=alert(1)>")
    ask(piece, acme.rosa)
    mail = Mail.objects.get(member=acme.carla)
    assert "<script>" not in mail.html and "<img src=x" not in mail.html and "\n" not in mail.subject
