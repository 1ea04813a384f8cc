// Messages go by themselves when they only confirm; those with Undo stay longer, errors stay until closed.
const SHORT = 6_000;
const WITH_UNDO = 20_000;
const timers = new WeakMap();

function start(item) {
  clearTimeout(timers.get(item));
  const wait = item.dataset.flash === "undo" ? WITH_UNDO : SHORT;
  timers.set(item, setTimeout(() => item.remove(), wait));
}

function startAll() {
  for (const item of document.querySelectorAll("[data-flash]")) if (!timers.has(item)) start(item);
}

// Whoever is reading or about to press gets the time for it.
for (const [type, act] of [["pointerenter", clearTimer], ["focusin", clearTimer], ["pointerleave", restart], ["focusout", restart]]) {
  document.addEventListener(type, (event) => {
    const item = event.target.closest?.("[data-flash]");
    if (item) act(item);
  }, true);
}

function clearTimer(item) {
  clearTimeout(timers.get(item));
}

function restart(item) {
  if (item.isConnected && !item.matches(":hover, :focus-within")) start(item);
}

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-flash-close]")?.closest(".flash__item")?.remove();
});

function fault(kind) {
  const region = document.getElementById("flash");
  const template = document.getElementById("flash_error");
  if (!region || !template) return;
  const item = template.content.cloneNode(true);
  const text = item.querySelector("[data-flash-text]");
  text.textContent = text.dataset[kind];
  region.replaceChildren(item);
}

document.addEventListener("htmx:sendError", () => fault("offline"));
document.addEventListener("htmx:timeout", () => fault("offline"));
document.addEventListener("htmx:responseError", (event) => fault(event.detail.xhr.status === 404 ? "gone" : "failed"));
document.addEventListener("htmx:afterSettle", startAll);
document.addEventListener("htmx:oobAfterSwap", startAll);
startAll();
