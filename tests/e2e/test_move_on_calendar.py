"""A card of the calendar is moved by keys, by mouse, and without script; what is refused stays where it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from content.models import Publication
from roles import clock
from roles.models import Level, Organization
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor


def test_a_card_is_moved(stage: Cast, visitor: Callable[..., Visitor]) -> None:
    Organization.objects.filter(pk=stage.organization.pk).update(level=Level.CREATING)
    # In the middle of the next week, so that there is room on both sides.
    today = clock.now().date()
    day = today + timedelta(days=9 - today.weekday())
    at = clock.now().replace(hour=9, minute=30, second=0, microsecond=0) + timedelta(days=(day - today).days)
    with acting_for(stage.organization):
        row = factories.publication(factories.variant(factories.piece("True a wheel")), due_at=at)
        factories.variant(factories.piece("Chains in winter"))

    def stands_on(wanted: date) -> bool:
        with acting_for(stage.organization):
            row.refresh_from_db()
        return bool(row.on_day == wanted)

    carla = visitor().signs_in(stage.carla)
    page = carla.page
    carla.goes_to(f"/content/calendar/?view=week&from={day}")
    assert check_with_axe(page) == []
    card = page.locator(f"#publication_{row.pk}")
    # By keys: taken up, two days on, put down; the card has the focus again, and one hears what happened.
    card.locator("[data-item-link]").focus()
    page.keyboard.press("m")
    said = page.locator("[data-speaks]")
    assert "Arrows choose the day" in said.inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "0 posts there" in said.inner_text()
    page.keyboard.press("Enter")
    page.locator(f"#day_{day + timedelta(days=2)} #publication_{row.pk}").wait_for()
    page.wait_for_function(
        "id => document.activeElement.closest('[data-entry]')?.id === id", arg=f"publication_{row.pk}"
    )
    assert stands_on(day + timedelta(days=2)) and "is planned for" in page.locator("#flash").inner_text()
    # Undone.
    page.locator("#flash").get_by_role("button", name="Undo").click()
    page.locator(f"#day_{day} #publication_{row.pk}").wait_for()
    assert stands_on(day)
    # By mouse: what has no time yet, onto a day; and left in the middle of it.
    loose = page.locator(".planner__beside [data-entry]").first
    loose.drag_to(page.locator(f"#day_{day + timedelta(days=1)}"))
    page.locator(f"#day_{day + timedelta(days=1)} [data-entry]").wait_for()
    with acting_for(stage.organization):
        assert Publication.objects.get(variant__piece__title="Chains in winter").on_day == day + timedelta(days=1)
    # What a colleague has moved meanwhile: refused, and the card stands where it is now.
    with acting_for(stage.organization):
        later = at + timedelta(hours=1)
        Publication.objects.filter(pk=row.pk).update(due_at=later, at_time=later.time())
    card.drag_to(page.locator(f"#day_{day + timedelta(days=3)}"))
    page.locator("#flash").get_by_text("has moved this meanwhile").wait_for()
    page.locator(f"#day_{day} #publication_{row.pk}").get_by_text("10:30").wait_for()
    assert stands_on(day)
    # What has begun meanwhile: refused, said, and nothing has moved.
    with acting_for(stage.organization):
        Publication.objects.filter(pk=row.pk).update(state="sending")
    card.drag_to(page.locator(f"#day_{day + timedelta(days=3)}"))
    page.locator("#flash").get_by_text("Being published").wait_for()
    carla.complaints.clear()
    assert stands_on(day) and page.locator(f"#day_{day} #publication_{row.pk}").count() == 1
    with acting_for(stage.organization):
        Publication.objects.filter(pk=row.pk).update(state="ready")
    # Without script: a link to the form, and the form.
    plain = visitor(width=390, script=False).signs_in(stage.carla)
    plain.goes_to(f"/content/calendar/?view=week&from={day}")
    plain.page.locator(f"#publication_{row.pk} [data-grab]").click()
    plain.page.get_by_label("Time", exact=True).fill("14:45")
    plain.page.get_by_role("button", name="Move").click()
    assert "14:45" in plain.page.locator(f"#publication_{row.pk}").inner_text()
