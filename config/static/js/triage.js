// Triage: a verb acts on what is ticked, else on the line that has the focus. The line goes at once and the next one has
// the focus; the server is told in order, one small request for each decision. What it refuses comes back to its place.
const form = document.getElementById("triage");
const LEAVING = new Set(["dismiss", "keep", "route_to", "restore"]);
const FEW = 10;
const FOLLOW_MS = 140;
const undos = [];
let current = null;
let everything = 0;
let sent = Promise.resolve();
let pending = 0;
let following = 0;

const list = (item) => item.closest("[data-triage]");
const link = (item) => item.querySelector("[data-item-link]");
const shown = (from = document) => [...from.querySelectorAll("[data-triage] [data-item]:not([hidden])")];
const box = (item) => item.querySelector("input[name=mention]");
const ticked = () => shown().filter((item) => box(item)?.checked);
const opened = () => document.querySelector("[data-opened]");
const beside = () => opened() && matchMedia("(min-width: 64rem)").matches;

function here() {
  if (current?.isConnected && !current.hidden) return current;
  const mark = document.querySelector("[data-triage] [data-item]:not([hidden]) [aria-current]");
  return mark?.closest("[data-item]") ?? null;
}

function focus(item) {
  current = item;
  link(item).focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

// Reading ---------------------------------------------------------------------------------------------------------

function read(item) {
  clearTimeout(following);
  const url = link(item).href;
  for (const other of document.querySelectorAll("[data-item-link][aria-current]")) other.removeAttribute("aria-current");
  link(item).setAttribute("aria-current", "true");
  history.replaceState(history.state, "", url);
  htmx.ajax("GET", url, { target: "#reading", swap: "innerHTML" });
}

// What is read follows the focus, a moment later, so that walking through the list is not held up.
document.addEventListener("focusin", (event) => {
  const item = event.target.closest?.("[data-triage] [data-item]");
  if (!item) return;
  current = item;
  if (!event.target.matches("[data-item-link]") || !beside() || opened().dataset.opened === key(item)) return;
  clearTimeout(following);
  following = setTimeout(() => current === item && read(item), FOLLOW_MS);
});

const key = (item) => item.id.split("_")[1];

// Choosing --------------------------------------------------------------------------------------------------------

function tell() {
  const said = form?.querySelector("[data-chosen]");
  if (!said) return;
  const number = ticked().length;
  const words = said.dataset;
  said.textContent = everything ? words.everything : number > 1 ? words.many.replace("%(n)s", number) : number ? words.one : "";
  const all = form.querySelector("[data-count-all]");
  const more = document.querySelector("[data-more]");
  if (all && number && number === shown().length && more && !all.dataset.asked) {
    all.dataset.asked = "yes";
    htmx.ajax("GET", all.dataset.url, { target: all, swap: "innerHTML" });
  } else if (all && !number) {
    delete all.dataset.asked;
    all.replaceChildren();
  }
}

function choose(items, on) {
  everything = 0;
  for (const item of items) if (box(item)) box(item).checked = on;
  tell();
}

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-item] input[name=mention]")) return;
  everything = 0;
  tell();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-choose-shown]")) choose(shown(), ticked().length !== shown().length);
  const all = event.target.closest?.("[data-choose-all]");
  if (all) {
    everything = Number(all.dataset.expected) || 1;
    tell();
  }
});

// Some verbs lead to a page with a form.
document.addEventListener("click", (event) => {
  const lead = event.target.closest?.("[data-lead]");
  if (!lead) return;
  const items = ticked().length ? ticked() : [here()].filter(Boolean);
  if (items.length) location.assign(`${lead.dataset.lead}?${items.map((item) => `mention=${key(item)}`).join("&")}`);
});

// Deciding --------------------------------------------------------------------------------------------------------

function after(items) {
  const all = [...list(items[0]).querySelectorAll("[data-item]:not([hidden])")];
  const rest = all.slice(all.indexOf(items.at(-1)) + 1);
  return rest.find((item) => !items.includes(item)) ?? all.filter((item) => !items.includes(item)).at(-1) ?? null;
}

function put(items, there) {
  for (const item of items) {
    item.hidden = !there;
    if (!there && box(item)) box(item).checked = false;
  }
}

function decide(submitter) {
  const [verb, one] = submitter.value.split("@");
  const chosen = one ? [document.getElementById(`mention_${parseInt(one, 10)}`)] : ticked();
  const items = chosen.length ? chosen : [here()].filter(Boolean);
  for (const menu of document.querySelectorAll("details[data-palette][open]")) menu.open = false;
  if (!items.length) {
    const first = shown()[0];
    if (first) focus(first);
    return;
  }
  const body = new FormData(form);
  body.delete("mention");
  body.delete("opened");
  // A line that stands for its whole story says so in its box.
  for (const item of items) body.append("mention", box(item)?.value ?? key(item));
  body.set("do", verb);
  body.set("seen", items.length === 1 ? items[0].dataset.state : "");
  const leaves = LEAVING.has(verb.split(":")[0]) && list(items[0]).dataset.shows !== "all";
  const next = leaves ? after(items) : items[0];
  const wasRead = items.some((item) => opened()?.dataset.opened === key(item));
  if (leaves) put(items, false);
  if (next) focus(next);
  if (leaves && next && wasRead) read(next);
  choose(items, false);
  more();
  send(submitter.getAttribute("formaction") ?? form.action, body, items, leaves);
}

function send(url, body, items, leaves) {
  pending += 1;
  sent = sent.then(async () => {
    pending -= 1;
    let answer;
    try {
      answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true" }, keepalive: true });
    } catch {
      return failed(items, "htmx:sendError");
    }
    if (answer.status >= 500 || answer.status === 404) return failed(items, "htmx:responseError", answer.status);
    if (!answer.ok) put(items, true);
    await apply(answer);
    const undo = document.querySelector("#flash form");
    if (answer.ok && undo) undos.push({ url: undo.action, body: new FormData(undo), items: leaves ? items : [] });
    // What is still on its way would come back with the list.
    if (answer.ok && !pending && !shown().length) reload();
  });
}

async function apply(answer) {
  const target = answer.headers.get("HX-Retarget");
  htmx.swap(target ?? "body", await answer.text(), { swapStyle: target ? "innerHTML" : "none" });
}

function failed(items, type, status) {
  put(items, true);
  document.dispatchEvent(new CustomEvent(type, { detail: { xhr: { status } } }));
}

// When few are left, the older ones come by themselves; when none is, the list is asked for again.
function more() {
  const next = document.querySelector("[data-triage] [data-more]:not([data-asked])");
  if (!next || list(next).querySelectorAll("[data-item]:not([hidden])").length >= FEW) return;
  next.dataset.asked = "yes";
  next.click();
}

function reload() {
  const spot = document.querySelector("template[data-when-empty]");
  if (!spot) return;
  spot.replaceWith(spot.content.cloneNode(true));
  htmx.process(document.getElementById("stream_list"));
}

// Undoing ---------------------------------------------------------------------------------------------------------

function undo() {
  const last = undos.pop();
  if (!last) return;
  document.getElementById("flash")?.replaceChildren();
  put(last.items, true);
  last.body.set("in", form.elements.in.value);
  sent = sent.then(async () => {
    const answer = await fetch(last.url, { method: "POST", body: last.body, headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer) return failed([], "htmx:sendError");
    if (!answer.ok) put(last.items, false);
    const ids = last.items.map((item) => item.id);
    await apply(answer);
    const back = ids.map((id) => document.getElementById(id)).find(Boolean);
    if (!answer.ok) return;
    if (!back) return htmx.ajax("GET", location.href.replace(/\/\d+\/(?=\?|$)/, "/"), { target: "#stream_list" });
    focus(back);
    if (beside()) read(back);
  });
}

document.addEventListener("submit", (event) => {
  if (!form) return;
  if (event.target === form) {
    if (everything && !event.submitter.value.includes("@") && !event.submitter.hasAttribute("formaction")) {
      for (const [name, value] of [["all", "1"], ["expected", everything]]) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      return;
    }
    event.preventDefault();
    decide(event.submitter);
  } else if (undos.length && event.target.closest("#flash") && event.target.action === undos.at(-1).url) {
    event.preventDefault();
    undo();
  }
});

// Keys that have no element of their own, and the choices of an open menu -------------------------------------------

const typing = (element) => element?.matches?.("input:not([type=checkbox]), textarea, select");

function walk(by) {
  const item = here() ?? shown()[0];
  if (!item) return;
  if (box(item)) box(item).checked = true;
  const all = [...list(item).querySelectorAll("[data-item]:not([hidden])")];
  const next = all[all.indexOf(item) + by];
  if (next) {
    focus(next);
    if (box(next)) box(next).checked = true;
  }
  everything = 0;
  tell();
}

document.addEventListener("keydown", (event) => {
  if (!form || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const palette = document.querySelector("details[data-palette][open]");
  const choice = palette?.querySelector(`[data-choice="${CSS.escape(event.key)}"]`);
  const acts = { J: () => walk(1), K: () => walk(-1), u: undo, o: () => here() && link(here()).click() };
  if (event.key === "Escape" && !palette && ticked().length) choose(shown(), false);
  else if (choice) choice.click();
  else if (Object.hasOwn(acts, event.key) && !palette && enabled()) acts[event.key]();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

// Single keys can be switched off in the list that ? shows.
function enabled() {
  try {
    return localStorage.getItem("touchline:keys") !== "off";
  } catch {
    return true;
  }
}
