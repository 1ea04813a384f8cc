"""The playbook at a real browser: read on a phone, worked by a coach, without script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from maturity.actions.assessments import assess
from measurement.actions import recompute_rollups
from measurement.windows import Window
from roles import clock
from roles.models import Level, TimeBlock
from roles.permissions import decide
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor

Visit = Callable[..., Visitor]
ADDRESSES = (
    "/playbook/",
    "/playbook/practices/venues-known/",
    "/playbook/practices/days-listened/",
    "/playbook/staffing/",
)


def live(stage: Cast) -> None:
    """Work of two weeks, and two assessments."""
    at = clock.now()
    with acting_for(stage.organization):
        for number in range(60):
            moment = at - timedelta(days=1 + number % 12, hours=number % 9)
            mention = factories.mention(at=moment, post=factories.post(at=moment, network="feed"))
            answered = moment + timedelta(minutes=40) if number % 3 else None
            factories.assignment(
                department=stage.care, member=stage.rosa, mention=mention, at=moment, first_answered_at=answered,
                claimed_at=moment + timedelta(minutes=20),
            )  # fmt: skip
        TimeBlock.objects.create(member=stage.rosa, weekday=1, begins=time(9), ends=time(13))
        recompute_rollups(Window.up_to(at, days=30, zone=ZoneInfo("UTC")), at=at)
        for days in (9, 2):
            assess(stage.organization, by=None, at=at - timedelta(days=days))


def test_a_coach_attests_opens_early_and_keeps_it_without_script(visitor: Visit, stage: Cast) -> None:
    live(stage)
    carla: Any = visitor(width=390, script=False).signs_in(stage.carla)
    carla.goes_to("/playbook/practices/venues-known/")
    carla.page.get_by_label("How we know").fill("We went through the map.")
    carla.page.get_by_role("button", name="Attest it").click()
    assert carla.page.get_by_text("We went through the map.").first.is_visible()
    carla.goes_to(f"/playbook/departments/{stage.care.pk}/")
    carla.page.get_by_text("Open something early").click()
    form = carla.page.locator("form[action$='open-early/']")
    form.get_by_label("What").select_option("engagement.join")
    form.get_by_label("Why").fill("Rosa has done it for years.")
    form.get_by_role("button", name="Open it").click()
    assert carla.page.get_by_text("Rosa has done it for years.").is_visible()
    with acting_for(stage.organization):
        assert decide(stage.rosa, "engagement.join", stage.care)
    carla.goes_to("/playbook/")
    carla.page.get_by_role("button", name="Keep this assessment").click()
    carla.page.get_by_text("We know where our community talks").first.wait_for()


def test_the_pages_are_for_everybody(visitor: Visit, stage: Cast) -> None:
    carla = visitor().signs_in(stage.carla)
    for address in ("/playbook/", "/playbook/staffing/"):
        carla.goes_to(address)
        carla.shot(f"nothing-{address.strip('/').replace('/', '-')}")
        assert check_with_axe(carla.page) == [], address
    live(stage)
    phone = visitor(width=390, dark=True).signs_in(stage.elif_)
    for number, who in enumerate((carla, phone)):
        for address in ADDRESSES:
            who.goes_to(address)
            who.shot(f"{number}-{address.strip('/').replace('/', '-')}")
            assert check_with_axe(who.page) == [], address
            assert who.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    phone.page.get_by_text("What comes when").click()
    carla.goes_to("/playbook/")
    carla.page.get_by_text("Table", exact=False).first.click()
    carla.page.locator("a[href*='/assessments/']").first.click()
    carla.page.get_by_text("Against the one before").wait_for()
    carla.shot("assessment")
    assert check_with_axe(carla.page) == []


def test_what_is_locked_says_what_is_missing(visitor: Visit, stage: Cast) -> None:
    assert stage.organization.level == Level.RESPONSIVE
    rosa = visitor().signs_in(stage.rosa)
    rosa.goes_to("/joining/")
    rosa.page.get_by_role("link", name="What is missing", exact=True).click()
    rosa.page.locator("#engaging").wait_for()
    assert rosa.page.url.endswith("/playbook/#engaging")
