"""Guidelines, strategy, huddle, presences, experts and duties at a real browser: empty, at work, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from maturity.actions.guidelines import add_guideline, change_guideline
from maturity.actions.reading import acknowledge_guidelines
from maturity.models import GapReport, GuidelineSection, GuidelineVersion
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor

Visit = Callable[..., Visitor]
ADDRESSES = (
    "/guidelines/", "/guidelines/gaps/", "/guidelines/readers/", "/guidelines/book/", "/playbook/strategy/",
    "/playbook/goals/add/", "/huddle/", "/presences/", "/presences/note/", "/experts/", "/playbook/duties/",
)  # fmt: skip


def write(stage: Cast) -> GuidelineSection:
    """A guideline of two versions, to the first of which Rosa has said yes."""
    at = clock.now() - timedelta(days=3)
    with acting_for(stage.organization):
        section = add_guideline(stage.organization, title="Tone", text="Be kind.", by=stage.carla, at=at)
        said = list(GuidelineVersion.objects.current())
        acknowledge_guidelines(stage.organization, versions=said, by=stage.rosa, at=at)
        return change_guideline(section, title="Tone", text="Be kind and brief.", by=stage.carla, at=clock.now())


def look(who: Visitor, name: str) -> None:
    for address in ADDRESSES:
        who.goes_to(address)
        who.shot(f"words-{name}-{address.strip('/').replace('/', '-')}")
        assert check_with_axe(who.page) == [], address
        assert who.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_a_gap_goes_from_the_conversation_to_a_guideline_and_back_without_script(visitor: Visit, stage: Cast) -> None:
    write(stage)
    with acting_for(stage.organization):
        row = factories.assignment(department=stage.care, member=stage.rosa, text="Do you buy used ones?")
    rosa: Any = visitor(width=390, script=False).signs_in(stage.rosa)
    rosa.goes_to(f"/queue/{row.pk}/")
    rosa.page.get_by_text("No guideline covers this").click()
    rosa.page.get_by_label("What is missing?").fill("Used ones")
    rosa.page.get_by_role("button", name="Tell the coaches").click()
    rosa.page.get_by_text("Rosa reported a gap").wait_for()
    carla: Any = visitor(script=False).signs_in(stage.carla)
    carla.goes_to("/guidelines/gaps/")
    carla.page.get_by_role("link", name="Write a guideline").click()
    assert carla.page.get_by_label("Used ones").is_checked()
    carla.page.get_by_label("Title").fill("Used ones")
    carla.page.get_by_label("Text").fill("We help to find one.")
    carla.page.get_by_role("button", name="Save").click()
    carla.page.get_by_text("It holds from now on.").wait_for()
    with acting_for(stage.organization):
        assert not GapReport.objects.open().exists()
    rosa.goes_to("/guidelines/")
    rosa.page.get_by_text("2 sections wait for your yes").wait_for()
    rosa.page.get_by_role("link", name="What changed").click()
    assert rosa.page.locator("ins").inner_text().strip() == "and brief"
    rosa.goes_to("/guidelines/")
    rosa.page.get_by_role("button", name="Yes, I keep to them").click()
    rosa.page.get_by_text("Your yes to 2 sections is kept.").wait_for()


def test_the_pages_are_for_everybody(visitor: Visit, stage: Cast) -> None:
    carla = visitor().signs_in(stage.carla)
    look(carla, "nothing")
    section = write(stage)
    phone = visitor(width=390, dark=True).signs_in(stage.carla)
    look(phone, "phone")
    phone.goes_to(f"/guidelines/{section.pk}/changes/")
    assert check_with_axe(phone.page) == []
    carla.goes_to("/guidelines/book/")
    carla.page.emulate_media(media="print")
    assert not carla.page.get_by_role("link", name="Guidelines").is_visible(), "paper has no way back"
    carla.shot("words-printed")
