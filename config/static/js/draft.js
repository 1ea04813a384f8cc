// What is written is never lost: at once in this browser, a moment later at the server.
//   <textarea data-draft="7:assignment:12" data-draft-url="…" data-draft-saved-at="2026-03-04T10:00:00Z">
//   <span data-draft-state="7:assignment:12" data-saved="Draft saved" data-here="…" data-restored="…"></span>
// The key begins with the member, so that two people at one browser do not find each other's words.
const WAIT_MS = 1500;
const PREFIX = "touchline:draft:";
const timers = new Map();

const store = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + key) ?? "null");
    } catch {
      return null;
    }
  },
  write(key, record) {
    try {
      localStorage.setItem(PREFIX + key, JSON.stringify(record));
    } catch {
      // A full or forbidden storage leaves the server's copy.
    }
  },
  clear(key) {
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      // Nothing was kept, then.
    }
  },
};

function say(field, what) {
  const state = document.querySelector(`[data-draft-state="${CSS.escape(field.dataset.draft)}"]`);
  if (state) state.textContent = what ? state.dataset[what] ?? "" : "";
}

const versionOf = (field) => field.form?.elements.draft_version;

function parcel(field) {
  const data = new FormData();
  data.set("text", field.value);
  data.set("saved_reply", field.form?.elements.saved_reply?.value ?? "");
  data.set("csrfmiddlewaretoken", field.form?.elements.csrfmiddlewaretoken?.value ?? "");
  if (versionOf(field)) data.set("version", versionOf(field).value);
  return data;
}

async function save(field) {
  const { draft: key, draftUrl: address } = field.dataset;
  clearTimeout(timers.get(key));
  timers.delete(key);
  if (!address || !field.isConnected) return;
  const text = field.value;
  try {
    const answer = await fetch(address, { method: "POST", body: parcel(field), headers: { "X-Requested-With": "fetch" } });
    if (answer.status === 409) return overtaken(field, await answer.json());
    if (!answer.ok) throw new Error(String(answer.status));
    const said = await answer.json();
    const version = versionOf(field);
    if (version) version.value = said.version;
    served.set(field, text);
    const record = store.read(key);
    if (record && record.text === text) store.write(key, { text, synced: true, version: said.version });
    say(field, said.kept ? "kept" : "saved");
  } catch {
    say(field, "here");
  }
}

function remember(field) {
  const key = field.dataset.draft;
  store.write(key, { text: field.value, synced: false, version: Number(versionOf(field)?.value ?? 0) });
  clearTimeout(timers.get(key));
  timers.set(key, setTimeout(() => save(field), WAIT_MS));
}

function restore(field) {
  if (field.dataset.draftReady) return;
  field.dataset.draftReady = "yes";
  served.set(field, field.value);
  field.form?.addEventListener("look-again", () => freshen(field));
  const record = store.read(field.dataset.draft);
  if (!record || record.text === field.value) return;
  // What the server already had from here may have changed elsewhere since; what it never got is the newest.
  if (record.synced) return store.clear(field.dataset.draft);
  put(field, record.text);
  // Whatever another window has written since then is kept by the server beside it.
  if (versionOf(field) && record.version) versionOf(field).value = record.version;
  say(field, "restored");
  timers.set(field.dataset.draft, setTimeout(() => save(field), WAIT_MS));
}

function put(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Another window, or a colleague ------------------------------------------------------------------------------------

// The server's text of each field as this window last knew it.
const served = new WeakMap();

function take(field, { text, version }) {
  put(field, text);
  served.set(field, text);
  if (versionOf(field)) versionOf(field).value = version;
  store.clear(field.dataset.draft);
}

async function freshen(field) {
  const address = field.form?.dataset.draftLook;
  if (!address || !field.isConnected || timers.has(field.dataset.draft)) return;
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    const now = answer.ok ? await answer.json() : null;
    if (!now || now.version <= Number(versionOf(field)?.value ?? 0) || now.text.replaceAll("\r\n", "\n") === field.value) return;
    if (timers.has(field.dataset.draft)) return; // somebody typed meanwhile; saving will tell
    if (field.value === served.get(field)) {
      const [start, end] = [field.selectionStart, field.selectionEnd];
      take(field, now);
      if (document.activeElement === field) field.setSelectionRange(start, end);
      say(field, "fresh");
    } else overtaken(field, now);
  } catch {
    // The next look will tell.
  }
}

function overtaken(field, now) {
  const box = field.form?.querySelector("[data-draft-overtaken]");
  if (!box) return;
  const whose = box.querySelector("[data-draft-whose]");
  whose.textContent = now.own || !now.by ? whose.dataset.otherWindow : now.by;
  box.querySelector("[data-draft-theirs]").textContent = now.text;
  box.hidden = false;
  box.querySelector("[data-draft-take]").onclick = () => {
    box.hidden = true;
    take(field, now);
    field.focus();
  };
  box.querySelector("[data-draft-keep]").onclick = () => {
    box.hidden = true;
    if (versionOf(field)) versionOf(field).value = now.version;
    field.focus();
    remember(field);
  };
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.querySelectorAll("[data-draft]").forEach(freshen);
});

function look() {
  document.querySelectorAll("[data-draft]").forEach(restore);
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.matches?.("[data-draft]") && event.isTrusted) remember(field);
});

document.addEventListener("text-inserted", (event) => event.target.matches?.("[data-draft]") && remember(event.target));

// Once its form has gone out and was taken, the copy here has done its work.
document.addEventListener("htmx:beforeRequest", (event) => {
  const field = event.target.querySelector?.("[data-draft]");
  if (field) clearTimeout(timers.get(field.dataset.draft));
});
document.addEventListener("htmx:afterRequest", (event) => {
  const field = event.detail.successful && event.detail.requestConfig.verb === "post" && event.target.querySelector?.("[data-draft]");
  if (field) store.clear(field.dataset.draft);
});
document.addEventListener("htmx:afterSettle", look);

addEventListener("pagehide", () => {
  for (const field of document.querySelectorAll("[data-draft]")) {
    if (timers.has(field.dataset.draft) && field.dataset.draftUrl) {
      navigator.sendBeacon(field.dataset.draftUrl, parcel(field));
    }
  }
});

look();
