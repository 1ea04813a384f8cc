// Says every half minute, and when it is left, for how many seconds somebody was at this page: while it could be seen
// and had been touched within the last minute. The server counts a second once, however many windows tell of it.
const SAY_MS = 30_000;
const STILL_MS = 60_000;
let begun = 0; // of the stretch that was not told yet; none while nobody is at it
let touched = 0;

function say() {
  if (!begun) return;
  const now = performance.now();
  const until = Math.min(now, touched + STILL_MS);
  const form = document.querySelector("form[data-at-it]");
  const seconds = (until - begun) / 1000;
  begun = until < now || document.hidden ? 0 : now;
  if (!form || seconds < 1) return;
  const data = new FormData(form);
  data.set("seconds", seconds.toFixed(1));
  // What lies open may be other work than the page is good for by itself.
  const other = document.querySelector("[data-activity]");
  if (other) data.set("activity", other.dataset.activity);
  navigator.sendBeacon(form.action, data);
}

function touch() {
  touched = performance.now();
  if (!begun && !document.hidden) begun = touched;
}

for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "touchstart"]) {
  document.addEventListener(name, touch, { passive: true, capture: true });
}
document.addEventListener("visibilitychange", () => (document.hidden ? say() : touch()));
addEventListener("pagehide", say);
setInterval(say, SAY_MS);
touch();
