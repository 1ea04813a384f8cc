// Pictures by keyboard: one stop for each, the arrows walk over its steps, and what a step says stands beside it.
// data-arrows on a picture, or on a table whose cells are walked over in both directions (its value: cells in a row).
const begun = new WeakSet();
const linkOf = (cell) => (cell?.matches("a") ? cell : cell?.querySelector("a")) ?? null;
const shown = (element) => element.checkVisibility?.() ?? true;
const cellsOf = (place) => [...place.querySelectorAll(place.dataset.arrows ? "td" : "svg a")].filter(shown);

function begin(place) {
  if (begun.has(place)) return;
  begun.add(place);
  const all = [...place.querySelectorAll("a[href]")];
  const words = all.map((link) => link.querySelector("title")?.textContent ?? "");
  const told = words.filter(Boolean);
  all.forEach((link, number) => {
    if (place.dataset.arrows) return;
    // Only one of two drawings of a picture has the words; here both need them, and the browser's own tip is slow.
    link.setAttribute("aria-label", (words[number] || told[number % told.length] || "").replaceAll("\n", ", "));
    link.dataset.said = words[number] || told[number % told.length] || "";
    link.querySelector("title")?.remove();
    link.removeAttribute("aria-hidden");
  });
  for (const drawing of place.dataset.arrows ? [place] : place.querySelectorAll("svg")) {
    const links = [...drawing.querySelectorAll("a[href]")];
    links.forEach((link) => link.setAttribute("tabindex", "-1"));
    links.at(place.dataset.arrows ? 0 : -1)?.setAttribute("tabindex", "0");
  }
}

function tell(link) {
  const place = link.closest("[data-arrows]");
  const tip = place?.querySelector(".chart__tip");
  if (!tip || !link.dataset.said) return;
  tip.textContent = link.dataset.said;
  tip.hidden = false;
  const [frame, strip] = [place.getBoundingClientRect(), link.getBoundingClientRect()];
  const middle = strip.left + strip.width / 2 - frame.left;
  const left = Math.min(Math.max(middle - tip.offsetWidth / 2, 0), Math.max(0, frame.width - tip.offsetWidth));
  tip.style.setProperty("left", `${left}px`);
}

const hush = (place) => {
  const tip = place?.querySelector(".chart__tip");
  if (tip) tip.hidden = true;
};

function beginAll() {
  for (const place of document.querySelectorAll("[data-arrows]")) begin(place);
}

for (const event of ["focusin", "pointerover"]) {
  document.addEventListener(event, ({ target }) => {
    const link = target.closest?.("[data-arrows] a");
    if (link) tell(link);
  });
}
for (const event of ["focusout", "pointerout"]) {
  document.addEventListener(event, ({ target }) => hush(target.closest?.("[data-arrows]")));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const here = event.target.closest?.("[data-arrows] a");
  const place = here?.closest("[data-arrows]");
  if (!place) return;
  if (event.key === "Escape") return hush(place);
  const row = Number(place.dataset.arrows) || 0;
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[event.key];
  const end = { Home: 1, End: -1 }[event.key];
  if (!by && !end) return;
  event.preventDefault();
  const cells = cellsOf(place);
  let number = end ? (end > 0 ? 0 : cells.length - 1) : cells.findIndex((cell) => linkOf(cell) === here) + by;
  while (cells[number] && !linkOf(cells[number])) number += by ?? end;
  const next = linkOf(cells[number]);
  if (!next) return;
  here.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
});

beginAll();
document.addEventListener("htmx:afterSettle", beginAll);
