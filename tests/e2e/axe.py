"""Has axe look at a page, and at the house around it where it has not seen that yet."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from axe_playwright_python.base import AXE_SCRIPT

from tests.e2e.house import NAME_OF_HOUSE

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_LOOK = """
async ([known, tags]) => {
  // What fades in, or from one colour to another, is looked at as it stays.
  for (const one of document.getAnimations()) one.finish();
  const name = await NAME_OF_HOUSE();
  const around = known.includes(name) ? "body > :is(.topbar, .sidebar, .bottombar)" : "nothing";
  const parts = [...document.querySelectorAll(around)];
  for (const part of parts) {
    // axe reads the whole document before it looks at what it was given: of these parts it reads one line.
    const value = [...part.querySelectorAll("[aria-current]")];
    Object.defineProperty(part, "childNodes", { value, configurable: true });
  }
  const exclude = parts.length ? [["body > .topbar"], ["body > .sidebar"], ["body > .bottombar"]] : [];
  const include = [["html"], ...(document.querySelector("[aria-current]") ? [["[aria-current]"]] : [])];
  const found = await axe.run({ include, exclude }, { runOnly: tags, resultTypes: ["violations"] });
  for (const part of parts) delete part.childNodes;
  const said = found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
  return [name, said];
}
""".replace("NAME_OF_HOUSE", f"({NAME_OF_HOUSE.strip()})")
_in_order: set[str] = set()
_sessions: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def session_of(page: Any) -> Any:
    """What speaks with Chromium about this page in Chromium's own words."""
    if page not in _sessions:
        _sessions[page] = page.context.new_cdp_session(page)
    return _sessions[page]


def check_with_axe(page: Any) -> list[str]:
    """Return what axe finds wrong with the page, in lines."""
    if not page.evaluate("'axe' in window"):
        # Of a script that it is given as it is, Chromium keeps what it has made of it for the next page.
        session_of(page).send("Runtime.evaluate", {"expression": AXE_SCRIPT, "silent": True})
    house, said = page.evaluate(_LOOK, [sorted(_in_order), WCAG])
    if not said:
        _in_order.add(house)
    found: list[str] = said
    return found
