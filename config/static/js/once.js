// What is on its way is not sent again: where the network is slow people press twice, and what they made would be there
// twice. `data-sent` on the form says so to the eye, as htmx's own class does.
const AGAIN_MS = 10_000;

const release = (form) => delete form.dataset.sent;

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[hx-post].htmx-request")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// Last of all: whoever sends a form by script has said so by then.
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  // The answer was a file, or was lost: one may try again.
  setTimeout(() => release(form), AGAIN_MS);
});

addEventListener("pageshow", (event) => event.persisted && document.querySelectorAll("[data-sent]").forEach(release));
