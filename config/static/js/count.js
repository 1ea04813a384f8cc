// Counts a text against the limits in its data-*, or in those of the option that is chosen as channel:
//   <textarea data-count="reply_count" data-limit="500" data-link-length="23">  <output id="reply_count" …>
const segmenter = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;
const LINK = /(?<![\w@/#.])https?:\/\/[^\s<>"“”]+[^\s<>"“”.,;:!?)'’\]]/gi;
const PERSON = /(?<![=/\p{L}\p{N}_])(@\w+(?:[\w.-]*\w)?)@[\p{L}\p{N}.-]*[\p{L}\p{N}](:\d{1,5})?/gu;
const WIDE = /[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]/u;

function length(text, by) {
  if (by === "bytes") return new TextEncoder().encode(text).length;
  if (by === "utf-16") return text.length;
  if (by === "weighted" && segmenter) {
    const weight = (sign) => (/\p{Extended_Pictographic}/u.test(sign) ? 2 : [...sign].reduce((n, one) => n + 1 + WIDE.test(one), 0));
    return [...segmenter.segment(text.normalize())].reduce((sum, { segment }) => sum + weight(segment), 0);
  }
  return segmenter ? [...segmenter.segment(text)].length : [...text].length;
}

function count(text, { linkLength, countBy, shortPeople }) {
  const linked = linkLength ? text.replace(LINK, "x".repeat(linkLength)) : text;
  return length(shortPeople ? linked.replace(PERSON, "$1") : linked, countBy); // people without their server
}

function show(field) {
  const output = document.getElementById(field.dataset.count);
  if (!output) return;
  const told = { ...field.dataset, ...field.form?.elements.channel?.selectedOptions?.[0]?.dataset };
  const text = field.value.trim(); // as it goes out
  const used = count(text, told) + Number(output.dataset.more ?? 0); // a title, a link that stand there too
  const limit = Number(told.limit);
  const left = limit - used;
  const over = told.byteLimit ? Math.max(0, length(text, "bytes") - told.byteLimit) : 0;
  const isLess = used > 0 && used < told.least;
  output.textContent =
    (limit ? `${used} / ${limit}` : String(used)) +
    (over ? ` · ${over} ${told.bytesOver}` : "") +
    (isLess ? ` · ${told.lessWords} ${told.least}` : "");
  output.classList.toggle("count--near", limit > 0 && left >= 0 && left <= Math.max(20, limit / 20));
  const isOver = (limit > 0 && left < 0) || over > 0;
  output.classList.toggle("count--over", isOver);
  field.setAttribute("aria-invalid", String(isOver));
}

const showAll = (root = document) => root.querySelectorAll("[data-count]").forEach(show);

document.addEventListener("input", (event) => event.target.matches?.("[data-count]") && show(event.target));
document.addEventListener("change", (event) => event.target.name === "channel" && showAll(event.target.form));
document.addEventListener("htmx:afterSettle", () => showAll());
showAll();
