// Keys for what the page offers anyway: data-key="r" on a link, button or field; data-list for lists one walks with j and k.
const help = document.getElementById("keys");
const body = help?.querySelector("[data-keys-body]");
const onOff = help?.querySelector("[data-keys-switch]");
const STORE = "touchline:keys";
const CHORD_MS = 1200;
let chord = "";
let chordUntil = 0;
let place = 0;
let hadFocus = false;

const enabled = () => {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
};

const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const typing = (element) =>
  element?.isContentEditable || (element?.matches?.("input, textarea, select") && !element.matches("[type=checkbox], [type=radio], [type=submit], [type=button]"));

// Lists ---------------------------------------------------------------------------------------------------------

const lists = () => [...document.querySelectorAll("[data-list]")].filter(visible);
const itemsOf = (list) => [...list.querySelectorAll("[data-item]")].filter(visible);
const grip = (item) => item.querySelector("[data-item-link]") ?? item;

function currentItem() {
  const focused = document.activeElement?.closest?.("[data-item]");
  if (focused) return focused;
  return lists().map((list) => list.querySelector("[data-item]:has([aria-current])")).find(Boolean) ?? null;
}

function focusItem(item) {
  const target = grip(item);
  if (!target.matches("a, button, input, [tabindex]")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const current = currentItem();
  const list = current?.closest("[data-list]") ?? lists()[0];
  if (!list) return false;
  const items = itemsOf(list);
  if (!items.length) return false;
  const at = current ? items.indexOf(current) : by > 0 ? -1 : items.length;
  const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
  focusItem(next);
  return true;
}

function pick() {
  const box = currentItem()?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

// The opened one is marked at once; the server marks it on the next full page.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-item-link]");
  const list = link?.closest("[data-list='open']");
  if (!list || event.ctrlKey || event.metaKey || event.shiftKey) return;
  for (const other of list.querySelectorAll("[data-item-link][aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
});

// When what had the focus goes away (a resolved row, a swapped conversation), the focus goes where the work goes on:
// to the newly opened conversation, else to the same place in the list.
function placeOf(item) {
  const list = item?.closest("[data-list]");
  return list ? itemsOf(list).indexOf(item) : -1;
}

document.addEventListener("htmx:beforeSwap", () => {
  place = Math.max(0, placeOf(currentItem()));
  hadFocus = document.activeElement !== document.body;
});

document.addEventListener("htmx:afterSettle", () => {
  const focused = document.activeElement;
  if (!hadFocus || (focused !== document.body && visible(focused))) return;
  const heading = document.querySelector("[data-focus]");
  if (heading && visible(heading)) return heading.focus({ preventScroll: true });
  const list = lists()[0];
  const items = list ? itemsOf(list) : [];
  if (items.length) focusItem(items[Math.min(place, items.length - 1)]);
});

// Keys ----------------------------------------------------------------------------------------------------------

function holder(key) {
  const inItem = currentItem()?.querySelectorAll("[data-key]") ?? [];
  const anywhere = [...document.querySelectorAll("[data-key]")].filter((element) => !element.closest("[data-item]"));
  return [...inItem, ...anywhere].find((element) => element.dataset.key === key && (visible(element) || (element.closest("details") && visible(element.closest("details")))));
}

function act(element) {
  const menu = element.closest("details:not([open])");
  if (menu && !element.matches("summary")) menu.open = true;
  if (element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit], [type=button])")) {
    element.focus();
    element.select?.();
  } else {
    element.focus();
    element.click();
    // What is unfolded to be written in is written in.
    const fold = element.matches("summary") && element.closest("details[open]:not([data-menu])");
    if (fold) fold.querySelector("textarea, select, input:not([type=hidden])")?.focus();
  }
}

function press(key) {
  if (key === "?") return showHelp();
  const element = holder(key);
  if (element) {
    act(element);
    return true;
  }
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  if (key === "x") return pick();
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const field = event.target;
  if (typing(field)) {
    if (event.key === "Escape") field.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.form) {
      event.preventDefault();
      field.form.requestSubmit(field.form.querySelector("[data-send]") ?? undefined);
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || !enabled()) return;
  const now = performance.now();
  const keys = now < chordUntil ? `${chord} ${event.key}` : event.key;
  chordUntil = 0;
  if (event.key.length === 1 && document.querySelector(`[data-key^="${CSS.escape(event.key)} "]`) && keys === event.key) {
    chord = event.key;
    chordUntil = now + CHORD_MS;
    return;
  }
  if (press(keys)) event.preventDefault();
});

// Help ----------------------------------------------------------------------------------------------------------

const make = (name, props = {}, children = []) => {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children);
  return element;
};

function rows() {
  const said = body.dataset;
  const groups = new Map([[said.thisPage, []]]);
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    const { key, keyLabel, keyGroup } = element.dataset;
    if (seen.has(key)) continue;
    seen.add(key);
    const words = element.cloneNode(true);
    for (const extra of words.querySelectorAll?.("kbd, svg, .visually-hidden") ?? []) extra.remove();
    const label = keyLabel || element.getAttribute("aria-label") || words.textContent.trim().replace(/\s+/g, " ") || key;
    const group = keyGroup || element.closest("[data-key-group]")?.dataset.keyGroup || said.thisPage;
    groups.set(group, [...(groups.get(group) ?? []), [label, key]]);
  }
  if (lists().length) {
    groups.get(said.thisPage).unshift([said.next, "j"], [said.previous, "k"], [said.open, "Enter"]);
    if (document.querySelector("[data-item] input[type=checkbox]")) groups.get(said.thisPage).push([said.pick, "x"]);
  }
  groups.set(said.general, [[said.help, "?"]]);
  return groups;
}

function showHelp() {
  if (!help) return false;
  body.replaceChildren(
    ...[...rows()].filter(([, entries]) => entries.length).map(([title, entries]) =>
      make("section", {}, [
        make("h3", { textContent: title }),
        make("dl", { className: "keys__list" }, entries.flatMap(([label, key]) => [
          make("dt", { textContent: label }),
          make("dd", {}, key.split(" ").map((one) => make("kbd", { textContent: one }))),
        ])),
      ])),
  );
  onOff.checked = enabled();
  help.showModal();
  return true;
}

onOff?.addEventListener("change", () => {
  try {
    localStorage.setItem(STORE, onOff.checked ? "on" : "off");
  } catch {
    // A browser without storage keeps the keys on.
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys-open]")) showHelp();
  if (event.target.matches?.("dialog")) event.target.close();
});
