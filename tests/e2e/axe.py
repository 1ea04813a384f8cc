"""Has axe look at a page. The house around it is the same on most: what was found in order once is passed over.

The same means: the same markup, but for which line is the page's own, with the same styles in the same width and
colours. The line that is the page's own is looked at on every page.
"""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_LOOK = """
async ([known, tags]) => {
  const around = [...document.querySelectorAll("body > :is(.topbar, .sidebar, .bottombar)")].map((part) => {
    const plain = part.cloneNode(true);
    for (const hidden of plain.querySelectorAll("input[type=hidden]")) hidden.removeAttribute("value");
    for (const here of plain.querySelectorAll("[aria-current]")) here.removeAttribute("aria-current");
    return plain.outerHTML;
  });
  const root = document.documentElement;
  const look = [innerWidth, root.className, root.dataset.theme, matchMedia("(prefers-color-scheme: dark)").matches];
  look.push(document.body.className, ...Array.from(document.styleSheets, (sheet) => sheet.href));
  const house = around.length ? JSON.stringify([look, around]) : "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(house)));
  const name = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const exclude = known.includes(name) ? [["body > .topbar"], ["body > .sidebar"], ["body > .bottombar"]] : [];
  const include = [["html"], ...(document.querySelector("[aria-current]") ? [["[aria-current]"]] : [])];
  const found = await axe.run({ include, exclude }, { runOnly: tags, resultTypes: ["violations"] });
  const said = found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
  return [name, said];
}
"""
_in_order: set[str] = set()


def check_with_axe(page: Any) -> list[str]:
    """Return what axe finds wrong with the page, in lines."""
    page.evaluate(AXE_SCRIPT)
    house, said = page.evaluate(_LOOK, [sorted(_in_order), WCAG])
    if not said:
        _in_order.add(house)
    found: list[str] = said
    return found
