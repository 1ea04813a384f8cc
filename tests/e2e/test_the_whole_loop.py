"""From a post on the practice field to a figure on the dashboard, by people at real browsers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from engagement.actions import rules
from engagement.conditions import all_of
from engagement.models import Reply
from engagement.tasks import deliver_ready
from listening.actions import queries, sources
from listening.models import Channel, PracticeAccount, PracticePost
from listening.practice_field import actions as field
from listening.tasks import poll_due
from measurement.tasks import refresh_rollups
from roles import clock
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor

ASKED = "@acme my display shows error E14. What can I do?"
ANSWERED = "Sorry to hear that! Unplug the brake switch for a minute, please."


@pytest.fixture
def asked(stage: Cast) -> PracticePost:
    """Acme listens to the practice field, and somebody has just asked something there."""
    with acting_for(stage.organization):
        at = clock.now()
        ours = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
        channel = Channel.objects.create(network="practice", account_id=str(ours.pk), handle="acme", name="Acme")
        acting: dict[str, Any] = {"by": stage.carla, "at": at}
        query = queries.add_query(name="Acme", expression="acme OR @acme", **acting)
        rules.add_rule(stage.care, name="About us", condition=all_of(query=query.pk), **acting)
        sources.add_source(network="practice", place="everything", name="Field", channel=channel, **acting)
        pablo = PracticeAccount.objects.create(handle="pablo", name="Pablo Herrera")
        return field.post(pablo, text=ASKED, by=None, at=at)


def work() -> None:
    """What the workers do, now, in a thread of their own: the test's has the event loop of the browser."""
    with ThreadPoolExecutor(1) as workers:
        workers.submit(_work).result()


def _work() -> None:
    try:
        poll_due()
        deliver_ready()
        poll_due()
        refresh_rollups()
    finally:
        connections.close_all()


@pytest.mark.parametrize(("width", "script"), [(1440, True), (390, True), (1440, False)])
def test_a_question_is_answered_and_counted(
    visitor: Callable[..., Visitor], stage: Cast, asked: PracticePost, width: int, script: bool
) -> None:
    work()
    with acting_for(stage.organization):
        holder = stage.rosa if stage.rosa.assignments.exists() else stage.rui
    rosa = visitor(width=width, script=script).fills_in_the_form(holder)
    rosa.goes_to("/queue/")
    rosa.shot(f"queue-{width}-{script}")
    rosa.page.get_by_text("error E14").first.click()
    rosa.page.get_by_label("Public reply as").fill(ANSWERED)
    rosa.shot(f"conversation-{width}-{script}")
    rosa.page.get_by_role("button", name="Send and resolve").click()
    rosa.page.get_by_text("on its way").first.wait_for()
    work()
    with acting_for(stage.organization):
        assert Reply.objects.get().state == Reply.State.ACCEPTED
        assert PracticePost.objects.filter(text=ANSWERED, in_reply_to=asked).count() == 1
    rosa.goes_to(f"/practice/{asked.pk}/")
    rosa.page.get_by_text(ANSWERED).first.wait_for()

    elif_ = visitor(width=width, script=script).signs_in(stage.elif_)
    elif_.goes_to("/measure/")
    elif_.shot(f"measure-{width}-{script}")
    assert "100" in elif_.page.locator("main").inner_text()


def test_the_queue_is_worked_with_the_keyboard_alone(
    visitor: Callable[..., Visitor], stage: Cast, asked: PracticePost
) -> None:
    work()
    with acting_for(stage.organization):
        holder = stage.rosa if stage.rosa.assignments.exists() else stage.rui
    rosa = visitor().signs_in(holder)
    rosa.goes_to("/queue/")
    keys = rosa.page.keyboard
    keys.press("j")
    keys.press("Enter")
    rosa.page.wait_for_url("**/queue/*/**")
    rosa.page.get_by_label("Public reply as").wait_for()
    keys.press("r")
    keys.type(ANSWERED)
    keys.press("Control+Enter")
    rosa.page.get_by_text("on its way").first.wait_for()
    work()
    with acting_for(stage.organization):
        assert PracticePost.objects.filter(text=ANSWERED).count() == 1


def test_a_picture_is_walked_over_with_the_arrows(
    visitor: Callable[..., Visitor], stage: Cast, asked: PracticePost
) -> None:
    work()
    elif_ = visitor().signs_in(stage.elif_)
    elif_.goes_to("/measure/?days=7")
    picture = elif_.page.locator(".chart").first
    steps = picture.locator("svg a")
    assert [steps.nth(number).get_attribute("tabindex") for number in range(7)] == ["-1"] * 6 + ["0"]
    steps.last.focus()
    tip = picture.locator(".chart__tip")
    assert "Practice field" in tip.inner_text()
    elif_.page.keyboard.press("ArrowLeft")
    assert steps.nth(5).get_attribute("tabindex") == "0" and "Practice field: 0" in tip.inner_text()
    elif_.page.keyboard.press("Escape")
    assert not tip.is_visible()
    elif_.page.emulate_media(media="print")
    assert picture.locator("svg").is_visible(), "paper shows the picture, too"
    elif_.page.emulate_media(media="screen")
    elif_.page.keyboard.press("End")
    elif_.page.keyboard.press("Enter")
    elif_.page.wait_for_url("**/measure/mentions/**")
    assert elif_.page.locator("[data-row]").count() > 0


PAGES = {
    "carla": ["/queue/?tab=everyone", "/rules/", "/rules/add/", "/stream/", "/sources/", "/sources/add/",
              "/sources/import/", "/queries/", "/queries/add/", "/practice/", "/playbook/", "/content/", "/measure/",
              "/measure/figures/", "/measure/explore/?by=time&metric=captured", "/measure/explore/?by=hour",
              "/measure/explore/?by=spread&metric=resolution_median", "/measure/people/", "/measure/voices/",
              "/measure/kpis/", "/measure/return/", "/measure/timeline/", "/measure/mentions/?hour=9",
              "/measure/reports/compose/", "/audit/"],
    "olga": ["/team/", "/team/who-may-do-what/", "/tokens/"],
}  # fmt: skip


def test_axe_finds_nothing_and_no_page_scrolls_sideways(
    visitor: Callable[..., Visitor], stage: Cast, asked: PracticePost
) -> None:
    work()
    found = {}
    for name, paths in PAGES.items():
        guest = visitor().signs_in(getattr(stage, name))
        for path in paths:
            assert guest.goes_to(path).status == 200, path
            for width in guest.looks():
                complaints = check_with_axe(guest.page)
                if guest.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                    complaints.append("scrolls sideways")
                if complaints:
                    found[path, width] = complaints
                guest.shot(f"{path.strip('/').replace('/', '-').replace('?', '-')}-{width}")
    assert found == {}
