// <details data-menu>: closes on Escape, on a click elsewhere, when the focus leaves, and when another one opens.
const open = () => document.querySelectorAll("details[data-menu][open]");

function close(menu, { refocus = false } = {}) {
  menu.open = false;
  if (refocus) menu.querySelector("summary")?.focus();
}

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) close(menu);
});

document.addEventListener("focusin", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) close(menu);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const [menu] = open();
  if (!menu) return;
  event.preventDefault();
  event.stopPropagation();
  close(menu, { refocus: menu.contains(document.activeElement) });
}, true);

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("details[data-menu][open]")) return;
  for (const other of open()) if (other !== menu && !other.contains(menu)) close(other);
  menu.querySelector("[data-menu-focus]")?.focus();
}, true);

// Whoever signs out leaves nothing here but what no server has: text that was not sent, found again by its writer only.
document.addEventListener("submit", (event) => {
  if (!new URL(event.target.action, location).pathname.endsWith("/accounts/logout/")) return;
  for (const [key, said] of Object.entries(localStorage)) if (said.includes('"synced":true')) localStorage.removeItem(key);
});

// Of tabs that do not all fit, the one that is open is in sight.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.parentElement;
  const [all, one] = [row.getBoundingClientRect(), tab.getBoundingClientRect()];
  row.scrollLeft += one.left + one.width / 2 - all.left - all.width / 2;
}
