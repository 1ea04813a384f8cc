"""Pages on a phone and by keys: nothing sideways, and what a key reaches shows it, in the order of the eye."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error

from roles.models import Role
from roles.tenancy import acting_for
from tests.architecture.routes import pages
from tests.architecture.rows import one_of_each
from tests.cast import Cast, join_all
from tests.e2e.conftest import Visitor
from tests.e2e.house import NAME_OF_HOUSE

# What is wrong with the page as it stands. The look of a thing is taken before and after it has the focus.
LOOK = """
async (known) => {
  const house = await NAME_OF_HOUSE();
  const around = known.includes(house) ? "body > :is(.topbar, .sidebar, .bottombar)" : "nothing";
  const passed = (one) => one.closest(around) && !one.matches("[aria-current]");
  const said = [];
  const name = (one) => one.outerHTML.replace(/\\s+/g, " ").slice(0, 120);
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[inert]");
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const reached = [...document.querySelectorAll(kinds)].filter(
    (one) => !passed(one) && seen(one) && !one.disabled && one.tabIndex >= 0 &&
      !(one.type === "radio" && !one.checked));
  const look = (one) => {
    const style = getComputedStyle(one);
    return [style.outlineStyle === "none" || style.outlineWidth === "0px" ? "" : style.outline, style.boxShadow,
            style.borderColor, style.backgroundColor].join();
  };
  const near = (one) => [one, one.parentElement, one.closest("label, form, .composer")].filter(Boolean);
  if (document.documentElement.scrollWidth > innerWidth + 1) said.push("scrolls sideways");
  for (const one of reached) {
    if (one.tabIndex > 0) said.push(`a place of its own in the order: ${name(one)}`);
    const before = near(one).map(look);
    one.focus({ focusVisible: true });
    const box = one.getBoundingClientRect();
    if (document.activeElement !== one) said.push(`takes no focus: ${name(one)}`);
    else if (near(one).every((part, place) => look(part) === before[place])) said.push(`hides it: ${name(one)}`);
    if (box.width < 1 || box.height < 1 || box.right < 1 || box.bottom + scrollY < 1) said.push(`unseen: ${name(one)}`);
  }
  for (const part of document.querySelectorAll("body *")) {
    if (passed(part)) continue;
    const style = getComputedStyle(part);
    if (!/flex|grid/.test(style.display)) continue;
    const inside = [...part.children].filter((child) => reached.some((one) => child.contains(one)) &&
      !/absolute|fixed|sticky/.test(getComputedStyle(child).position));
    inside.slice(1).forEach((child, place) => {
      const [one, next] = [inside[place].getBoundingClientRect(), child.getBoundingClientRect()];
      const above = next.bottom <= one.top + 1 && next.left < one.right - 1;
      const left = next.right <= one.left + 1 && next.top < one.bottom - 1;
      if (above || left) said.push(`comes before what it follows: ${name(child)}`);
    });
  }
  const [first] = reached;
  const past = first?.getAttribute("href") === "#main";
  if (document.querySelector("body > .sidebar") && !past) said.push("does not begin with the way past");
  return [house, said];
}
""".replace("NAME_OF_HOUSE", f"({NAME_OF_HOUSE.strip()})")


@pytest.fixture
def everything(stage: Cast) -> tuple[Any, int]:
    """Somebody with every role, and the key of one row of every kind."""
    with acting_for(stage.organization):
        key = one_of_each(stage)
        [ada] = join_all([("Ada", list(Role), None)])
    return ada, key


def test_on_a_phone_each_page_keeps_its_width_and_shows_where_one_is(
    visitor: Callable[..., Visitor], everything: tuple[Any, int]
) -> None:
    ada, _key = everything
    guest = visitor(width=390, script=False).signs_in(ada)
    found, in_order, looked = {}, set(), 0
    # One address of each kind: what stands under a key is drawn with the same parts.
    for route in pages():
        if route.parameters:
            continue
        try:
            answer = guest.goes_to(route.path)
        except Error:
            continue  # a file, which the browser puts away
        if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        looked += 1
        house, said = guest.page.evaluate(LOOK, sorted(in_order))
        if said:
            found[route.path] = said
        else:
            in_order.add(house)
    guest.complaints = []
    assert found == {}
    assert looked > 100


WALKED = (
    "/queue/",
    "/stream/",
    "/content/",
    "/measure/",
    "/measure/explore/",
    "/measure/kpis/",
    "/rules/",
    "/playbook/",
)


def test_tab_goes_through_a_page_and_out_again(visitor: Callable[..., Visitor], everything: tuple[Any, int]) -> None:
    guest = visitor().signs_in(everything[0])
    for path in WALKED:
        guest.goes_to(path)
        been: list[str] = []
        for _press in range(400):
            guest.page.keyboard.press("Tab")
            here = guest.page.evaluate(
                "() => { const one = document.activeElement; if (one === document.body || one.dataset.been) return '';"
                " one.dataset.been = 'yes'; return one.tagName + (one.getAttribute('href') ?? one.name ?? ''); }"
            )
            if not here:
                break
            been.append(here)
        assert been[0] == "A#main", path
        assert 10 < len(been) < 400, path
        left = guest.page.evaluate(
            "() => [...document.querySelectorAll('main :is(a[href], button, summary, select, textarea)')]"
            ".filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0"
            " && !one.dataset.been).map((one) => one.outerHTML.slice(0, 120))"
        )
        assert left == [], path
        guest.goes_to(path)
        guest.page.keyboard.press("Tab")
        guest.page.keyboard.press("Enter")
        assert guest.page.evaluate("document.activeElement.id") == "main", path
