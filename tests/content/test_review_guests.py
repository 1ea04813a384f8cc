"""Somebody outside is asked: by a link that ends and is revoked, about exactly this, and instead of nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client

from content.actions.review_guests import answer_as_guest, ask_guest, revoke_guest
from content.actions.review_steps import look_after_due
from content.actions.reviews import send_review_back
from content.actions.variants import edit_variant
from content.models import Review, ReviewGuest, Variant
from engagement.refusals import Refusal, Stale
from roles import clock
from roles.models import AuditEntry, Mail
from roles.postbox import send_due
from tests import factories
from tests.cast import Cast
from tests.content.reviews import ask, base, seal, yes
from tests.content.test_review_policies import COACH

LAW = {"name": "Dr. <b>Lex</b>", "email": "lex@law.example"}


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def review(acme: Cast) -> Review:
    base(acme, COACH)
    piece = factories.piece(author=acme.rosa, title="Wheels")
    factories.variant(piece).media_rows.create(media=factories.media())
    factories.variant(piece)
    return ask(piece, acme.rosa)


def asked(review: Review, acme: Cast, **fields: Any) -> tuple[ReviewGuest, str]:
    """A guest, and the path of the link in their mail."""
    guest = ask_guest(review, **LAW | fields, by=acme.carla, at=clock.now())
    mail = Mail.objects.get(to_address=guest.email, key=f"guest {guest.pk}")
    word = next(word for word in mail.text.split() if "/as-guest/" in word)
    return guest, "/content/reviews/as-guest/" + word.split("/as-guest/", 1)[1]


def test_their_yes_is_needed_as_well_and_replaces_nobodys(acme: Cast, review: Review, mailoutbox: list[Any]) -> None:
    guest, path = asked(review, acme)
    while send_due(now=clock.now):
        pass
    assert ["lex@law.example"] in [mail.to for mail in mailoutbox]
    client = Client()
    page = client.get(path).content.decode()
    assert "We true wheels on Saturdays." in page and 'name="some"' not in page
    for _again in range(2):
        assert client.get(path).status_code == 200 and guest.decisions.count() == 0
    said = client.post(path, {"decision": "approve", "seal": seal(review)}).content.decode()
    assert "Thank you" in said
    review.refresh_from_db()
    assert review.state == "waiting"
    assert client.post(path, {"decision": "approve", "seal": seal(review)}).status_code == 409
    assert yes(review, acme.carla).state == "approved"
    # And the other way round: a colleague's yes waits for theirs.
    other = ask(factories.variant(factories.piece(author=acme.rosa)).piece, acme.rosa)
    guest, _path = asked(other, acme)
    assert yes(other, acme.carla).state == "waiting"
    look_after_due(at=clock.now() + timedelta(hours=1))
    other.refresh_from_db()
    assert other.state == "waiting"
    answer_as_guest(guest, decision="approve", seal=seal(other), at=clock.now())
    other.refresh_from_db()
    assert other.state == "approved" and AuditEntry.objects.filter(verb="answer_as_guest", by=None).count() == 2


def test_it_is_of_exactly_what_stands_there(acme: Cast, review: Review) -> None:
    guest, path = asked(review, acme)
    before = seal(review)
    edit_variant(Variant.objects.order_by("pk").first(), text="Other words", by=acme.rosa, at=clock.now())
    with pytest.raises(Stale):
        answer_as_guest(guest, decision="approve", seal=before, at=clock.now())
    refused = Client().post(path, {"decision": "send_back", "seal": before, "reason": "No"})
    assert refused.status_code == 409 and "Other words" not in refused.content.decode()
    answer_as_guest(guest, decision="approve", seal=seal(review), at=clock.now())
    assert {row.variant.text for row in review.reviewed.all() if row.is_in} == {"We true wheels on Saturdays."}


def test_no_goes_back_with_its_reason_and_a_remark_decides_nothing(acme: Cast, review: Review, sign_in: Any) -> None:
    _guest, path = asked(review, acme)
    client = Client()
    assert client.post(path, {"decision": "send_back", "seal": seal(review), "reason": " "}).status_code == 409
    client.post(path, {"decision": "remark", "reason": "<i>Which</i> law?", "seal": ""})
    page = sign_in(acme.carla).get(f"/o/acme/content/reviews/{review.pk}/").content.decode()
    assert "Dr. &lt;b&gt;Lex&lt;/b&gt; left a remark" in page and "&lt;i&gt;Which&lt;/i&gt; law?" in page
    client.post(path, {"decision": "send_back", "seal": seal(review), "reason": "Not like this."})
    review.refresh_from_db()
    assert review.state == "sent_back"
    assert "Not like this." in Mail.objects.filter(member=acme.rosa, kind="review").latest("pk").text
    # What colleagues remarked stays inside.
    assert "Which" not in client.get(path).content.decode()


def test_ended_revoked_and_guessed_links_open_nothing(acme: Cast, review: Review) -> None:
    guest, path = asked(review, acme, days=2)
    client, picture = Client(), f"{path}pictures/{Variant.objects.order_by('pk').first().media_rows.get().media_id}/"
    assert client.get(picture).status_code == 200 and client.get(f"{path[:-4]}abc/").status_code == 404
    ReviewGuest.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert client.get(path).status_code == 404 and client.get(picture).status_code == 404
    with pytest.raises(Refusal):
        answer_as_guest(guest, decision="approve", seal=seal(review), at=clock.now())
    again, new_path = asked(review, acme)
    assert (client.get(path).status_code, client.get(new_path).status_code) == (404, 200)
    yes(review, acme.carla)
    revoke_guest(again, by=acme.carla, at=clock.now())
    review.refresh_from_db()
    # Nobody is waited for any more.
    assert client.get(new_path).status_code == 404 and review.state == "approved"
    with pytest.raises(Refusal):
        revoke_guest(again, by=acme.carla, at=clock.now())


def test_they_are_reminded_once_and_whoever_asked_is_told_that_the_link_has_ended(
    acme: Cast, review: Review, sign_in: Any
) -> None:
    guest, path = asked(review, acme, days=4)

    def after(**passed: int) -> tuple[int, int]:
        """How many mails went to them and about them, once so much time has passed."""
        look_after_due(at=guest.asked_at + timedelta(**passed))
        about = Mail.objects.filter(member=acme.carla, subject__contains="has not answered")
        return Mail.objects.filter(to_address=LAW["email"]).count(), about.count()

    assert [after(days=1), after(days=2), after(days=3), after(days=4)] == [(1, 0), (2, 0), (2, 0), (2, 1)]
    assert after(days=5) == (2, 1)
    verbs = list(AuditEntry.objects.values_list("verb", flat=True))
    assert (verbs.count("end_guest_link"), verbs.count("escalate_review")) == (1, 1)
    words = Mail.objects.filter(to_address=LAW["email"]).latest("pk")
    assert words.subject.startswith("Reminder: Carla")
    second = "/content/reviews/as-guest/" + words.text.split("/as-guest/", 1)[1].split()[0]
    # Both links open it, as long as the time lasts, and their yes is waited for still.
    assert second != path and [Client().get(one).status_code for one in (path, second)] == [200, 200]
    yes(review, acme.carla)
    look_after_due(at=guest.asked_at + timedelta(days=6))
    review.refresh_from_db()
    assert review.state == "waiting"
    page = sign_in(acme.carla).get(f"/o/acme/content/reviews/{review.pk}/").content.decode()
    assert "their link has ended" in page
    revoke_guest(guest, by=acme.carla, at=clock.now())
    assert [Client().get(one).status_code for one in (path, second)] == [404, 404]


def test_where_whoever_asked_has_left_a_coach_is_told_that_a_link_has_ended(acme: Cast, review: Review) -> None:
    guest, _path = asked(review, acme, days=1)
    ReviewGuest.objects.update(asked_by=None)
    look_after_due(at=guest.asked_at + timedelta(hours=13))
    assert Mail.objects.filter(to_address=LAW["email"]).count() == 1, "nobody is there in whose name to remind"
    look_after_due(at=guest.asked_at + timedelta(days=1))
    assert Mail.objects.filter(subject__contains="has not answered", member=acme.carla).count() == 1


def test_who_wrote_it_takes_away_nobody_whom_others_asked_and_members_are_no_guests(acme: Cast) -> None:
    base(acme, COACH)
    piece = factories.piece(author=acme.carla)
    factories.variant(piece)
    review = ask(piece, acme.carla)
    guest, _path = asked(review, acme)
    ReviewGuest.objects.update(asked_by=acme.olga)
    with pytest.raises(Refusal):
        revoke_guest(guest, by=acme.carla, at=clock.now())
    for email, days in ((acme.rosa.user.email.upper(), 7), ("nobody", 7), ("a@b.example", 0), ("a@b.example", 31)):
        with pytest.raises(ValidationError):
            ask_guest(review, name="A", email=email, days=days, by=acme.carla, at=clock.now())


def test_the_page_and_the_api_ask_and_revoke(acme: Cast, review: Review, sign_in: Any, api: Any) -> None:
    carla, here = sign_in(acme.carla), f"/o/acme/content/reviews/{review.pk}/"
    assert "Ask somebody outside" in carla.get(here).content.decode()
    assert "Ask somebody outside" not in sign_in(acme.rui).get(here).content.decode()
    carla.post(f"{here}ask-guest/", {**LAW, "days": "3"})
    guest = ReviewGuest.objects.get()
    assert (
        guest.expires_at - guest.asked_at == timedelta(days=3) and "lex@law.example" in carla.get(here).content.decode()
    )
    carla.post(f"/o/acme/content/review-guests/{guest.pk}/revoke/")
    guest.refresh_from_db()
    assert guest.state == "revoked"
    program, there = api(acme.carla), f"/api/v1/reviews/{review.pk}/"
    made = program.post(f"{there}ask-guest/", LAW).json()["steps"][0]["guests"][-1]
    assert made["state"] == "waiting" and "link_digest" not in made
    gone = program.post(f"{there}revoke-guest/", {"guest": made["id"]}).json()["steps"][0]["guests"]
    assert [one["state"] for one in gone] == ["revoked", "revoked"]
    assert program.post(f"{there}revoke-guest/", {"guest": made["id"]}).status_code == 409
    assert api(acme.rui).post(f"{there}ask-guest/", LAW).status_code == 403
    send_review_back(review, reason="No.", by=acme.carla, at=clock.now())
    assert program.post(f"{there}ask-guest/", LAW).status_code == 409
