"""What helps whoever answers, at a real browser: names while one types, why me, guidelines, urgency, the clock."""

from __future__ import annotations

from collections.abc import Callable

from engagement.actions.consults import consult
from engagement.actions.rules import add_rule
from engagement.models import Assignment, NoteAddressee
from engagement.routing import route
from maturity.actions.guidelines import add_guideline
from roles import clock
from roles.models import Mail
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor

Visit = Callable[..., Visitor]


def test_a_name_is_taken_from_the_list_and_told_once(visitor: Visit, stage: Cast) -> None:
    with acting_for(stage.organization):
        row = factories.assignment(department=stage.care, member=stage.rosa)
    rosa = visitor(width=390, dark=True).signs_in(stage.rosa)
    rosa.goes_to(f"/queue/{row.pk}/")
    page = rosa.page
    page.get_by_text("Write an internal note").click()
    note = page.locator("#note_text")
    note.press_sequentially("Please look, @ru")
    offered = page.get_by_role("listbox", name="Colleagues").get_by_role("option")
    offered.get_by_text("Rui").wait_for()
    assert note.get_attribute("aria-activedescendant") == "note_people_list_0"
    assert check_with_axe(page) == []
    rosa.shot("note-names")
    note.press("Escape")
    assert offered.count() == 0
    note.press_sequentially("i")
    assert offered.count() == 0
    note.fill("")
    note.press_sequentially("Please look, @r")
    offered.first.wait_for()
    names = offered.all_inner_texts()
    note.press("ArrowUp")
    note.press("ArrowDown")
    for _step in range(names.index("Rui")):
        note.press("ArrowDown")
    note.press("Enter")
    assert note.input_value() == "Please look, @Rui "
    page.get_by_role("button", name="Keep note").click()
    page.locator("#thread").get_by_text("Please look, @Rui").wait_for()
    with acting_for(stage.organization):
        assert list(NoteAddressee.objects.values_list("member", flat=True)) == [stage.rui.pk]
        assert Mail.objects.filter(kind="note").count() == 1


def test_what_stands_beside_reads_well_and_how_urgent_it_is_is_said_by_keys(visitor: Visit, stage: Cast) -> None:
    at = clock.now()
    with acting_for(stage.organization):
        bills = factories.topic("Bills")
        add_rule(stage.care, name="Bills", condition={"all": []}, topic=bills, by=stage.carla, at=at)
        for title, topics in (("How we speak", []), ("On bills", [bills])):
            text = "# First\n\nBe **kind**.\n\n- short\n- honest\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
            add_guideline(stage.organization, title=title, text=text, topics=topics, by=stage.carla, at=at)
        route([factories.mention()], at=at)
        row = Assignment.objects.get()
        consult(row, question="May we?", to=[stage.bodo], by=stage.carla, at=at)
        owner = row.member
    for width, dark in ((1440, False), (390, True)):
        person = visitor(width=width, dark=dark).signs_in(owner)
        person.goes_to(f"/queue/{row.pk}/")
        person.page.get_by_text("On bills", exact=True).click()
        person.page.get_by_text("waits for Bodo").first.wait_for()
        assert person.page.get_by_role("heading", name="Why me?").count() == 1
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width
        assert check_with_axe(person.page) == []
        person.shot(f"beside-{width}")
    page = person.page
    page.locator("body").press("u")
    page.get_by_role("button", name="Urgent").press("Enter")
    page.get_by_text("Its place in the queue is another now.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("As before.").wait_for()
    carla = visitor().signs_in(stage.carla)
    for address in ("/guidelines/", "/guidelines/add/", "/rules/add/", "/playbook/"):
        carla.goes_to(address)
        assert check_with_axe(carla.page) == [], address
        carla.shot(address.strip("/").replace("/", "-"))
