"""The booth from e-mail to answer in a browser that runs no script: by the mailed link, and signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engagement.actions.approvals import add_policy
from engagement.actions.consults import consult
from engagement.actions.replies import reply
from engagement.models import Approval, Assignment, ConsultRequest
from roles import clock
from roles.models import Mail, Member
from roles.steps import A_COACH
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.conftest import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def rows(stage: Cast) -> list[Assignment]:
    """What Rosa has claimed and cannot answer alone."""
    at = clock.now()
    with acting_for(stage.organization):
        return [
            factories.assignment(department=stage.care, member=stage.rosa, state="claimed", claimed_at=at, text=text)
            for text in ("When is Acme back?", "Does the brake fit the old frame?")
        ]


def mailed_link(member: Member, path: str) -> str:
    """What of the newest mail to a member leads to such a path."""
    with acting_for(member.organization):
        text = Mail.objects.filter(member=member, text__contains=path).latest("pk").text
    return path + next(word for word in text.split() if path in word).split(path, 1)[1]


@pytest.mark.parametrize("width", [1440, 390])
def test_a_consult_is_answered_and_corrected_by_its_mailed_link(
    visitor: Visit, stage: Cast, rows: list[Assignment], width: int
) -> None:
    with acting_for(stage.organization):
        consult(rows[0], question="May we promise a date?", to=[stage.bodo], by=stage.rosa, at=clock.now())
    bodo = visitor(width=width, script=False)
    bodo.page.goto(bodo.address + mailed_link(stage.bodo, "/consults/answer/"))
    bodo.page.get_by_text("When is Acme back?").wait_for()
    bodo.page.get_by_label("Your answer").fill("Yes: Friday.")
    bodo.page.get_by_role("button", name="Send my answer").click()
    bodo.page.get_by_text("Your answer is there").wait_for()
    bodo.page.get_by_label("Your answer").fill("Yes: Friday at noon.")
    bodo.page.get_by_role("button", name="Correct my answer").click()
    bodo.page.get_by_text("Your answer is there").wait_for()
    bodo.shot(f"booth-no-script-link-{width}")
    with acting_for(stage.organization):
        row = ConsultRequest.objects.get()
        assert (row.answer, row.way) == ("Yes: Friday at noon.", ConsultRequest.Way.LINK)
    # No account was needed, and none was opened.
    bodo.goes_to("/questions/")
    assert "/accounts/login/" in bodo.page.url


def test_questions_are_found_and_answered_after_signing_in(visitor: Visit, stage: Cast, rows: list[Assignment]) -> None:
    bodo = visitor(width=390, script=False).fills_in_the_form(stage.bodo)
    bodo.goes_to("/questions/")
    bodo.page.get_by_text("Nobody waits for you").wait_for()
    with acting_for(stage.organization):
        for row, question in zip(rows, ("May we promise a date?", "Does it fit?"), strict=True):
            consult(row, question=question, to=[stage.bodo], by=stage.rosa, at=clock.now())
    bodo.page.reload()
    bodo.page.get_by_role("link", name="Does it fit?").wait_for()
    bodo.shot("booth-no-script-questions")
    bodo.page.get_by_role("link", name="May we promise a date?").click()
    bodo.page.get_by_label("Your answer").fill("Friday.")
    bodo.page.get_by_role("button", name="Send my answer").click()
    bodo.page.get_by_text("Thank you. Your answer is there.").wait_for()
    assert bodo.page.get_by_role("link", name="May we promise a date?").count() == 0
    bodo.page.get_by_role("link", name="Answered").click()
    bodo.page.get_by_role("link", name="May we promise a date?").wait_for()
    bodo.shot("booth-no-script-answered")


def test_a_reply_is_approved_or_sent_back_by_its_mailed_link(
    visitor: Visit, stage: Cast, rows: list[Assignment]
) -> None:
    at = clock.now()
    with acting_for(stage.organization):
        channel = factories.channel()
        add_policy(stage.organization, name="Everything", steps=(A_COACH,), by=stage.carla, at=at)
    carla = visitor(width=390, script=False)
    for row, button, ends in zip(rows, ("Yes, exactly this may go out", "Send back"), ("yes", "no"), strict=True):
        with acting_for(stage.organization):
            reply(row, text=f"We are on it: {ends}.", channel=channel, key=ends, by=stage.rosa, at=clock.now())
        carla.page.goto(carla.address + mailed_link(stage.carla, "/approvals/by-link/"))
        carla.page.get_by_text(f"We are on it: {ends}.").wait_for()
        if ends == "no":
            carla.page.get_by_text("No, something should be different").click()
            carla.page.get_by_label("What should be different").fill("Say when.")
        carla.page.get_by_role("button", name=button).click()
        carla.page.get_by_role("heading", name="Thank you").wait_for()
        carla.shot(f"booth-no-script-approval-{ends}")
    with acting_for(stage.organization):
        assert list(Approval.objects.order_by("pk").values_list("state", flat=True)) == ["approved", "sent_back"]
