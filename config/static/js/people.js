// <textarea data-people="#select">: “@” and letters open the names of the select's options below the text; arrows choose,
// Enter or Tab takes, Escape closes. Without script one types the name, which is all that the server reads.
const MOST = 6;
let field = null;
let found = [];
let chosen = 0;
let closedAt = -1;

const listOf = (one) => one.parentElement.querySelector("[role=listbox]");
const saidOf = (one) => one.parentElement.querySelector("[data-none]");
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// What stands between the last “@” of a word and the cursor; names have up to three words.
function begun(one) {
  const before = one.value.slice(0, one.selectionStart);
  const match = /(?:^|[^\w@])@([\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]+){0,2})$/u.exec(before);
  return match ? { text: match[1], start: before.length - match[1].length - 1 } : null;
}

function people(one) {
  const select = document.querySelector(one.dataset.people);
  return select ? [...select.options].filter((option) => option.value).map((option) => option.textContent.trim()) : [];
}

function fitting(one, text) {
  const wanted = folded(text);
  const names = people(one).filter((name) => folded(name).split(/\s+/).some((_word, at, words) => words.slice(at).join(" ").startsWith(wanted)));
  // A name that is written to its end needs no list.
  return names.length === 1 && folded(names[0]) === wanted ? [] : names.slice(0, MOST);
}

function draw(one) {
  const list = listOf(one);
  list.replaceChildren(...found.map((name, number) => {
    const item = document.createElement("li");
    item.id = `${list.id}_${number}`;
    item.className = "people__one";
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(number === chosen));
    item.textContent = name;
    return item;
  }));
  list.hidden = found.length === 0;
  if (found.length) {
    one.setAttribute("aria-controls", list.id);
    one.setAttribute("aria-activedescendant", `${list.id}_${chosen}`);
  } else {
    one.removeAttribute("aria-controls");
    one.removeAttribute("aria-activedescendant");
  }
}

function close() {
  if (!field) return;
  found = [];
  draw(field);
  saidOf(field).textContent = "";
  field = null;
}

function look(one) {
  const at = begun(one);
  if (!at || at.start === closedAt) {
    if (!at) closedAt = -1;
    return void close();
  }
  field = one;
  found = fitting(one, at.text);
  chosen = 0;
  draw(one);
  const said = saidOf(one);
  const words = found.length === 0 ? (at.text && !at.text.includes(" ") ? said.dataset.none : "") : found.length === 1 ? said.dataset.one : said.dataset.many.replace("%s", found.length);
  said.textContent = words;
}

function take(number) {
  const one = field;
  const at = one && begun(one);
  if (!at || !found[number]) return;
  one.setRangeText(`@${found[number]} `, at.start, one.selectionStart, "end");
  close();
  one.focus();
  one.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => event.target.matches?.("textarea[data-people]") && look(event.target));
document.addEventListener("click", (event) => {
  const item = event.target.closest?.(".people__one");
  if (item && field) return void take([...item.parentElement.children].indexOf(item));
  if (event.target !== field) close();
});
// The field keeps the focus while one chooses with the mouse.
document.addEventListener("mousedown", (event) => event.target.closest?.(".people") && event.preventDefault());
document.addEventListener("focusout", (event) => event.target === field && close());
document.addEventListener("keydown", (event) => {
  if (event.target !== field || !found.length || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    chosen = (chosen + step + found.length) % found.length;
    draw(field);
  } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") {
    take(chosen);
  } else if (event.key === "Escape") {
    closedAt = begun(field)?.start ?? -1;
    close();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}, true);
