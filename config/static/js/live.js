// Follows the event stream and says "look-again" to the parts of the page that follow one of its topics:
//   <div data-live="queue assignment:7" hx-get="…" hx-trigger="look-again">…</div>
// The stream only says where to look, never what is there; htmx does the looking. Where the stream is away,
// every part looks by itself once a minute.
const url = document.body.dataset.liveUrl;
const GATHER_MS = 800;
const QUICK_MS = 150;
const FALLBACK_MS = 60_000;
const HIDDEN_MS = 30_000;
let source = null;
let failures = 0;
let missed = false; // whether the stream was away since the page was drawn
let retry = 0;
let hiddenSince = 0;
let gathering = 0;
const waiting = new Set();

const followers = () => document.querySelectorAll("[data-live]");

function lookAgain() {
  gathering = 0;
  if (document.hidden) return;
  const everything = waiting.has("everything");
  for (const element of followers()) {
    const topics = element.dataset.live.split(/\s+/);
    if (everything || topics.some((topic) => waiting.has(topic))) {
      element.dispatchEvent(new CustomEvent("look-again", { bubbles: false }));
    }
  }
  waiting.clear();
}

// Bursts are gathered, and open pages spread out, so that one event does not bring all of them at the same moment.
// What is about one row ("presence:assignment:7") concerns few pages, which look at once.
const isQuick = (topic) => /^(presence|assignment|draft|thread):/.test(topic) && [...followers()].some((element) => element.dataset.live.split(/\s+/).includes(topic));

function gather(topics) {
  for (const topic of topics) waiting.add(topic);
  const wait = topics.some(isQuick) ? QUICK_MS : GATHER_MS;
  if (wait === QUICK_MS) clearTimeout(gathering);
  else if (gathering) return;
  gathering = setTimeout(lookAgain, wait + Math.random() * wait);
}

function connect() {
  clearTimeout(retry);
  source?.close();
  source = new EventSource(url);
  source.addEventListener("open", () => {
    // What was said between drawing the page and now the stream tells by itself; after a break that may be too long ago.
    if (missed) gather(["everything"]);
    failures = 0;
    missed = false;
    document.body.dataset.liveState = "on";
    document.dispatchEvent(new CustomEvent("live-open"));
  });
  source.addEventListener("look", (event) => gather(event.data.split(/\s+/)));
  source.addEventListener("error", () => {
    source.close();
    failures += 1;
    missed = true;
    document.body.dataset.liveState = "off";
    retry = setTimeout(connect, Math.min(60_000, 1000 * 2 ** failures) * (0.75 + Math.random() / 2));
  });
}

function disconnect() {
  clearTimeout(retry);
  source?.close();
  source = null;
  missed = true;
}

if (url && "EventSource" in window) {
  connect();
  setInterval(() => {
    if (document.hidden && hiddenSince && Date.now() - hiddenSince > HIDDEN_MS) disconnect();
    if (!document.hidden && failures) gather(["everything"]);
  }, FALLBACK_MS / 2);
  document.addEventListener("visibilitychange", () => {
    hiddenSince = document.hidden ? Date.now() : 0;
    if (document.hidden) return;
    if (source) {
      if (waiting.size) gather([]);
    } else {
      connect();
      gather(["everything"]);
    }
  });
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => event.persisted && connect());
}
