// Keeps "12 min ago" and the clocks of response targets true while the page stays open.
const patterns = JSON.parse(document.getElementById("time_words")?.textContent ?? "null");
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const fill = (name, value) => patterns[name].replace("%(span)s", value).replace("%(n)s", value);
const UNITS = [["days", DAY], ["hours", HOUR], ["minutes", MINUTE]];

const largest = (seconds) => UNITS.find(([, unit]) => seconds >= unit) ?? UNITS[2];

function coarse(seconds) {
  const [name, size] = largest(seconds);
  return fill(name, Math.floor(seconds / size));
}

// What is to come is rounded to the nearest unit, as roles/wording.py does.
function ago(seconds, isDue) {
  if (isDue && seconds > -MINUTE) return patterns.due;
  if (Math.abs(seconds) < MINUTE) return patterns.now;
  return seconds > 0 ? fill("ago", coarse(seconds)) : fill("in", coarse(largest(-seconds)[1] / 2 - seconds));
}

function fine(seconds) {
  const index = Math.max(0, UNITS.findIndex(([, unit]) => seconds >= unit));
  const [name, size] = UNITS[index];
  const first = fill(name, Math.floor(seconds / size));
  const [smaller, step] = UNITS[index + 1] ?? [];
  const rest = step ? Math.floor((seconds % size) / step) : 0;
  return rest ? `${first} ${fill(smaller, rest)}` : first;
}

function state(left, allotted, warns) {
  if (left < 0) return "late";
  if (!Number.isNaN(warns)) return left <= warns ? "soon" : "calm";
  return left <= Math.min(Math.max(allotted / 4, 15 * MINUTE), allotted / 2) ? "soon" : "calm";
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function refresh() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = (now - Date.parse(time.dateTime)) / 1000;
    const isDue = time.dataset.ago === "due";
    if (seconds > -7 * DAY && (isDue || seconds < 7 * DAY)) set(time, ago(seconds, isDue));
  }
  for (const clock of document.querySelectorAll(".clock[data-due]")) {
    const left = (Date.parse(clock.dataset.due) - now) / 1000;
    const allotted = Number(clock.dataset.allotted);
    clock.classList.remove("clock--calm", "clock--soon", "clock--late");
    clock.classList.add(`clock--${state(left, allotted, Number(clock.dataset.warns ?? NaN))}`);
    const share = Math.round(Math.max(0, Math.min(1, left / allotted)) * 100);
    clock.querySelector(".clock__left")?.setAttribute("stroke-dasharray", `${share} 100`);
    const text = Math.abs(left) < MINUTE ? patterns.due : fill(left >= 0 ? "left" : "over", fine(Math.abs(left)));
    set(clock.querySelector("[data-clock-text]"), text);
  }
}

if (patterns) {
  setInterval(() => document.hidden || refresh(), 20_000);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
}
