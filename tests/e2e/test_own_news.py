"""What one does oneself comes back as news, too, and may be quicker than its own answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engagement.actions.assignments import assign, claim
from engagement.models import Assignment
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.conftest import Visitor
from tests.e2e.test_two_responders import forgive


def held_back(page: Any, button: str, verb: str) -> Any:
    """Press a button; what it asks for is on its way until it is let through."""
    held: list[Any] = []
    page.route(f"**/{verb}/", lambda route: held.append(route))  # noqa: PLW0108  # list.append takes no attribute
    page.get_by_role("button", name=button).click()
    while not held:
        page.wait_for_timeout(20)
    return held[0]


def test_undo_is_offered_though_the_news_of_it_came_first(visitor: Callable[..., Visitor], stage: Cast) -> None:
    with acting_for(stage.organization):
        row = factories.assignment(department=stage.care, member=stage.rosa)
    rosa = visitor().signs_in(stage.rosa)
    rosa.goes_to(f"/queue/{row.pk}/")
    page, pressed = rosa.page, held_back(rosa.page, "Claim", "claim")
    answer = pressed.fetch()
    with page.expect_response("**/now/**"):
        page.evaluate("document.getElementById('conversation_live').dispatchEvent(new CustomEvent('look-again'))")
    page.wait_for_timeout(100)
    pressed.fulfill(response=answer)
    page.get_by_text("It is yours.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("The assignment is given back.").wait_for()
    with acting_for(stage.organization):
        assert Assignment.objects.get().state == Assignment.State.OPEN


def test_a_refused_press_is_followed_by_the_news_that_waited_for_it(
    visitor: Callable[..., Visitor], stage: Cast
) -> None:
    with acting_for(stage.organization):
        row = claim(factories.assignment(department=stage.care), by=stage.rosa, at=clock.now())
    rosa = visitor().signs_in(stage.rosa)
    rosa.goes_to(f"/queue/{row.pk}/")
    page, pressed = rosa.page, held_back(rosa.page, "Give back", "release")
    with acting_for(stage.organization):
        assign(row, to=stage.rui, by=stage.carla, at=clock.now())
        claim(row, by=stage.rui, at=clock.now())
    with page.expect_response("**/now/**"):
        page.evaluate("document.getElementById('conversation_live').dispatchEvent(new CustomEvent('look-again'))")
    page.wait_for_timeout(100)
    head = page.locator("#conversation_head")
    assert "Claimed by Rui" not in head.inner_text(), "not while she presses in it"
    pressed.fulfill(response=pressed.fetch())
    page.locator("#flash").get_by_text("Rui").wait_for()
    head.get_by_text("Claimed by Rui").wait_for()
    forgive(rosa)
