"""A policy names people outside: they are asked by mail when their step begins, and nobody has to think of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client

from content.actions.review_guests import ask_guest, revoke_guest
from content.actions.review_policies import set_review_base
from content.actions.review_steps import look_after_due
from content.actions.variants import edit_variant
from content.models import Piece, Review, ReviewGuest, ReviewPolicy, ReviewStep
from content.review_mailing import LINK_LIVES
from content.review_rules import Outsider, TimedStep, steps_of
from content.reviewing import review_state
from engagement.refusals import Refusal
from roles import clock
from roles.models import AuditEntry, Mail, Role
from tests import factories
from tests.cast import Cast, join
from tests.content.reviews import ask, base, seal, states, yes
from tests.content.reviews import piece as written
from tests.content.test_review_policies import COACH

LEX = Outsider("Dr. Lex", "lex@law.example")
AMARA = Outsider("Amara", "amara@law.example")


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def mails(to: Outsider = LEX) -> list[Mail]:
    return list(Mail.objects.filter(to_address=to.email).order_by("pk"))


def answer(review: Review, to: Outsider = LEX, decision: str = "approve") -> str:
    """Somebody outside opens the link of their last mail, without an account, and answers; returns how it stands."""
    word = next(word for word in mails(to)[-1].text.split() if "/as-guest/" in word)
    path = "/content/reviews/as-guest/" + word.split("/as-guest/", 1)[1]
    page = Client().get(path)
    assert page.status_code == 200 and "We true wheels on Saturdays." in page.content.decode()
    said = Client().post(path, {"decision": decision, "seal": seal(review), "reason": "Say who pays."})
    assert "Thank you" in said.content.decode()
    review.refresh_from_db()
    return review.state


def test_whoever_has_no_account_holds_a_step_and_gets_the_mail_when_it_begins(acme: Cast) -> None:
    base(acme, COACH, TimedStep(outside=(LEX,), hours=8))
    piece = written(acme)
    (variant,) = piece.variants.all()
    row = factories.publication(variant, state="ready")
    review = ask(piece, acme.rosa)
    assert mails() == [] and [step.outside for step in review.steps.order_by("number")] == [[], [LEX._asdict()]]
    assert yes(review, acme.carla).state == "waiting"
    (mail,) = mails()
    assert mail.subject == "Rosa asks you to review “Wheels”" and "An answer is expected until" in mail.text
    # Nobody inside is asked instead, and nothing goes out without their yes.
    assert not ReviewStep.objects.asked_of(acme.carla).exists()
    look_after_due(at=clock.now() + timedelta(hours=1))
    step = ReviewStep.objects.get(number=2)
    assert (step.roles, step.member_ids, states(piece)) == ([], [], ["waiting"])
    assert answer(review) == "approved" and states(piece) == ["approved"]
    row.refresh_from_db()
    assert row.state == "ready" and AuditEntry.objects.filter(verb="ask_guest", by=None).count() == 1
    # What is edited is asked anew, by a new link.
    edit_variant(variant, text="We true wheels on Saturdays. Free!", by=acme.rosa, at=clock.now())
    again = ask(piece, acme.rosa)
    yes(again, acme.carla)
    assert len(mails()) == 2 and answer(again, decision="send_back") == "sent_back"
    assert "Say who pays." in Mail.objects.filter(member=acme.rosa, kind="review").latest("pk").text


def test_any_is_any_inside_or_outside_and_each_is_each(acme: Cast) -> None:
    base(acme, TimedStep(roles=(Role.COACH,), outside=(LEX,)))
    assert answer(ask(written(acme), acme.rosa)) == "approved"
    assert yes(ask(written(acme), acme.rosa), acme.carla).state == "approved"
    base(acme, TimedStep(needs="all", roles=(Role.COACH,), outside=(LEX, AMARA)))
    review = ask(written(acme), acme.rosa)
    assert yes(review, acme.carla).state == "waiting"
    assert [answer(review, AMARA), answer(review)] == ["waiting", "approved"]
    base(acme, TimedStep(needs="all", outside=(LEX, AMARA)))
    review = ask(written(acme), acme.rosa)
    assert [answer(review), answer(review, AMARA)] == ["waiting", "approved"]


def test_each_waits_for_the_coach_who_stands_in_for_whoever_wrote_it(acme: Cast) -> None:
    base(acme, TimedStep(needs="all", member_ids=(acme.carla.pk,), outside=(LEX,)))
    piece = written(acme, author=acme.carla, saved_by=acme.carla)
    review = ask(piece, acme.carla)
    assert review.steps.get().roles == [Role.COACH, Role.OWNER]
    assert answer(review) == "waiting"
    assert yes(review, acme.olga).state == "approved"


def test_they_are_reminded_and_coaches_hear_that_nobody_answers(acme: Cast, sign_in: Any) -> None:
    base(acme, TimedStep(outside=(LEX,), hours=8))
    review = ask(written(acme), acme.rosa)
    guest = ReviewGuest.objects.get()

    def after(passed: timedelta) -> tuple[int, int, int]:
        """How many mails went to them, that it takes long, and that their link has ended, once so much has passed."""
        look_after_due(at=guest.asked_at + passed)
        to_coach = Mail.objects.filter(member=acme.carla)
        late, ended = (to_coach.filter(subject__contains=words).count() for words in ("in time", "has not answered"))
        return len(mails()), late, ended

    hours = [after(timedelta(hours=hours)) for hours in (1, 6, 7, 8, 9)]
    assert hours == [(1, 0, 0), (2, 0, 0), (2, 0, 0), (2, 1, 0), (2, 1, 0)]
    assert mails()[-1].subject.startswith("Reminder: Rosa asks")
    assert "Dr. Lex (outside)" in Mail.objects.get(member=acme.carla, subject__contains="in time").text
    assert [after(LINK_LIVES), after(LINK_LIVES + timedelta(days=1))] == [(2, 1, 1), (2, 1, 1)]
    assert AuditEntry.objects.filter(verb="end_guest_link").count() == 1
    assert AuditEntry.objects.filter(verb="readdress_review").count() == 0
    carla, here = sign_in(acme.carla), f"/o/acme/content/reviews/{review.pk}/"
    page = carla.get(here).content.decode()
    assert "named by the policy" in page and "Send a new link" in page and "/revoke/" not in page
    # Whoever asks them once more asks them for the policy, and takes nobody's place.
    carla.post(f"{here}ask-guest/", {"name": LEX.name, "email": LEX.email})
    assert ReviewGuest.objects.get(state="waiting").is_named and len(mails()) == 3
    assert answer(review) == "approved"


def test_who_writes_or_coaches_takes_nobody_away_whom_the_policy_names(acme: Cast) -> None:
    base(acme, TimedStep(outside=(LEX,)))
    review = ask(written(acme), acme.rosa)
    with pytest.raises(Refusal, match="policy names them"):
        revoke_guest(ReviewGuest.objects.get(), by=acme.carla, at=clock.now())
    other = ask_guest(review, name="A friend", email="friend@else.example", by=acme.carla, at=clock.now())
    assert not other.is_named
    assert answer(review, Outsider("A friend", "friend@else.example")) == "waiting"
    assert answer(review) == "approved"


def test_a_policy_that_names_them_later_asks_only_them(acme: Cast) -> None:
    piece = written(acme)
    yes(ask(piece, acme.rosa), acme.carla)
    base(acme, COACH, TimedStep(outside=(LEX,)))
    assert states(piece) == ["asks_more"]
    review = ask(piece, acme.rosa)
    assert [step.policy_asks.get("outside") for step in review.steps.all()] == [[LEX.email]]
    assert answer(review) == "approved" and states(piece) == ["approved"]
    base(acme, COACH, TimedStep(outside=(AMARA,)))
    assert states(piece) == ["asks_more"]


def test_whoever_has_become_a_member_is_asked_as_one_and_never_about_their_own(acme: Cast) -> None:
    base(acme, TimedStep(outside=(LEX, AMARA)))
    lena = join("Lena", Role.RESPONDER)
    lena.user.email = "Lex@Law.example"
    lena.user.save()
    step = ask(written(acme), acme.rosa).steps.get()
    assert (step.member_ids, step.outside) == ([lena.pk], [AMARA._asdict()]) and mails() == []
    base(acme, TimedStep(outside=(AMARA,)))
    ReviewPolicy.objects.get().steps.update(outside=[LEX._asdict()])
    piece: Piece = written(acme, author=lena, saved_by=lena)
    assert ask(piece, lena).steps.get().roles == [Role.COACH] and mails() == []


def test_what_cannot_be_asked_by_mail_is_refused(acme: Cast) -> None:
    wrong = (
        (Outsider("A", "nobody"),), (Outsider("", "a@b.example"),), (LEX, Outsider("Again", LEX.email)),
        (Outsider("Rosa", acme.rosa.user.email),), (Outsider("Big", "A@b.example"),),
        tuple(Outsider("A", f"a{n}@b.example") for n in range(6)),
    )  # fmt: skip
    for outside in wrong:
        with pytest.raises(ValidationError):
            set_review_base(
                acme.organization, steps=[TimedStep(outside=outside)], by=acme.carla, at=clock.now()
            )  # fmt: skip


def test_the_page_and_the_api_name_them(acme: Cast, sign_in: Any, api: Any) -> None:
    carla, page = sign_in(acme.carla), "/o/acme/content/review-policies/base/"
    said = {"needs_1": "all", "hours_1": "6", "outside_1": " Dr. <b>Lex</b>, LEX@law.example \n\namara@law.example"}
    assert carla.post(page, said).status_code == 302
    (step,) = steps_of(ReviewPolicy.objects.base())
    assert step.outside == (Outsider("Dr. <b>Lex</b>", LEX.email), Outsider(AMARA.email, AMARA.email))
    listed = carla.get("/o/acme/content/review-policies/").content.decode()
    assert "each of Dr. &lt;b&gt;Lex&lt;/b&gt; (outside), amara@law.example (outside)" in listed
    assert "Dr. &lt;b&gt;Lex&lt;/b&gt;, lex@law.example" in carla.get(page).content.decode()
    again = carla.post(page, {"outside_1": "Lex without address"})
    assert again.status_code == 422 and "Lex without address” has none" in again.content.decode()
    program, url = api(acme.carla), "/api/v1/review-policies/"
    fields = {
        "name": "Films",
        "kind": "film",
        "steps": [{"outside": [{"name": "Dr. Lex", "email": "LEX@law.example"}]}],
    }
    made = program.post(url, fields).json()
    assert made["steps"][0] == {
        "needs": "any", "roles": [], "member_ids": [], "hours": 24, "outside": [LEX._asdict()],
    }  # fmt: skip
    # What a step leaves out of a change is as usual, and nobody is forgotten by another name.
    there = f"{url}{made['id']}/"
    assert program.patch(there, {"name": "All films"}).json()["steps"] == made["steps"]
    assert program.patch(there, {"steps": [{"roles": ["booth"]}]}).json()["steps"][0]["roles"] == ["booth"]
    assert program.patch(there, {"steps": [{"outside": [{"name": "A", "email": "no"}]}]}).status_code == 400
    base(acme, TimedStep(outside=(LEX,)))
    shown = program.get(f"/api/v1/reviews/{ask(written(acme), acme.rosa).pk}/").json()["steps"][0]
    assert (shown["outside"], shown["guests"][0]["is_named"]) == ([LEX._asdict()], True)
    variant = written(acme).variants.get()
    assert review_state([variant]) == {variant.pk: "needed"}
