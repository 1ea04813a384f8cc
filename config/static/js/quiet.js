// What is drawn again while a page is open (data-quiet) waits while somebody is in the middle of it: a menu is open, a
// field in it has the focus or has been changed, what was pressed in it is on its way (its answer would find no page to
// say “Undo” on). It is drawn when they have done.
const late = new Set();

const touched = (field) =>
  field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked
    : field.matches("select") ? [...field.options].some((option) => option.selected !== option.defaultSelected && !(field.selectedIndex === 0 && !field.querySelector("[selected]")))
      : "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue;

function busy(place) {
  if (place.querySelector("details[open], .htmx-request")) return true;
  if (place.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) return true;
  return [...place.querySelectorAll("input, select, textarea")].some(touched);
}

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const place = event.target;
  if (!place.matches?.("[data-quiet]")) return;
  if (!busy(place)) return late.delete(place.id);
  event.preventDefault();
  event.detail.shouldSwap = false;
  late.add(place.id);
});

// An answer for what is no longer on the page comes too late.
document.addEventListener("htmx:beforeSwap", (event) => {
  const asked = event.detail.requestConfig?.elt;
  if (asked && !asked.isConnected && asked.matches("[data-live]")) event.detail.shouldSwap = false;
});

// The one that was missed comes with the next look, which must not be told that nothing is new.
function lookAgain() {
  if (!late.size || [...late].some((id) => document.getElementById(id) && busy(document.getElementById(id)))) return;
  late.clear();
  const digest = document.getElementById("conversation_digest");
  if (digest) digest.value = "";
  for (const place of document.querySelectorAll("#conversation_live, #comments_live")) {
    place.dispatchEvent(new CustomEvent("look-again"));
  }
}

document.addEventListener("toggle", () => setTimeout(lookAgain), true);
document.addEventListener("focusout", () => setTimeout(lookAgain));
// Whatever became of it: a refusal draws its message alone.
document.addEventListener("htmx:afterRequest", () => setTimeout(lookAgain));
document.addEventListener("htmx:afterSwap", (event) => event.target.id === "work" && late.clear());

// Who reads the end goes on reading the end.
let atEnd = null;

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const box = event.target.id === "thread" && event.target.closest("[data-scroll-end]");
  if (box) atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40 ? box : null;
});

document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.target.id === "thread" && atEnd) atEnd.scrollTop = atEnd.scrollHeight;
  atEnd = null;
});
