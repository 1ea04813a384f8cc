"""A coach who has never been here sets level, budget, cadence, guideline, surge and drill by what the pages say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from maturity.models import BudgetedTime, Drill, GuidelineSection, SurgePlan
from roles.models import Organization, TimeBlock
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor

Visit = Callable[..., Visitor]


def goes_by_the_navigation(who: Visitor, room: str, place: str) -> Any:
    """Open a room of the navigation, if it is folded, and go to a place in it."""
    navigation = who.page.get_by_role("navigation", name="Main")
    link = navigation.get_by_role("link", name=place, exact=True)
    if not link.is_visible():
        navigation.get_by_text(room, exact=True).click()
    link.click()
    who.page.get_by_role("heading", level=1, name=place).wait_for()
    assert check_with_axe(who.page) == [], place
    return who.page


def test_everything_is_set_by_what_the_pages_say(visitor: Visit, stage: Cast) -> None:
    carla = visitor().signs_in(stage.carla)
    carla.goes_to("/")
    # The ladder says in its first sentences where one stands and what is first, and in its first cards what it takes.
    page = goes_by_the_navigation(carla, "Strategy", "Playbook")
    said = page.locator(".page__header").inner_text()
    assert "We stand at “Responsive”; what we do does not carry “Passive” yet" in said and "First to work on:" in said
    assert page.get_by_role("region", name="Most worth working on next").get_by_role("listitem").count() == 3
    carla.shot("coach-playbook")
    level = page.get_by_role("region", name="The level, and how we came here")
    level.get_by_text("Set the level").click()
    level.get_by_label("Level").select_option(label="Engaging")
    level.get_by_label("Why").fill("We have begun to join in.")
    level.get_by_role("button", name="Set it").click()
    page.get_by_text("We stand at “Engaging”").wait_for()

    page = goes_by_the_navigation(carla, "People and time", "Time budget")
    carla.shot("coach-budget")
    page.get_by_role("link", name="One person").click()
    page.get_by_label("Hours a week").first.fill("20")
    page.get_by_text("8 hours a week").first.wait_for()
    page.get_by_role("button", name="Use these hours").click()
    page.get_by_text("20 hours a week are planned").wait_for()

    page = goes_by_the_navigation(carla, "People and time", "My cadence")
    page.get_by_role("link", name="Set my time blocks").click()
    line = page.get_by_role("group", name="Time block 1", exact=True)
    line.get_by_label("Day").select_option(label="Tuesday")
    line.get_by_label("From").fill("09:00")
    line.get_by_label("Until").fill("09:30")
    carla.shot("coach-blocks")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="The next two weeks").wait_for()

    page = goes_by_the_navigation(carla, "Strategy", "Guidelines")
    page.get_by_role("link", name="Write a guideline").first.click()
    page.get_by_label("Title").fill("How we speak")
    page.get_by_label("Text").fill("As we would at the counter.")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("It holds from now on.").wait_for()

    page = goes_by_the_navigation(carla, "People and time", "Surge plans")
    page.get_by_role("link", name="Plan for a surge").click()
    page.get_by_label("What is expected").fill("The new model")
    page.get_by_role("group", name="Who helps").get_by_label("Gita").check()
    page.get_by_label("What we publish ourselves waits meanwhile").check()
    carla.shot("coach-surge")
    assert check_with_axe(page) == []
    page.get_by_role("button", name="Save").click()
    page.get_by_text("waits until it is over").wait_for()

    page = goes_by_the_navigation(carla, "People and time", "Training")
    page.get_by_role("link", name="Drills").click()
    page.get_by_role("link", name="Write a drill").first.click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Start it").click()
    page.get_by_text("7 lines to come").wait_for()
    carla.shot("coach-drill")
    assert check_with_axe(page) == []

    with acting_for(stage.organization):
        assert Organization.objects.get(pk=stage.organization.pk).level == "engaging"
        assert sum(row.hours for row in BudgetedTime.objects.all()) == 20
        assert TimeBlock.objects.get().weekday == 1
        assert GuidelineSection.objects.get().title == "How we speak"
        assert SurgePlan.objects.get().holds_content
        assert Drill.objects.get().is_playing
