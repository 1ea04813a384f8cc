// data-go-open (or Ctrl+K) opens a list of every place of the navigation; typing narrows it, arrows walk, Enter goes.
const dialog = document.getElementById("go");
const field = dialog?.querySelector("[data-go-field]");
const list = dialog?.querySelector("[data-go-list]");
const nothing = dialog?.querySelector("[data-go-nothing]");

const plain = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const links = () => [...list.querySelectorAll("a")];
const shown = () => links().filter((link) => !link.parentElement.hidden);

function fill() {
  const places = document.querySelectorAll(".sidebar a.nav__link");
  list.replaceChildren(...[...places].map((place) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.className = "menu__item";
    link.href = place.href;
    link.textContent = place.querySelector(".nav__label").textContent;
    const room = place.closest(".nav__room")?.querySelector("summary .nav__label")?.textContent;
    if (room) link.append(Object.assign(document.createElement("small"), { textContent: room }));
    item.append(link);
    return item;
  }));
}

// Every word that is typed begins a word of the place or of its room.
function narrow() {
  const wanted = plain(field.value).split(/\s+/).filter(Boolean);
  for (const link of links()) {
    const words = plain(`${link.firstChild.textContent} ${link.querySelector("small")?.textContent ?? ""}`).split(/[\s-]+/);
    link.parentElement.hidden = !wanted.every((begin) => words.some((word) => word.startsWith(begin)));
  }
  nothing.hidden = shown().length > 0;
}

function open() {
  if (document.querySelector("dialog[open]")) return;
  fill();
  field.value = "";
  narrow();
  dialog.showModal();
  field.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-go-open]")) open();
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open();
});

field?.addEventListener("input", narrow);
dialog?.addEventListener("keydown", (event) => {
  const places = shown();
  const at = places.indexOf(document.activeElement);
  if (event.key === "Enter" && document.activeElement === field) places[0]?.click();
  else if (event.key === "ArrowDown") (places[at + 1] ?? places[0])?.focus();
  else if (event.key === "ArrowUp") (at > 0 ? places[at - 1] : field).focus();
  else return;
  event.preventDefault();
});
