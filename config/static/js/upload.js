// Files go in parts, by the protocol tus 1.0, and go on where the line broke off, even after the page was left.
//   <form data-upload="<address>" data-upload-most="<megabytes>" enctype="multipart/form-data"> with a file,
//   a disabled hidden field `media`, and [data-upload-progress] with <progress> and [data-upload-said].
// When all is there the form is sent without the file, naming the media that it became.
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

async function upload(form, file, button) {
  const box = form.querySelector("[data-upload-progress]");
  const words = form.querySelector("[data-upload-said]");
  const bar = box.querySelector("progress");
  const say = (what) => words.textContent === what || (words.textContent = what);
  box.hidden = false;
  if (file.size > Number(form.dataset.uploadMost) * 1_000_000) return say(words.dataset.tooLarge);
  button.disabled = true;
  try {
    const media = await send(form, file, form.elements.csrfmiddlewaretoken.value, (what, offset) => {
      say(words.dataset[what]);
      if (offset !== null) bar.value = (100 * offset) / file.size;
    });
    bar.value = 100;
    form.elements.media.disabled = false;
    form.elements.media.value = media;
    form.elements.file.disabled = true;
    form.submit();
  } catch (problem) {
    say(problem instanceof Refused ? problem.message : words.dataset.failed);
    button.disabled = false;
  }
  return undefined;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-upload]")) return;
  const file = form.elements.file.files[0];
  if (!file) return;
  event.preventDefault();
  upload(form, file, event.submitter ?? form.querySelector("button"));
});
