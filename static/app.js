// What the pages do beyond htmx. Every page also works without it.
import { all, announce, find } from "./dom.js";
import { markLines, startEditors } from "./editor.js";
import { startOutput, tick } from "./output.js";
import { startPrompt } from "./prompt.js";

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = find("[data-copied]", button);
  const text = source.editor ? source.editor.getValue() : source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text.trim());
  } catch {
    getSelection().selectAllChildren(source); // no clipboard: at least it is marked, ready to copy
    return;
  }
  label.textContent = label.dataset.copied;
  announce("Copied.");
  setTimeout(() => { label.textContent = "Copy"; }, 1500);
}

const ready = new Map(); // what the READY column said last, by pod

/** Light up pods whose READY has changed, for a moment. */
function showChanges() {
  for (const pod of all(".pod")) {
    const now = find(".pod-ready", pod).textContent;
    if ((ready.get(pod.id) ?? now) !== now) pod.classList.add("is-changed");
    ready.set(pod.id, now);
  }
}

/** Bring what has just come onto the page to life. */
function settle() {
  for (const button of all("[data-copy], [data-reset], [data-close]")) button.hidden = false;
  tick();
  markLines();
  showChanges();
  const panel = find("#panel[data-summary]");
  if (panel) {
    find("#live-summary").textContent = panel.dataset.summary;
    find(".live").dataset.mood = panel.dataset.mood;
  }
  const verdict = find("#verdict[data-say]:not([data-said])");
  if (verdict) {
    verdict.dataset.said = "";
    announce(verdict.dataset.say);
    if (find(".passed-card")) find("#nav-dot")?.classList.add("is-passed");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-close]");
  if (button?.dataset.copy) copy(button);
  else if (button) find("#sheet").close();
});

document.addEventListener("htmx:load", settle);

document.addEventListener("htmx:beforeRequest", ({ detail: { target } }) => {
  if (target?.matches(".notice-slot")) target.replaceChildren();
});

document.addEventListener("htmx:sendError", ({ detail: { target } }) => {
  if (!target?.matches(".notice-slot")) return;
  target.innerHTML = '<div class="notice is-bad"></div>';
  target.firstChild.textContent = "The lab does not answer. Is it still running in its terminal?";
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "sheet-content") return; // the stream's swaps name no target
  const sheet = find("#sheet");
  if (!sheet.open) sheet.showModal();
});

// A stream that htmx opens anew (after the lab was restarted) says where it had got to.
let lastId = "";
document.addEventListener("htmx:sseMessage", (event) => {
  lastId = event.detail.lastEventId || lastId;
});
if (window.htmx) {
  htmx.createEventSource = (url) => {
    const address = new URL(url, location.href);
    if (lastId) address.searchParams.set("read", lastId);
    return new EventSource(address);
  };
}

// On a narrow window the lessons and the cluster fold away.
for (const [selector, width] of [[".live-fold", "56rem"], [".lessons-fold", "75rem"]]) {
  const fold = find(selector);
  const narrow = matchMedia(`(max-width: ${width})`);
  const follow = () => { fold.open = !narrow.matches; };
  if (!fold) continue;
  narrow.addEventListener("change", follow);
  follow();
}

// Time counts while the page is seen and used.
let used = Date.now();
for (const kind of ["pointermove", "keydown", "scroll"]) {
  document.addEventListener(kind, () => { used = Date.now(); }, { passive: true });
}
const step = find("[data-step]")?.dataset.step;
if (step) {
  setInterval(() => {
    if (document.hidden || Date.now() - used > 120000) return;
    htmx.ajax("POST", `${step}/time`, { source: document.body, swap: "none" });
  }, 30000);
}

startEditors();
startPrompt();
startOutput();
settle();
