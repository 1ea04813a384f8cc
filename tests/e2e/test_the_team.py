"""The team at a real browser: a role composed, people from a file, and all that somebody has handed over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from engagement.actions.consults import consult
from engagement.models import Assignment, Reply
from maturity.models import Assessment
from measurement.models import Annotation
from roles import clock
from roles.actions.organization import found_organization
from roles.models import CustomRole, Member, Organization, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join_all
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor, wait_until

Visit = Callable[..., Visitor]
FILE = """email,name,role,department
nora@example.org,Nora,Night watch,
bodo@example.org,Bodo,Night watch,Customer care
"""


def places_of(who: Visitor) -> set[str]:
    """The addresses to which the navigation leads."""
    found = who.page.locator("nav a").evaluate_all("links => links.map(link => new URL(link.href).pathname)")
    return {path.removeprefix("/o/acme") for path in found}


def test_a_role_is_composed_and_people_come_from_a_file_to_feel_it(visitor: Visit, stage: Cast) -> None:
    olga: Any = visitor().signs_in(stage.olga)
    olga.goes_to("/team/roles/")
    olga.page.get_by_role("link", name="From nothing").click()
    olga.page.locator("#id_name").fill("Night watch")
    for what in ("Read mentions and posts", "Triage the stream", "See warnings"):
        olga.page.get_by_label(what, exact=True).check()
    olga.shot("custom-role")
    assert check_with_axe(olga.page) == []
    olga.page.get_by_role("button", name="Save").click()
    olga.page.get_by_text("may do 4 things").wait_for()
    olga.goes_to("/team/import/")
    olga.page.get_by_label("Or paste the lines").fill(FILE + "nobody@example.org,X,King,\n")
    olga.page.get_by_role("button", name="Try it").click()
    olga.page.get_by_text("1 line cannot be imported").wait_for()
    assert olga.page.get_by_role("button", name="Import them").count() == 0
    olga.page.get_by_label("Or paste the lines").fill(FILE)
    olga.page.get_by_role("button", name="Try it").click()
    olga.page.get_by_text("This was a trial").wait_for()
    with acting_for(stage.organization):
        assert not CustomRole.objects.get().positions.exists(), "nothing is written yet"
    olga.shot("import-tried")
    assert check_with_axe(olga.page) == []
    olga.page.get_by_role("button", name="Import them").click()
    olga.page.get_by_text("It is done.").wait_for()
    link = urlsplit(olga.page.locator("td .small").inner_text().strip()).path
    nora: Any = visitor(width=390, dark=True)
    nora.page.goto(f"{nora.address}{link}")
    assert check_with_axe(nora.page) == []
    nora.page.get_by_label("Password").fill("field-of-play-9")
    nora.page.get_by_role("button", name="Come in").click()
    nora.page.wait_for_url("**/o/acme/**")
    mine = places_of(nora)
    assert {"/stream/", "/warnings/"} <= mine and not {"/queue/", "/rules/", "/signing-in/"} & mine
    # What is taken from the role is felt at once.
    olga.goes_to("/team/roles/")
    olga.page.get_by_role("link", name="Night watch").click()
    olga.page.get_by_label("See warnings", exact=True).uncheck()
    olga.page.get_by_role("button", name="Save").click()
    olga.page.get_by_text("may do 3 things").wait_for()
    nora.goes_to("/stream/")
    assert "/warnings/" not in places_of(nora)


def test_all_that_somebody_has_is_handed_over_and_they_leave(visitor: Visit, stage: Cast) -> None:
    with acting_for(stage.organization):
        row = factories.assignment(department=stage.care, member=stage.rosa)
        Member.objects.filter(pk=stage.rui.pk).update(is_away=True, stand_in=stage.rosa)
    olga: Any = visitor(width=390, dark=True).signs_in(stage.olga)
    olga.goes_to(f"/team/{stage.rosa.pk}/")
    assert check_with_axe(olga.page) == []
    olga.page.get_by_role("link", name="Let Rosa leave").click()
    olga.page.get_by_label("Everything goes to").select_option(label="Carla")
    assert olga.page.get_by_label("Then they leave").is_checked()
    olga.shot("hand-over")
    assert check_with_axe(olga.page) == []
    assert olga.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    olga.page.get_by_role("button", name="Hand over").click()
    olga.page.get_by_text("Rosa has left.").first.wait_for()
    with acting_for(stage.organization):
        assert Assignment.objects.get(pk=row.pk).member == stage.carla
        assert not Member.objects.get(pk=stage.rosa.pk).is_active


def test_a_first_owner_who_is_alone_is_led_through_the_house(visitor: Visit, stage: Cast) -> None:
    nina = found_organization("New Works", email="nina@example.org", owner_name="Nina", at=clock.now())
    me: Any = visitor().signs_in(nina)
    page = me.page
    page.goto(f"{me.address}/")
    page.get_by_text("0 of 11 are done").wait_for()
    me.shot("set-up-at-first")
    assert check_with_axe(page) == []

    def takes(step: str) -> None:
        """Follow what is said to be next, wherever one is."""
        page.get_by_role("complementary", name="First steps").get_by_role("link", name=step).click()

    page.get_by_role("link", name="Open the settings").click()
    page.locator("#id_organization-time_zone").select_option("Europe/Lisbon")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_text("1 of 11 are done").wait_for()
    assert check_with_axe(page) == []
    takes("A department")
    page.locator("#id_name").fill("Customer care")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("2 of 11 are done").wait_for()
    page.get_by_role("complementary", name="First steps").get_by_role("link", name="First steps").click()
    page.get_by_role("button", name="I hold every role").click()
    page.get_by_text("3 of 11 are done").wait_for()
    me.shot("set-up-on-the-way")
    page.get_by_role("link", name="Write a query").click()
    page.locator("#id_name").fill("Us")
    page.locator("#id_expression").fill('"new works"')
    page.get_by_role("button", name="Save").first.click()
    page.get_by_text("4 of 11 are done").wait_for()
    with acting_for(nina.organization):
        assert Member.objects.get(pk=nina.pk).roles == set(Role)


def test_owner_and_executive_do_their_part_without_script(visitor: Visit, stage: Cast) -> None:
    with acting_for(stage.organization):
        row = factories.assignment(department=stage.care, member=stage.rosa)
    olga: Any = visitor(width=390, script=False).signs_in(stage.olga)
    olga.goes_to("/departments/")
    settings = olga.page.locator("form", has=olga.page.locator("#id_organization-time_zone"))
    settings.locator("#id_organization-time_zone").select_option("Europe/Lisbon")
    settings.get_by_role("button", name="Save").click()
    wait_until(lambda: Organization.objects.get(pk=stage.organization.pk).time_zone == "Europe/Lisbon")
    olga.goes_to(f"/team/{stage.rosa.pk}/")
    olga.page.get_by_role("link", name="Let Rosa leave").click()
    olga.page.get_by_label("Everything goes to").select_option(label="Carla")
    olga.page.get_by_role("button", name="Hand over").click()
    olga.page.get_by_text("Rosa has left.").first.wait_for()
    with acting_for(stage.organization):
        assert Assignment.objects.get(pk=row.pk).member == stage.carla

    elif_: Any = visitor(script=False).signs_in(stage.elif_)
    elif_.goes_to("/measure/")
    elif_.page.get_by_role("link", name="7 days").click()
    elif_.page.wait_for_url("**days=7**")
    elif_.goes_to("/measure/timeline/annotate/")
    elif_.page.locator("#id_title").fill("Catalogue sent")
    elif_.page.locator("#id_first_day").fill(str(clock.now().date()))
    elif_.page.get_by_role("button", name="Save").click()
    elif_.page.get_by_text("Noted on the time line.").wait_for()
    elif_.page.get_by_role("link", name="Catalogue sent").first.wait_for()
    elif_.page.get_by_role("button", name="Undo").click()
    with acting_for(stage.organization):
        wait_until(lambda: not Annotation.objects.exists())


def test_one_person_who_holds_every_role_goes_the_whole_way(visitor: Visit, stage: Cast) -> None:
    at = clock.now()
    with acting_for(stage.organization):
        (nina,) = join_all([("Nina", list(Role), None)])
        Member.objects.filter(pk__in=[stage.rosa.pk, stage.rui.pk, stage.carla.pk]).update(is_away=True)
        factories.channel()
        mention = factories.mention("Where is my brake?")
        other = factories.assignment(department=stage.care, member=stage.rosa, state="claimed", claimed_at=at)
        consult(other, question="May we promise Friday?", to=[nina], by=stage.rosa, at=at)
    me: Any = visitor(script=False).signs_in(nina)
    page = me.page
    # As gatherer.
    me.goes_to(f"/stream/{mention.pk}/")
    page.locator("summary", has_text="Give to").first.click()
    page.locator("details[open]").get_by_role("button", name="Customer care").click()
    with acting_for(stage.organization):
        wait_until(lambda: Assignment.objects.filter(mention=mention).exists())
        row = Assignment.objects.get(mention=mention)
    # As responder.
    me.goes_to(f"/queue/{row.pk}/")
    page.get_by_label("Public reply as").fill("It is on its way to you.")
    page.get_by_role("button", name="Send and resolve").click()
    page.get_by_text("on its way").first.wait_for()
    with acting_for(stage.organization):
        assert Reply.objects.get(assignment=row).by == nina
    # As booth stakeholder.
    me.goes_to("/questions/")
    page.get_by_role("link", name="May we promise Friday?").click()
    page.get_by_label("Your answer").fill("Yes.")
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_text("Thank you. Your answer is there.").wait_for()
    # As coach.
    me.goes_to("/playbook/")
    page.get_by_role("button", name="Keep this assessment").click()
    with acting_for(stage.organization):
        wait_until(lambda: Assessment.objects.filter(assessed_by=nina).exists())
    # As executive, and as owner.
    assert me.goes_to("/measure/").status == 200
    me.goes_to("/audit/")
    assert "Nina" in page.locator("main").inner_text()
    me.shot("every-role")
