// Counts a text as people see characters, against a limit:
//   <textarea data-count="reply_count" data-limit="500" data-link-length="23">  <output id="reply_count" …>
// data-count-by="bytes" or "utf-16" where a network counts so; data-byte-limit where it counts bytes besides, and
// data-bytes-over in words. The server has the last word.
const segmenter = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;
const LINK = /https?:\/\/\S+/g;

function length(text, by) {
  if (by === "bytes") return new TextEncoder().encode(text).length;
  if (by === "utf-16") return text.length;
  return segmenter ? [...segmenter.segment(text)].length : [...text].length;
}

function count(field) {
  const { limit, linkLength, countBy } = field.dataset;
  const text = field.value.trim(); // as it goes out
  if (!linkLength) return [length(text, countBy), Number(limit)];
  const links = text.match(LINK) ?? [];
  return [length(text.replace(LINK, ""), countBy) + links.length * Number(linkLength), Number(limit)];
}

function show(field) {
  const output = document.getElementById(field.dataset.count);
  if (!output) return;
  const [used, limit] = count(field);
  const left = limit - used;
  const { byteLimit, bytesOver } = field.dataset;
  const over = byteLimit ? Math.max(0, length(field.value.trim(), "bytes") - Number(byteLimit)) : 0;
  output.textContent = (limit ? `${used} / ${limit}` : String(used)) + (over ? ` · ${over} ${bytesOver}` : "");
  output.classList.toggle("count--near", limit > 0 && left >= 0 && left <= Math.max(20, limit / 20));
  const isOver = (limit > 0 && left < 0) || over > 0;
  output.classList.toggle("count--over", isOver);
  field.setAttribute("aria-invalid", String(isOver));
}

const showAll = (root = document) => root.querySelectorAll("[data-count]").forEach(show);

document.addEventListener("input", (event) => event.target.matches?.("[data-count]") && show(event.target));
document.addEventListener("htmx:afterSettle", () => showAll());
showAll();
