"""Time, cadence and surge plans at a real browser: told by open pages, worked by coaches, by phone, without script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from time import monotonic
from typing import Any

from content.calendar_days import monday_of
from engagement.actions.rules import add_rule, switch_rule
from maturity.actions.surges import plan_surge, switch_surge_off, switch_surge_on
from maturity.actions.time import add_time, correct_time
from maturity.models import LastSign, MeasuredTime, SurgePlan
from roles import clock
from roles.actions.people import Block, set_time_blocks
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor, wait_until

Visit = Callable[..., Visitor]
PAGES = ("/playbook/budget/", "/time/", "/time/people/", "/cadence/", "/cadence/people/", "/surges/", "/surges/plan/")


def seconds(stage: Cast) -> float:
    with acting_for(stage.organization):
        return sum(row.seconds for row in MeasuredTime.objects.all())


def live(stage: Cast) -> None:
    """Four weeks of work, blocks, and two surge plans."""
    at = clock.now()
    acting: dict[str, Any] = {"by": stage.carla, "at": at}
    with acting_for(stage.organization):
        today = at.date()
        for back in range(1, 36):
            day = today - timedelta(days=back)
            for number, who in enumerate((stage.rosa, stage.rui, stage.carla)):
                MeasuredTime.objects.create(
                    member=who, day=day, activity="responding", seconds=60 * (20 + (back + number) % 7 * 15)
                )
        add_time(stage.carla, activity="measuring", minutes=75, day=monday_of(today), by=stage.carla, at=at)
        correct_time(stage.carla, activity="measuring", minutes=60, day=monday_of(today), by=stage.carla, at=at)
        blocks = [Block(day, time(9), time(9, 45), "responding") for day in range(5)]
        blocks.append(Block(2, time(9, 30), time(10), "monitoring"))
        for who in (stage.rosa, stage.carla):
            set_time_blocks(who, blocks=blocks, by=who, at=at - timedelta(days=50))
        rule = add_rule(stage.care, name="Outage", **acting)
        switch_rule(rule, on=False, **acting)
        plan_surge(
            stage.care, title="Spring sale", factor=3, trigger="by_time", starts_at=at + timedelta(days=3),
            ends_at=at + timedelta(days=5), members=[stage.gita], rules=[rule], first_response_minutes=60, **acting,
        )  # fmt: skip
        past = plan_surge(stage.care, title="The old sale", members=[stage.gita], **acting)
        past = switch_surge_on(past, by=stage.carla, at=at - timedelta(days=2))
        switch_surge_off(past, by=stage.carla, at=at - timedelta(days=1))


def test_an_open_page_tells_how_long_somebody_was_there(visitor: Visit, stage: Cast) -> None:
    rosa, began = visitor().signs_in(stage.rosa), monotonic()
    rosa.goes_to("/queue/")
    rosa.page.mouse.move(40, 40)
    rosa.page.wait_for_timeout(1600)
    rosa.goes_to("/time/")
    rosa.page.get_by_role("heading", name="My time").wait_for()
    wait_until(lambda: seconds(stage) >= 1)
    told = seconds(stage)
    assert told <= monotonic() - began + 1
    # A page that is no work of the five tells nothing.
    rosa.page.wait_for_timeout(1200)
    rosa.goes_to("/team/")
    rosa.page.wait_for_timeout(300)
    assert seconds(stage) == told
    assert rosa.complaints == []


def test_without_script_it_is_the_pages_and_the_form(visitor: Visit, stage: Cast) -> None:
    rosa: Any = visitor(width=390, script=False).signs_in(stage.rosa)
    rosa.goes_to("/queue/")
    with acting_for(stage.organization):
        LastSign.objects.update(at=clock.now() - timedelta(seconds=100))
    rosa.goes_to("/time/")
    assert 95 < seconds(stage) < 120
    rosa.page.get_by_label("How long", exact=False).first.fill("1:30")
    rosa.page.get_by_role("button", name="Enter", exact=True).click()
    assert rosa.page.get_by_text("The time is entered.").is_visible()
    rosa.page.get_by_label("How long it really was: Responding").fill("0:10")
    rosa.page.get_by_role("button", name="Correct").nth(1).click()
    assert rosa.page.get_by_text("Responding: 0:10").is_visible()


def test_the_pages_are_for_everybody(visitor: Visit, stage: Cast) -> None:
    carla = visitor().signs_in(stage.carla)
    for address in PAGES:
        carla.goes_to(address)
        carla.shot(f"nothing{address.replace('/', '-')}")
        assert check_with_axe(carla.page) == [], address
    live(stage)
    with acting_for(stage.organization):
        plans = [f"/surges/{row.pk}/" for row in SurgePlan.objects.all()]
    for address in (*PAGES, *plans, f"/team/{stage.carla.pk}/time-blocks/", "/playbook/staffing/"):
        carla.goes_to(address)
        for width in carla.looks():
            carla.shot(f"{width}{address.replace('/', '-')}")
            assert check_with_axe(carla.page) == [], (address, width)
            assert carla.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, width)


def test_a_new_coach_prepares_and_switches(visitor: Visit, stage: Cast) -> None:
    carla = visitor().signs_in(stage.carla)
    carla.goes_to("/surges/")
    carla.page.get_by_role("link", name="Plan for a surge").click()
    carla.page.get_by_label("What is expected").fill("Price change")
    carla.page.get_by_label("Gita").check()
    carla.page.get_by_role("button", name="Save").click()
    carla.page.get_by_role("button", name="Switch on now").click()
    carla.page.get_by_role("dialog").get_by_role("button", name="Switch on now").click()
    carla.page.get_by_text("This plan is in force.").wait_for()
    carla.page.get_by_role("textbox", name="What we learned").fill("Tell the workshop first.")
    carla.page.get_by_role("button", name="Save").click()
    carla.page.get_by_text("Saved.").wait_for()
    carla.page.get_by_role("button", name="Switch off").click()
    carla.page.get_by_role("dialog").get_by_role("button", name="Switch off").click()
    carla.page.get_by_text("What came").wait_for()
