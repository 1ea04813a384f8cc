"""The booth at real browsers: asked on a page, answered from the mail without signing in and without script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engagement.models import ConsultRequest
from roles import clock
from roles.models import Mail
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor

Visit = Callable[..., Visitor]


def test_a_question_goes_to_the_booth_and_its_answer_into_the_draft(visitor: Visit, stage: Cast) -> None:
    at = clock.now()
    with acting_for(stage.organization):
        row = factories.assignment(
            department=stage.care, member=stage.rosa, state="claimed", claimed_at=at, text="When is Acme back?"
        )
        factories.channel()
    rosa = visitor().signs_in(stage.rosa)
    rosa.goes_to(f"/queue/{row.pk}/")
    rosa.page.get_by_role("link", name="Ask the booth").click()
    rosa.page.get_by_label("What do you want to know?").fill("May we promise a date?")
    rosa.page.get_by_label("Bodo", exact=True).check()
    assert check_with_axe(rosa.page) == []
    rosa.shot("consult-form")
    rosa.page.keyboard.press("Tab")
    rosa.page.get_by_role("button", name="Ask", exact=True).click()
    rosa.page.get_by_text("Waiting for Bodo").wait_for()
    bodo: Any = visitor(width=390, dark=True, script=False)
    with acting_for(stage.organization):
        mail = Mail.objects.get(member=stage.bodo)
    link = next(word for word in mail.text.split() if "/consults/answer/" in word)
    bodo.page.goto(bodo.address + "/consults/" + link.split("/consults/", 1)[1])
    bodo.shot("consult-link")
    bodo.page.get_by_label("Your answer").fill("Yes: Friday at noon.")
    bodo.page.get_by_role("button", name="Send my answer").click()
    bodo.page.get_by_text("Your answer is there").wait_for()
    bodo.shot("consult-link-answered")
    with acting_for(stage.organization):
        assert ConsultRequest.objects.get().answer == "Yes: Friday at noon."
    rosa.page.reload()
    rosa.page.get_by_role("button", name="Insert into the reply").click()
    assert rosa.page.locator("#reply_text").input_value() == "Yes: Friday at noon."
    assert check_with_axe(rosa.page) == []
    rosa.shot("consult-answered")


def test_the_pages_of_consults_are_for_everybody(visitor: Visit, stage: Cast) -> None:
    from engagement.actions.consults import consult
    from engagement.consult_tokens import link_token

    at = clock.now()
    with acting_for(stage.organization):
        row = factories.assignment(department=stage.care, member=stage.rosa, state="claimed", claimed_at=at)
        made = consult(row, question="May we promise a date?", to=[stage.bodo], by=stage.rosa, at=at)
        token = link_token(made.requests.get())
    carla = visitor().signs_in(stage.carla)
    for address in ("/consults/", "/consults/policy/", "/received-mails/", "/questions/"):
        carla.goes_to(address)
        carla.shot(address.strip("/").replace("/", "-"))
        assert check_with_axe(carla.page) == [], address
    bodo = visitor(width=390, dark=True).signs_in(stage.bodo)
    bodo.goes_to("/questions/")
    bodo.shot("my-questions")
    assert check_with_axe(bodo.page) == []
    bodo.page.get_by_role("link", name="May we promise a date?").click()
    assert check_with_axe(bodo.page) == []
    stranger = visitor(width=390)
    stranger.page.goto(f"{stranger.address}/consults/answer/{token}/")
    assert check_with_axe(stranger.page) == []
    assert stranger.page.evaluate("document.documentElement.scrollWidth") <= 390
