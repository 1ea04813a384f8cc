// The board: the arrows walk from column to column; the line that had the focus there has it again.
const places = new Map();
const columns = () => [...document.querySelectorAll("[data-columns] > section")];

document.addEventListener("focusin", (event) => {
  const item = event.target.closest?.("[data-item]");
  const column = item?.closest("[data-columns] > section");
  if (column) places.set(column.id, item.id);
});

function go(by) {
  const all = columns();
  const here = document.activeElement?.closest?.("[data-columns] > section");
  const next = all[Math.min(Math.max((here ? all.indexOf(here) : by > 0 ? -1 : all.length) + by, 0), all.length - 1)];
  if (!next) return;
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
  const item = document.getElementById(places.get(next.id) ?? "");
  const link = item && !item.hidden ? item.querySelector("[data-item-link]") : next.querySelector("[data-item]:not([hidden]) [data-item-link]");
  (link ?? next.querySelector("h2 a"))?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.matches?.("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open], details[data-menu][open]")) return;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by) return;
  event.preventDefault();
  go(document.dir === "rtl" ? -by : by);
});
