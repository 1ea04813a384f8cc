"""The house around a page is the same on most: what was found in order once is passed over.

The same means: the same markup, but for which line is the page's own, with the same styles in the same width and
colours. The line that is the page's own is looked at on every page.
"""

from __future__ import annotations

# A function for the page: a name for the house as it looks, or nothing where there is none.
NAME_OF_HOUSE = """
async () => {
  const around = [...document.querySelectorAll("body > :is(.topbar, .sidebar, .bottombar)")].map((part) => {
    const plain = part.cloneNode(true);
    for (const hidden of plain.querySelectorAll("input[type=hidden]")) hidden.removeAttribute("value");
    for (const here of plain.querySelectorAll("[aria-current]")) here.removeAttribute("aria-current");
    return plain.outerHTML;
  });
  if (!around.length) return "";
  const root = document.documentElement;
  const look = [innerWidth, root.className, root.dataset.theme, matchMedia("(prefers-color-scheme: dark)").matches];
  look.push(document.body.className, ...Array.from(document.styleSheets, (sheet) => sheet.href));
  const house = new TextEncoder().encode(JSON.stringify([look, around]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", house));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
"""
