// Says who is here: <form data-presence action="…" data-live="presence:assignment:7">…<p data-presence-said>.
// Each window says “looking” while it can be seen, “writing” while somebody types in a field with data-writes, and
// “gone” when it leaves; the answer says who else is there. Without the broker the answer is simply empty.
const own = Array.from(crypto.getRandomValues(new Uint8Array(8)), (one) => (one % 36).toString(36)).join("");
const BEAT_MS = 20_000;
const WRITES_AGAIN_MS = 5_000;
const STILL_MS = 8_000;
let here = null;
let beat = 0;
let still = 0;
let saidWriting = 0;

function parcel(form, doing) {
  const data = new FormData(form);
  data.set("window", own);
  data.set("doing", doing);
  return data;
}

const writing = () => performance.now() - saidWriting < STILL_MS && saidWriting > 0;

async function say(doing) {
  const form = here;
  if (!form || document.hidden) return;
  clearTimeout(beat);
  beat = setTimeout(() => say(writing() ? "writing" : "looking"), BEAT_MS);
  try {
    const answer = await fetch(form.action, { method: "POST", body: parcel(form, doing), headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || form !== here) return;
    const said = form.querySelector("[data-presence-said]");
    const html = (await answer.text()).trim();
    if (said && said.innerHTML.trim() !== html) said.innerHTML = html;
  } catch {
    // Nobody can be asked now; what was said fades.
  }
}

function leave() {
  clearTimeout(beat);
  clearTimeout(still);
  if (here) navigator.sendBeacon(here.action, parcel(here, "gone"));
  here = null;
  saidWriting = 0;
}

function arrive() {
  const form = document.querySelector("form[data-presence]");
  if (form === here) return;
  if (here && form && form.action === here.action) {
    here = form;
    form.addEventListener("look-again", again);
    return void say(writing() ? "writing" : "looking");
  }
  leave();
  here = form;
  form?.addEventListener("look-again", again);
  say("looking");
}

const again = () => say(writing() ? "writing" : "looking");

document.addEventListener("input", (event) => {
  if (!here || !event.isTrusted || !event.target.matches?.("[data-writes]")) return;
  clearTimeout(still);
  still = setTimeout(() => {
    saidWriting = 0;
    say("looking");
  }, STILL_MS);
  if (performance.now() - saidWriting < WRITES_AGAIN_MS && saidWriting) return;
  saidWriting = performance.now();
  say("writing");
});

document.addEventListener("visibilitychange", () => (document.hidden ? leave() : arrive()));
addEventListener("pagehide", leave);
addEventListener("pageshow", (event) => event.persisted && arrive());
document.addEventListener("live-open", again);
document.addEventListener("htmx:afterSettle", arrive);
arrive();
