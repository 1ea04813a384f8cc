"""Two responders at two browsers: each sees the other looking and writing, and only one answer goes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from engagement.actions.assignments import claim
from engagement.models import Assignment, Draft, Reply
from listening.models import Channel, Mention, Post, PracticeAccount, PracticePost, Revision
from listening.practice_field import actions as field
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import EventStream, Visitor
from tests.e2e.test_the_whole_loop import work

ASKED = "@acme my display shows error E14. What can I do?"


@pytest.fixture
def asked(stage: Cast) -> Assignment:
    """Somebody has asked something on the practice field, and nobody has taken it yet."""
    with acting_for(stage.organization):
        at = clock.now()
        ours = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
        Channel.objects.create(network="practice", account_id=str(ours.pk), handle="acme", name="Acme")
        pablo = PracticeAccount.objects.create(handle="pablo", name="Pablo Herrera")
        said = field.post(pablo, text=ASKED, by=None, at=at)
        post = factories.post(ASKED, remote_id=str(said.pk), conversation=str(said.pk))
        mention = Mention.objects.create(post=post, network="practice", captured_at=at, state="routed")
        return factories.assignment(department=stage.care, mention=mention)


def forgive(*visitors: Visitor) -> None:
    """The browser's own word for a refusal, which the page has shown in better ones, is no complaint."""
    for visitor in visitors:
        visitor.complaints = [
            one for one in visitor.complaints if "status of 403" not in one and "status of 409" not in one
        ]


def opens(visitor: Visitor, row: Assignment) -> Any:
    visitor.goes_to(f"/queue/{row.pk}/?tab=waiting")
    return visitor.page


@pytest.mark.parametrize("width", [1440, 390])
def test_each_sees_the_other_and_one_answer_goes_out(
    events: EventStream, visitor: Callable[..., Visitor], stage: Cast, asked: Assignment, width: int
) -> None:
    rosa, rui = visitor(width=width).signs_in(stage.rosa), visitor(width=width).signs_in(stage.rui)
    carla = visitor().signs_in(stage.carla)
    carla.goes_to("/queue/?tab=everyone")
    one, other = opens(rosa, asked), opens(rui, asked)
    one.get_by_text("Rui has this open.").wait_for()
    other.get_by_text("Rosa has this open.").wait_for()
    one.get_by_label("Public reply as").click()
    one.keyboard.type("From Rosa.")
    other.get_by_text("Rosa is writing.").wait_for()
    carla.page.get_by_text("Rosa writes").wait_for()
    other.get_by_label("Public reply as").click()
    other.keyboard.type("From Rui.")
    one.get_by_text("Rui is writing.").wait_for()
    rosa.shot(f"both-write-{width}")
    # Both press at once, by the keyboard.
    one.keyboard.press("Control+Enter")
    other.keyboard.press("Control+Enter")
    for page in (one, other):
        page.get_by_text("Nothing was sent").or_(page.get_by_text("on its way")).first.wait_for()
    rui.shot(f"second-{width}")
    work()
    with acting_for(stage.organization):
        sent = Reply.objects.get()
        assert sent.state == Reply.State.ACCEPTED
        assert PracticePost.objects.filter(in_reply_to__isnull=False).count() == 1
        loser = stage.rui if sent.by_id == stage.rosa.pk else stage.rosa
        words = "From Rui." if loser == stage.rui else "From Rosa."
        assert Draft.objects.get(member=loser).text == words
    page = other if loser == stage.rui else one
    page.get_by_text(words).first.wait_for()
    forgive(rosa, rui)
    # Whoever leaves is seen no more.
    (one if page is other else other).goto("about:blank")
    page.get_by_text("has this open").wait_for(state="detached")
    if width == 390:
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    assert check_with_axe(page) == []


def test_a_note_and_a_new_post_come_without_touching_what_is_typed(
    events: EventStream, visitor: Callable[..., Visitor], stage: Cast, asked: Assignment
) -> None:
    rosa, rui = visitor().signs_in(stage.rosa), visitor().signs_in(stage.rui)
    one, other = opens(rosa, asked), opens(rui, asked)
    one.get_by_label("Public reply as").click()
    one.keyboard.type("Half a sen")
    other.keyboard.press("n")
    other.keyboard.type("@Rosa the workshop knows this one.")
    other.keyboard.press("Control+Enter")
    one.get_by_text("the workshop knows this one").wait_for()
    one.keyboard.type("tence.")
    assert one.get_by_label("Public reply as").input_value() == "Half a sentence."
    one.get_by_role("button", name="Share draft").click()
    one.get_by_text("Open to colleagues, begun by Rosa").wait_for()
    other.reload()
    field = other.get_by_label("Public reply as")
    assert field.input_value() == "Half a sentence."
    field.press("End")
    other.keyboard.type(" And more.")
    other.get_by_text("Draft saved").wait_for()
    expect(one.get_by_label("Public reply as")).to_have_value("Half a sentence. And more.", timeout=90_000)
    rosa.shot("shared-draft")
    for page in (one, other):
        assert check_with_axe(page) == []


def test_what_was_edited_stops_it_and_is_sent_all_the_same(
    visitor: Callable[..., Visitor], stage: Cast, asked: Assignment
) -> None:
    rosa = visitor(width=390).signs_in(stage.rosa)
    page = opens(rosa, asked)
    page.get_by_label("Public reply as").fill("Unplug the brake switch.")
    with acting_for(stage.organization):
        post = Post.objects.get(pk=asked.mention.post_id)
        Revision.objects.create(post=post, number=1, text=post.text, seen_at=clock.now())
        Post.objects.filter(pk=post.pk).update(text="Error E41, sorry!", revision_count=2, edited_at=clock.now())
    page.get_by_role("button", name="Send and resolve").click()
    page.get_by_text("Nothing was sent").wait_for()
    page.get_by_text("Error E41, sorry!").last.wait_for()
    forgive(rosa)
    rosa.shot("edited-390")
    assert check_with_axe(page) == []
    assert page.get_by_label("Public reply as").input_value() == "Unplug the brake switch."
    page.get_by_role("button", name="Send anyway", exact=False).last.click()
    page.get_by_text("on its way").first.wait_for()
    with acting_for(stage.organization):
        assert Reply.objects.get().post_revision == 2


def test_a_failure_of_the_server_is_said_and_loses_nothing(
    visitor: Callable[..., Visitor], stage: Cast, asked: Assignment
) -> None:
    rosa = visitor().signs_in(stage.rosa)
    page = opens(rosa, asked)
    page.get_by_label("Public reply as").fill("Unplug the brake switch.")
    page.route("**/reply/", lambda route: route.fulfill(status=500, body="<h1>Traceback</h1>"))
    page.get_by_role("button", name="Send and resolve").click()
    page.locator("#flash .flash__item--error").wait_for()
    assert "Traceback" not in page.content()
    assert page.get_by_label("Public reply as").input_value() == "Unplug the brake switch."
    page.unroute("**/reply/")
    page.get_by_role("button", name="Send and resolve").click()
    page.get_by_text("on its way").first.wait_for()
    rosa.complaints.clear()  # the browser's word for the failure
    with acting_for(stage.organization):
        assert Reply.objects.count() == 1


def test_several_are_resolved_by_keyboard_and_brought_back(
    visitor: Callable[..., Visitor], stage: Cast, asked: Assignment
) -> None:
    with acting_for(stage.organization):
        for number in range(3):
            factories.assignment(department=stage.care, member=stage.rosa, text=f"Noise {number}")
    rosa = visitor().signs_in(stage.rosa)
    rosa.goes_to("/queue/")
    page, keys = rosa.page, rosa.page.keyboard
    for key in ("j", "x", "j", "x", "e"):
        keys.press(key)
    rosa.shot("bulk")
    assert check_with_axe(page) == []
    page.get_by_role("button", name="Answered").wait_for()
    keys.press("Enter")
    page.get_by_text("2 done.").wait_for()
    with acting_for(stage.organization):
        assert Assignment.objects.filter(state="resolved").count() == 2
    keys.press("z")
    page.get_by_text("2 done.").wait_for()
    expect(page.locator(".ticket")).to_have_count(3, timeout=90_000)
    with acting_for(stage.organization):
        assert not Assignment.objects.filter(state="resolved").exists()
    assert check_with_axe(page) == []


def test_after_a_break_the_lines_say_how_it_is_now(
    events: EventStream, visitor: Callable[..., Visitor], stage: Cast, asked: Assignment
) -> None:
    rosa, rui = visitor().signs_in(stage.rosa), visitor().signs_in(stage.rui)
    rosa.goes_to("/queue/?tab=everyone")
    rosa.page.locator("body[data-live-state=on]").wait_for(state="attached")
    line = rosa.page.locator(".ticket")
    rosa.page.route("**/queue/marks/**", lambda route: route.abort())
    events.goes()
    rosa.page.locator("body[data-live-state=off]").wait_for(state="attached")
    # While nobody listens it gets into Rui's hands, who has it open.
    with acting_for(stage.organization):
        claim(asked, by=stage.rui, at=clock.now())
    opens(rui, asked)
    events.comes()
    rosa.page.locator("body[data-live-state=on]").wait_for(state="attached")
    assert line.get_by_text("Claimed").count() == 0
    rosa.page.unroute("**/queue/marks/**")
    line.get_by_text("Claimed").wait_for()
    line.locator(".ticket__person", has_text="Rui").wait_for()
    rosa.complaints.clear()  # the browser's word for what was away
    rui.complaints.clear()


def test_what_was_said_while_the_page_came_is_not_missed(
    events: EventStream, visitor: Callable[..., Visitor], stage: Cast, asked: Assignment
) -> None:
    rosa = visitor().signs_in(stage.rosa)

    # The page has been drawn and does not listen yet: just then somebody claims it.
    def meanwhile(route: Any) -> None:
        with acting_for(stage.organization):
            claim(asked, by=stage.rui, at=clock.now())
        route.continue_()

    warm = visitor().signs_in(stage.rui)
    warm.goes_to("/queue/")
    warm.page.locator("body[data-live-state=on]").wait_for(state="attached")
    rosa.page.route("**/events?**", meanwhile, times=1)
    rosa.goes_to("/queue/?tab=everyone")
    rosa.page.locator(".ticket").get_by_text("Claimed").wait_for(timeout=15_000)
