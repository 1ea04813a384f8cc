// A form that loses nothing: what is typed is kept at once in this browser, a moment later at the server, each window
// for itself. What an earlier window left unsaved is brought to the server when the page opens, which offers it back.
//   <form data-keep="<member>:<what>" data-keep-url="…">  with a field "window"
//   <span data-keep-state data-saved="…" data-here="…"></span>   <div data-keep-offered hx-trigger="draft-kept" hx-get="…">
const WAIT_MS = 1500;
const AGAIN_MS = 15_000;
const PREFIX = "touchline:keep:";
const own = Array.from(crypto.getRandomValues(new Uint8Array(10)), (one) => (one % 36).toString(36)).join("");
let timer = 0;
let onItsWay = null;
let drawn = new WeakMap();

const forms = () => document.querySelectorAll("form[data-keep]");
const keyOf = (form, name = own) => `${PREFIX}${form.dataset.keep}:${name}`;

function store(key, record) {
  try {
    if (record) localStorage.setItem(key, JSON.stringify(record));
    else localStorage.removeItem(key);
  } catch {
    // A full or forbidden storage leaves the server's copy.
  }
}

function typed(form) {
  const data = new FormData(form);
  return Object.fromEntries([...data].filter(([name]) => !["csrfmiddlewaretoken", "window", "took"].includes(name)));
}

function say(form, what) {
  const state = form.querySelector("[data-keep-state]");
  if (state) state.textContent = what ? state.dataset[what] ?? "" : "";
}

function parcel(form, fields, name) {
  const data = new FormData();
  for (const [field, value] of Object.entries(fields)) data.set(field, value);
  data.set("window", name);
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken?.value ?? "");
  return data;
}

// Whoever is signed out is led to the page that signs in: that has not kept anything.
async function hand(form, fields, name) {
  const answer = await fetch(form.dataset.keepUrl, { method: "POST", body: parcel(form, fields, name), headers: { "X-Requested-With": "fetch" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
}

function save(form) {
  onItsWay = send(form).finally(() => (onItsWay = null));
  return onItsWay;
}

async function send(form) {
  clearTimeout(timer);
  timer = 0;
  if (!form.isConnected) return;
  const fields = typed(form);
  const said = JSON.stringify(fields);
  try {
    await hand(form, fields, own);
    if (JSON.stringify(typed(form)) === said) store(keyOf(form), null);
    say(form, "saved");
  } catch {
    say(form, "here");
    timer ||= setTimeout(() => save(form), AGAIN_MS);
  }
}

function remember(form) {
  if (JSON.stringify(typed(form)) === drawn.get(form)) return;
  store(keyOf(form), { fields: typed(form), at: Date.now() });
  clearTimeout(timer);
  timer = setTimeout(() => save(form), WAIT_MS);
}

async function bringBack(form) {
  let brought = false;
  const beginning = `${PREFIX}${form.dataset.keep}:`;
  let keys = [];
  try {
    keys = Object.keys(localStorage).filter((key) => key.startsWith(beginning) && key !== keyOf(form));
  } catch {
    return;
  }
  for (const key of keys) {
    try {
      const { fields } = JSON.parse(localStorage.getItem(key));
      if (JSON.stringify({ ...fields, version: "" }) !== JSON.stringify({ ...typed(form), version: "" })) {
        await hand(form, fields, key.slice(beginning.length));
        brought = true;
      }
      store(key, null);
    } catch {
      // It stays here until the server can be reached.
    }
  }
  if (brought) document.querySelector("[data-keep-offered]")?.dispatchEvent(new CustomEvent("draft-kept"));
}

function look() {
  for (const form of forms()) {
    if (drawn.has(form)) continue;
    form.elements.window.value = own;
    drawn.set(form, form.dataset.keepTyped ? "" : JSON.stringify(typed(form)));
    if (form.dataset.keepTyped) remember(form);
    void bringBack(form);
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-keep]")) remember(form);
});

// A draft that is on its way arrives before what is saved, or it would be there again afterwards.
document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.elt.matches("form[data-keep]")) return;
  clearTimeout(timer);
  timer = 0;
  if (!onItsWay) return;
  event.preventDefault();
  void onItsWay.finally(() => event.detail.issueRequest(true));
});

// What was taken needs no copy; the answer has drawn the form anew, and this one is gone.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.matches("form[data-keep]") ? event.detail.elt : null;
  if (!form) return;
  if (event.detail.successful) store(keyOf(form), null);
  else remember(form);
});
document.addEventListener("htmx:afterSettle", look);

addEventListener("pagehide", () => {
  for (const form of forms()) {
    if (timer) navigator.sendBeacon(form.dataset.keepUrl, parcel(form, typed(form), own));
  }
});

addEventListener("online", () => forms().forEach((form) => timer && save(form)));
look();
