"""Reviews on pages and over the API: exactly what goes out, decided there, at the same cost for many."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.actions.reviews import (
    send_review_back,
)
from content.actions.variants import edit_variant
from content.models import Review, Variant
from content.review_rules import TimedStep
from engagement.refusals import Refusal, Stale
from roles import clock
from roles.models import Mail, Role
from tests import factories
from tests.cast import Cast
from tests.content.reviews import ask, piece, seal, states, yes

COACH = TimedStep(roles=(Role.COACH,))


def test_single_variants_are_sent_back_and_the_rest_goes_on(acme: Cast, sign_in: Any, api: Any) -> None:
    about = piece(acme, 3)
    first, second, _third = Variant.objects.order_by("pk")
    review = ask(about, acme.rosa)
    before, told = seal(review), {"by": acme.carla, "at": clock.now()}
    with pytest.raises(Refusal, match="Choose"):
        send_review_back(review, reason="No", variants=[], **told)
    send_review_back(review, reason="Say when.", variants=[first.pk], **told)
    assert states(about) == ["sent_back", "waiting", "waiting"]
    with pytest.raises(Stale):
        yes(review, acme.carla, to=before)
    assert Mail.objects.filter(member=acme.rosa, subject__contains="a part of").count() == 1
    assert Mail.objects.filter(member=acme.carla, kind="review").count() == 2, "the first link is of more"
    carla = sign_in(acme.carla)
    url = f"/o/acme/content/reviews/{review.pk}/"
    page = carla.get(url).content.decode()
    assert f'value="{second.pk}" checked' in page and f'value="{first.pk}" checked' not in page
    assert "goes back: Say when." in page
    carla.post(f"{url}send-back/", {"reason": "Shorter.", "some": "1"})
    assert states(about) == ["sent_back", "waiting", "waiting"], "none was chosen"
    carla.post(f"{url}send-back/", {"reason": "Shorter.", "some": "1", "variants": [second.pk]})
    assert states(about) == ["sent_back", "sent_back", "waiting"]
    said = {"reason": "No", "variants": [first.pk]}
    assert api(acme.carla).post(f"/api/v1/reviews/{review.pk}/send-back/", said).status_code == 409
    assert yes(review, acme.carla).state == "approved"
    assert states(about) == ["sent_back", "sent_back", "approved"]
    assert set(ask(about, acme.rosa).digests) == {first.pk, second.pk}
    send_review_back(Review.objects.waiting().get(), reason="No", variants=[first.pk, second.pk], **told)
    assert not Review.objects.waiting().exists() and Review.objects.latest("pk").state == "sent_back"


def test_the_pages_show_exactly_what_goes_out_and_decide(acme: Cast, sign_in: Any) -> None:
    about = piece(acme)
    variant = Variant.objects.get()
    variant.media_rows.create(media=factories.media(), alt="A <b>wheel</b>.")
    yes(ask(about, acme.rosa), acme.carla)
    edit_variant(variant, text="We <i>true</i> wheels on Sundays.", by=acme.rosa, at=clock.now())
    carla, rosa = sign_in(acme.carla), sign_in(acme.rosa)
    assert rosa.post(f"/o/acme/content/pieces/{about.pk}/ask-for-review/").status_code == 302
    review = Review.objects.waiting().get()
    url = f"/o/acme/content/reviews/{review.pk}/"
    page = carla.get(url).content.decode()
    assert "We &lt;i&gt;true&lt;/i&gt; wheels on Sundays." in page and "<del>Saturdays</del>" in page
    assert "A &lt;b&gt;wheel&lt;/b&gt;." in page
    # Beside the words stands how its network shows it, with the pictures that a reviewer may see.
    assert "look look--" in page and page.count("on Sundays.") == 2
    assert (
        page.count(f"{url}pictures/") == 2
        and "/content/media/" not in page.partition("<main")[2].partition("</main")[0]
    )
    use = variant.media_rows.get()
    assert carla.get(f"{url}pictures/{use.media_id}/").headers["Content-Type"] == "image/png"
    assert carla.get(f"{url}pictures/{factories.media().pk}/").status_code == 404
    listed = carla.get("/o/acme/content/reviews/").content.decode()
    assert "on Sundays" in listed and "look look--" not in listed, "the list asks the same for any number"
    assert "on Sundays" not in sign_in(acme.rui).get("/o/acme/content/reviews/").content.decode()
    assert "on Sundays" in rosa.get("/o/acme/content/reviews/?tab=mine").content.decode()
    assert carla.get(f"{url}approve/").status_code == 405
    assert carla.post(f"{url}remark/", {"text": "Hm."}).status_code == 302
    assert carla.post(f"{url}send-back/", {"reason": "<b>No</b>"}).status_code == 302
    assert "&lt;b&gt;No&lt;/b&gt;" in rosa.get(url).content.decode()
    rosa.post(f"/o/acme/content/pieces/{about.pk}/ask-for-review/")
    again = Review.objects.waiting().get()
    stale = carla.post(f"/o/acme/content/reviews/{again.pk}/approve/", {"seal": "x"}, follow=True)
    assert "has changed" in stale.content.decode()
    rosa.post(f"/o/acme/content/reviews/{again.pk}/approve/", {"seal": seal(again)})
    assert states(about) == ["waiting"], "not hers to say"
    carla.post(f"/o/acme/content/reviews/{again.pk}/approve/", {"seal": seal(again)})
    assert states(about) == ["approved"]
    assert "Approved" in carla.get("/o/acme/content/reviews/?tab=ended").content.decode()
    assert sign_in(acme.sam).get(url).status_code == 404


def test_the_list_costs_the_same_for_one_and_for_twelve(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)

    def count() -> int:
        carla.get("/o/acme/content/reviews/")
        with CaptureQueriesContext(connection) as queries:
            carla.get("/o/acme/content/reviews/")
        return len(queries)

    ask(piece(acme, 2), acme.rosa)
    one = count()
    for _each in range(11):
        ask(piece(acme, 2), acme.rosa)
    assert count() == one


def test_over_the_api(acme: Cast, api: Any) -> None:
    carla, rosa, url = api(acme.carla), api(acme.rosa), "/api/v1/reviews/"
    about = piece(acme, 2)
    assert carla.post(url, {"piece": about.pk, "version": 99}).status_code == 409
    made = rosa.post(url, {"piece": about.pk})
    assert made.status_code == 201, made.json()
    assert rosa.post(url, {"piece": about.pk}).status_code == 409
    (one,) = carla.get(f"{url}?asked_of_me=true&piece={about.pk}").json()["results"]
    assert [row["shown"]["text"] for row in one["variants"]] == ["We true wheels on Saturdays."] * 2
    address = f"{url}{one['id']}"
    assert rosa.post(f"{address}/approve/", {"seal": one["seal"]}).status_code == 403
    assert carla.post(f"{address}/remark/", {"text": "Hm."}).status_code == 200
    edit_variant(Variant.objects.order_by("pk")[0], text="Else.", by=acme.rosa, at=clock.now())
    assert carla.post(f"{address}/approve/", {"seal": one["seal"]}).status_code == 409
    now = carla.get(f"{address}/").json()
    assert carla.post(f"{address}/approve/", {"seal": now["seal"]}).json()["state"] == "approved"
    assert carla.post(f"{address}/send-back/", {"reason": "Too late"}).status_code == 409
    assert api(acme.sam).get(f"{address}/").status_code == 404
    again = rosa.post(url, {"piece": about.pk}).json()[0]
    assert rosa.post(f"{url}{again['id']}/withdraw/").json()["state"] == "withdrawn"
