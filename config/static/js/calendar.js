// Cards of the calendar are put on another day: by mouse, by finger, or by keys; each of them sends the form of the page.
// What is refused was never moved: the card stands where it stood, and the reason is said.
const HOLD_MS = 350;
const FAR = 6;
const EDGE = 60;
let press = null; // what is pressed, before it is clear that it is dragged
let drag = null;
let held = null; // what was taken up by keys
let goal = ""; // whose card gets the focus when the calendar is there again

const root = () => document.querySelector("[data-calendar]");
const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const places = () => [...document.querySelectorAll("[data-calendar] td[data-day]")].filter(visible);
const title = (entry) => entry.querySelector(".entry__title").textContent.trim();
const fill = (pattern, words) => pattern.replace(/\{(\w+)\}/g, (_, name) => words[name]);

function say(text) {
  root().querySelector("[data-speaks]").textContent = text;
}

function mark(place) {
  for (const other of document.querySelectorAll("[data-target]")) if (other !== place) delete other.dataset.target;
  if (place) place.dataset.target = "";
}

function send(entry, place) {
  const form = document.querySelector("[data-move-form]");
  form.elements.day.value = place.closest("[data-day]").dataset.day;
  form.elements.slot.value = place.dataset.slot ?? "";
  // From where it is taken, so that a card which a colleague has moved meanwhile stays there.
  form.elements.was.value = entry.querySelector("time[data-here]")?.dateTime ?? "";
  form.elements.next.value = root().dataset.here;
  goal = entry.id;
  htmx.ajax("POST", entry.dataset.move, { source: form, target: "#calendar", swap: "outerHTML" });
}

// By pointer ----------------------------------------------------------------------------------------------------

function begin() {
  const { entry, x, y } = press;
  const box = entry.getBoundingClientRect();
  const ghost = entry.cloneNode(true);
  ghost.removeAttribute("id");
  ghost.className += " entry--ghost";
  ghost.setAttribute("aria-hidden", "true");
  ghost.style.inlineSize = `${box.width}px`;
  document.body.append(ghost);
  entry.dataset.moving = "";
  drag = { entry, ghost, dx: x - box.left, dy: y - box.top, place: null };
  follow(x, y);
}

function follow(x, y) {
  drag.ghost.style.translate = `${x - drag.dx}px ${y - drag.dy}px`;
  const below = document.elementFromPoint(x, y);
  drag.place = below?.closest("[data-slot]") ?? below?.closest("[data-calendar] [data-day][data-label]") ?? null;
  mark(drag.place);
  if (y < EDGE) scrollBy(0, -12);
  if (y > innerHeight - EDGE) scrollBy(0, 12);
}

function end(drops) {
  clearTimeout(press?.timer);
  press = null;
  if (!drag) return;
  const { entry, ghost, place } = drag;
  drag = null;
  ghost.remove();
  delete entry.dataset.moving;
  mark(null);
  const isElsewhere = place && (place.dataset.slot || place.dataset.day !== entry.dataset.day);
  if (drops && isElsewhere) send(entry, place);
}

document.addEventListener("pointerdown", (event) => {
  const entry = event.target.closest?.("[data-entry][data-move]");
  if (!entry || event.button || event.target.closest("[data-grab]")) return;
  leave();
  press = { entry, x: event.clientX, y: event.clientY, byFinger: event.pointerType === "touch" };
  // A finger that moves at once scrolls; one that rests takes the card up.
  if (press.byFinger) press.timer = setTimeout(begin, HOLD_MS);
});

document.addEventListener("pointermove", (event) => {
  if (drag) return follow(event.clientX, event.clientY);
  if (!press || Math.hypot(event.clientX - press.x, event.clientY - press.y) < FAR) return;
  if (press.byFinger) return end(false);
  begin();
  follow(event.clientX, event.clientY);
});

document.addEventListener("touchmove", (event) => drag && event.preventDefault(), { passive: false });
document.addEventListener("contextmenu", (event) => (drag || press?.byFinger) && event.preventDefault());
document.addEventListener("pointercancel", () => end(false));
document.addEventListener("pointerup", () => {
  // What was dragged is not opened too.
  if (drag) addEventListener("click", (event) => event.preventDefault(), { capture: true, once: true });
  setTimeout(() => (press = null));
  end(true);
});

// By keys -------------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const grip = event.target.closest?.("[data-grab]");
  // Pressed by a mouse it opens the form, as it does in a list, which has no days to walk over.
  if (!grip || event.detail || event.ctrlKey || event.metaKey || !places().length) return;
  event.preventDefault();
  const entry = grip.closest("[data-entry]");
  const all = places();
  const own = all.findIndex((place) => place.dataset.day === entry.dataset.day);
  const first = all.findIndex((place) => !("past" in place.dataset));
  held = { entry, grip, own, at: own >= 0 ? own : Math.max(first, 0), place: null };
  entry.dataset.moving = "";
  grip.focus();
  show(root().dataset.how);
});

function show(before = "") {
  held.place = places()[held.at];
  mark(held.place);
  held.place.scrollIntoView({ block: "nearest" });
  const said = { title: title(held.entry), day: held.place.dataset.label, n: held.place.dataset.count };
  say(`${fill(root().dataset.said, said)} ${before}`);
}

function slot() {
  const slots = [...places()[held.at].querySelectorAll("[data-slot]")];
  if (!slots.length) return;
  held.place = slots[(slots.indexOf(held.place) + 1) % slots.length];
  mark(held.place);
  say(held.place.textContent.trim());
}

function leave(words) {
  if (!held) return;
  const { entry, grip } = held;
  held = null;
  delete entry.dataset.moving;
  mark(null);
  if (words) {
    say(words);
    grip.focus();
  }
}

const across = () => (getComputedStyle(root()).direction === "rtl" ? -1 : 1);

function walk(by) {
  const next = held.at + by;
  if (next < 0 || next >= places().length) return say(root().dataset.end);
  held.at = next;
  show();
}

function drop() {
  const { entry, grip, at, own, place } = held;
  leave();
  if (at === own && !place.dataset.slot) return location.assign(grip.href);
  send(entry, place);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) return end(false);
  if (!held || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = {
    ArrowLeft: () => walk(-across()), ArrowRight: () => walk(across()), ArrowUp: () => walk(-7), ArrowDown: () => walk(7),
    s: slot, Enter: drop, Escape: () => leave(root().dataset.left),
  }[event.key];
  if (!act) return event.key === "Tab" && leave(root().dataset.left);
  event.preventDefault();
  event.stopPropagation();
  act();
}, { capture: true });

// The reader's own clock ------------------------------------------------------------------------------------------

function own() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const list = document.querySelector("[data-zones]");
  if (!zone || !list) return;
  if (![...list.options].some((option) => option.value === zone)) {
    list.add(new Option(`${root().dataset.zoneLabel}: ${zone.split("/").pop().replaceAll("_", " ")}`, zone));
  }
  const spell = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
    weekday: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  for (const time of document.querySelectorAll("time[data-here]")) time.title = spell.format(new Date(time.dateTime));
}

document.addEventListener("htmx:afterSettle", () => {
  own();
  const again = goal ? document.getElementById(goal) : null;
  goal = "";
  again?.querySelector("[data-item-link]")?.focus({ preventScroll: true });
});
own();
