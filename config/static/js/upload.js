// Files go in parts, by the protocol tus 1.0, and go on where the line broke off, even after the page was left.
//   <form data-upload="<address>" data-upload-most="<megabytes>" enctype="multipart/form-data"> with a field `file`, which
//   may take several, [data-upload-list] with the words for what becomes of each, a <template> for its lines, and
//   [data-upload-said], which is read aloud. Files may be dropped anywhere on the page.
// When all is there the form is sent without the files, naming the media that they became.
const PART = 2_000_000;
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const PREFIX = "touchline:upload:";
const HEADERS = { "Tus-Resumable": "1.0.0" };

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const keyOf = (form, file) => `${PREFIX}${form.dataset.upload}:${file.name}:${file.size}:${file.lastModified}`;

function remember(key, address) {
  try {
    if (address) localStorage.setItem(key, address);
    else localStorage.removeItem(key);
  } catch {
    // Without a storage it begins anew after the page was left.
  }
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const named = (name) => btoa(String.fromCharCode(...new TextEncoder().encode(name.slice(-300))));

class Refused extends Error {}

async function ask(method, address, headers, body) {
  const answer = await fetch(address, { method, headers: { ...HEADERS, ...headers }, body, redirect: "error" });
  if (answer.status === 422) throw new Refused(await answer.text());
  return answer;
}

async function begin(form, file, key, token) {
  const known = remembered(key);
  if (known) {
    const answer = await ask("HEAD", known, {});
    if (answer.ok) return { address: known, offset: Number(answer.headers.get("Upload-Offset")) };
    remember(key, null);
  }
  const headers = { "X-CSRFToken": token, "Upload-Length": String(file.size), "Upload-Metadata": `filename ${named(file.name)}` };
  const answer = await ask("POST", form.dataset.upload, headers);
  if (!answer.ok) throw new Error(String(answer.status));
  remember(key, answer.headers.get("Location"));
  return { address: answer.headers.get("Location"), offset: 0 };
}

async function send(form, file, token, said) {
  const key = keyOf(form, file);
  let there = null;
  for (let tries = 0; ;) {
    try {
      there ??= await begin(form, file, key, token);
      said(there.offset === file.size ? "checking" : "sending", there.offset);
      const headers = { "X-CSRFToken": token, "Upload-Offset": String(there.offset), "Content-Type": "application/offset+octet-stream" };
      const answer = await ask("PATCH", there.address, headers, file.slice(there.offset, there.offset + PART));
      if (answer.status === 404) remember(key, null);
      if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
      there.offset = Number(answer.headers.get("Upload-Offset"));
      tries = 0;
      const media = answer.headers.get("Upload-Media");
      if (media) {
        remember(key, null);
        return media;
      }
    } catch (problem) {
      if (problem instanceof Refused) {
        remember(key, null);
        throw problem;
      }
      there = null;
      if (tries >= WAITS_MS.length) throw problem;
      said("again", null);
      await wait(WAITS_MS[tries++]);
    }
  }
}

let chosen = [];

const state = (form, one, what, words) => {
  const said = words ?? form.querySelector("[data-upload-list]").dataset[what];
  const place = one.row.querySelector("[data-state]");
  if (place.textContent === said) return;
  place.textContent = said;
  form.querySelector("[data-upload-said]").textContent = `${one.file.name}: ${said}`;
};

function choose(form) {
  const line = form.querySelector("template").content.firstElementChild;
  chosen = [...form.elements.file.files].map((file) => {
    const row = line.cloneNode(true);
    row.querySelector("[data-name]").textContent = file.name;
    row.querySelector("progress").setAttribute("aria-label", file.name);
    return { file, row };
  });
  form.querySelector("[data-upload-list]").replaceChildren(...chosen.map(({ row }) => row));
  // What is to be seen is said of one.
  const alt = form.elements.alt;
  alt.disabled = alt.closest(".field").hidden = chosen.length > 1;
}

async function upload(form, one) {
  one.isRefused = one.file.size > Number(form.dataset.uploadMost) * 1_000_000;
  if (one.isRefused) return state(form, one, "tooLarge");
  const bar = one.row.querySelector("progress");
  try {
    one.media = await send(form, one.file, form.elements.csrfmiddlewaretoken.value, (what, offset) => {
      state(form, one, what);
      if (offset !== null) bar.value = (100 * offset) / one.file.size;
    });
    bar.value = 100;
    state(form, one, "arrived");
  } catch (problem) {
    one.isRefused = problem instanceof Refused;
    state(form, one, "failed", one.isRefused ? problem.message : undefined);
  }
  return undefined;
}

async function uploadAll(form, button) {
  // What was refused has been read once it is pressed again; the others go on without it.
  const some = chosen.some(({ media }) => media);
  const wanted = chosen.filter((one) => !one.media && !(some && one.isRefused));
  button.disabled = form.elements.file.disabled = true;
  for (const one of wanted) await upload(form, one);
  button.disabled = form.elements.file.disabled = false;
  if (wanted.some(({ media }) => !media)) return button.focus();
  for (const { media } of chosen) {
    if (media) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "media", value: media }));
  }
  form.elements.file.disabled = true;
  return form.submit();
}

document.addEventListener("change", ({ target }) => target.matches("form[data-upload] [type=file]") && choose(target.form));

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-upload]")) return;
  if (chosen.length !== form.elements.file.files.length) choose(form);
  if (!chosen.length) return;
  event.preventDefault();
  uploadAll(form, event.submitter ?? form.querySelector("button"));
});

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = document.querySelector("form[data-upload]");
    if (!form || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.classList.toggle("upload--over", kind === "dragover");
    const input = form.elements.file;
    if (kind !== "drop" || input.disabled) return;
    form.closest("details")?.setAttribute("open", "");
    input.files = event.dataTransfer.files;
    choose(form);
    input.focus();
  });
}
